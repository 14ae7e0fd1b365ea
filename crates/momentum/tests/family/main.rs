//! RMSProp, Adam, AdamW, narrow states, averages of the weights and steps over tensors, held to
//! formulas of one element.

mod formula;
mod golden;
mod guard;
mod narrow;
mod rules;
mod tensors;

/// Numbers of threads that may not change a bit.
const THREADS: [usize; 5] = [1, 2, 3, 5, 8];

/// Elements from which a step is worth a second thread.
const SHARED: usize = 2 << 15;
