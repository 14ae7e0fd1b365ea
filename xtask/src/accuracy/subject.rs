//! What is measured, and against which truth.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use ravine_simd::{Level, Par};
use ravine_tensor::{Activation, function};

/// A function, what it should be, and the error that its documentation states.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) ours: fn(Level, Par, &mut [f32], &[f32]),
    pub(super) truth: fn(f64) -> f64,
    /// The least that an ulp counts at an argument: zero, but where terms of the function cancel,
    /// or are subnormal. Where an ulp of the truth is less, its sign is the rounding's.
    pub(super) least: fn(f64) -> f64,
    pub(super) bound: f64,
}

/// The oracles share nothing with the kernels: exp, ln and tanh are the platform's, erf is that of
/// the crate `libm`. They are off by less than 2⁻⁴⁰ of the value, or of the terms of a slope, which
/// is 2⁻¹⁶ ulp of `f32`.
pub(super) const SUBJECTS: [Subject; 7] = [
    Subject { name: "exp", ours: function::exp, truth: f64::exp, least: zero, bound: 1.0 },
    Subject { name: "ln", ours: function::ln, truth: f64::ln, least: zero, bound: 0.83 },
    Subject { name: "tanh", ours: function::tanh, truth: f64::tanh, least: zero, bound: 1.34 },
    Subject { name: "sigmoid", ours: function::sigmoid, truth: sigmoid, least: zero, bound: 1.68 },
    Subject { name: "erf", ours: function::erf, truth: libm::erf, least: zero, bound: 1.43 },
    Subject {
        name: "gelu",
        ours: |level, par, y, x| Activation::Gelu.forward(level, par, y, x),
        truth: gelu,
        least: zero,
        bound: 4.3,
    },
    Subject {
        name: "gelu's slope",
        ours: slope,
        truth: gelu_slope,
        least: slope_least,
        bound: 6.5,
    },
];

fn zero(_: f64) -> f64 {
    0.0
}

fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

fn gelu(x: f64) -> f64 {
    // At −∞ the formula has ∞·0.
    if x == f64::NEG_INFINITY { -0.0 } else { x * distribution(x) }
}

/// `Φ(x) + x·φ(x)`.
fn gelu_slope(x: f64) -> f64 {
    let density = (-x * x / 2.0).exp() / TAU.sqrt();
    // At ±∞ the formula has ∞·0.
    if x.is_infinite() { distribution(x) } else { distribution(x) + x * density }
}

/// The terms cancel at −0.75, and φ is subnormal below −13.1.
fn slope_least(x: f64) -> f64 {
    f64::from(if x < -1.5 { f32::from_bits(2) } else { f32::EPSILON / 8.0 })
}

/// The normal distribution Φ.
fn distribution(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// GELU's slope: what comes back of a gradient of ones. What `forward` wrote is not looked at.
fn slope(level: Level, par: Par, y: &mut [f32], x: &[f32]) {
    y.fill(1.0);
    Activation::Gelu.backward(level, par, y, x, x);
}
