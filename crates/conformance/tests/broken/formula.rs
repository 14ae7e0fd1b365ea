//! What every step does, written once more from the contract.

use ravine_conformance::update::{Decay, Gradient};

/// +0 where the magnitude is below the smallest normal number.
pub(crate) fn flushed(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
}

/// The gradient after scaling, clamping and coupled decay.
pub(crate) fn gradient(gradient: Gradient, decay: Decay<f32>, w: f32, g: f32) -> f32 {
    let finite = if g.abs() < f32::INFINITY { g } else { 0.0 };
    let clamped = |g: f32, limit: f32| match g {
        g if g > limit => limit,
        g if g < -limit => -limit,
        g => g,
    };
    let g = match gradient {
        Gradient::AsIs => g,
        Gradient::Scaled(s) => s * g,
        Gradient::Clamped(limit) => clamped(g, limit),
        Gradient::FiniteScaled(s) => s * finite,
        Gradient::FiniteClamped(limit) => clamped(finite, limit),
    };
    if let Decay::Coupled(e) = decay { g + e * w } else { g }
}

/// The parameter after decoupled decay.
pub(crate) fn decayed(decay: Decay<f32>, w: f32) -> f32 {
    if let Decay::Decoupled(e) = decay { w - e * w } else { w }
}
