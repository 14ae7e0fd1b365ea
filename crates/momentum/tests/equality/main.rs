//! Forms that are one run in other units, by rounding or in bits, and those that are not.

mod bowl;

mod ema;
mod forms;
