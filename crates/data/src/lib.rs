//! Ravines with known answers, and tables of numbers read from files.
#![forbid(unsafe_code)]
