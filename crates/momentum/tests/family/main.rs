//! RMSProp, Adam, AdamW, narrow states, averages of the weights and steps over tensors, held to the
//! laws of `ravine-conformance`.

mod formula;
mod golden;
mod guard;
mod narrow;
#[path = "../update/ours.rs"]
mod ours;
mod rules;
mod run;
mod tensors;

/// Numbers of threads that may not change a bit.
const THREADS: [usize; 5] = [1, 2, 3, 5, 8];

/// Elements from which a step is worth a second thread.
const SHARED: usize = 2 << 15;
