//! The update held to the laws of `ravine-conformance`: its loop, and the numbers of a run.

mod kernel;
mod ours;
mod run;

/// Numbers of threads that may not change a bit.
const THREADS: [usize; 5] = [1, 2, 3, 5, 8];
