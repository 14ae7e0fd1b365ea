//! The rules by their definitions, one element at a time.

use half::bf16;
use ravine_momentum::{Gradient, Rounding};

/// The one rounding of a step's number.
#[expect(clippy::cast_possible_truncation, reason = "rounding is the point")]
pub(crate) fn round(x: f64) -> f32 {
    x as f32
}

/// +0 where the magnitude is below the smallest normal number.
pub(crate) fn flushed(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
}

/// `decay·m + (1 − decay)·x`, flushed.
pub(crate) fn averaged(decay: f64, m: f32, x: f32) -> f32 {
    flushed(round(decay) * m + round(1.0 - decay) * x)
}

/// What a step does to a gradient first.
pub(crate) fn seen(gradient: Gradient, g: f32) -> f32 {
    let finite = |g: f32| if g.is_finite() { g } else { 0.0 };
    let clamped = |g: f32, limit: f32| {
        let g = if limit < g { limit } else { g };
        if g < -limit { -limit } else { g }
    };
    match gradient {
        Gradient::AsIs => g,
        Gradient::Scaled(s) => s * g,
        Gradient::Clamped(limit) => clamped(g, limit),
        Gradient::FiniteScaled(s) => s * finite(g),
        Gradient::FiniteClamped(limit) => clamped(finite(g), limit),
    }
}

/// An `f32` as a `bf16`, in step `step` for the element `index`.
#[expect(clippy::cast_possible_truncation, reason = "indices count modulo 2³², halves are cut")]
pub(crate) fn narrowed(rounding: Rounding, step: u64, index: usize, x: f32) -> bf16 {
    let Rounding::Stochastic { seed } = rounding else { return bf16::from_f32(x) };
    if x.is_nan() {
        return bf16::NAN;
    }
    let mut key = seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    key = (key ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mut word = index as u32;
    word = (word ^ (word >> 16)).wrapping_mul(0x7feb_352d) ^ (key >> 32) as u32;
    word = (word ^ (word >> 15)).wrapping_mul(0x846c_a68b);
    word ^= word >> 16;
    bf16::from_bits((x.to_bits().wrapping_add(word & 0xffff) >> 16) as u16)
}
