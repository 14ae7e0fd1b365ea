//! Momentum in all its forms, and moving averages, as SIMD kernels over flat slices.
#![forbid(unsafe_code)]
