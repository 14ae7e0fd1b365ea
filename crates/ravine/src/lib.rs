//! Momentum training on the CPU with the same bits on every instruction set and thread count.
#![forbid(unsafe_code)]
