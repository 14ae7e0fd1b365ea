//! Criterion benches of the cases that `ravine bench` runs.
#![forbid(unsafe_code)]
