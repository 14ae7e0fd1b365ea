//! Views over slices, matrix products and activations with the same bits on every CPU.
#![forbid(unsafe_code)]
