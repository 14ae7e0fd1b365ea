//! Momentum in all its forms, and moving averages, as SIMD kernels over flat slices.
#![forbid(unsafe_code)]

mod rule;
mod step;
mod sweep;

mod form;
mod rates;
mod sgd;

mod convert;
mod look_ahead;

pub mod clip;
mod schedule;

pub mod ema;
pub mod sma;

pub use convert::Conversion;
pub use ema::{Ema, VectorEma};
pub use form::Form;
pub use rates::{HyperError, Rates};
pub use rule::Rule;
pub use schedule::Schedule;
pub use sgd::{Sgd, State, WeightDecay};
pub use sma::Sma;
pub use step::{Decay, Gradient, Motion, Step};

/// Rounds a number of a step, the only rounding between its `f64` and its `f32`.
#[expect(clippy::cast_possible_truncation, reason = "rounding is the point")]
fn round(x: f64) -> f32 {
    x as f32
}
