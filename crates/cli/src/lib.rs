//! The program ravine: momentum training, synthetic ravines, benchmarks and bit checks.
#![forbid(unsafe_code)]
