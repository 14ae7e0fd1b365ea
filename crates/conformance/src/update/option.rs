//! What is done to parameters and gradients, whatever the rule that moves them.

use std::fmt;

use crate::round;

/// What pulls the parameters towards zero, by a positive λ or, in a step, by its rounded number.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Decay<T> {
    /// Nothing.
    None,
    /// `g ← g + λ·w`.
    Coupled(T),
    /// `w ← w − αλ·w`; in a step the number is αλ.
    Decoupled(T),
}

/// What is done to the gradient before all else.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Gradient {
    /// Nothing.
    AsIs,
    /// `g ← s·g`.
    Scaled(f32),
    /// Each element into `−C..=C`; NaN stays NaN.
    Clamped(f32),
    /// `g ← s·g`, and +0 for each element that is not finite; in no case of [`cases`](super::cases).
    FiniteScaled(f32),
    /// Each element into `−C..=C`, and +0 for each that is not finite; as rare.
    FiniteClamped(f32),
}

impl Decay<f64> {
    /// The number of a step.
    pub(crate) fn rounded(self, lr: f64) -> Decay<f32> {
        match self {
            Self::None => Decay::None,
            Self::Coupled(decay) => Decay::Coupled(round(decay)),
            Self::Decoupled(decay) => Decay::Decoupled(round(lr * decay)),
        }
    }
}

impl Decay<f32> {
    /// The gradient with the decay, where that is coupled.
    pub(crate) fn coupled(self, w: f32, g: f32) -> f32 {
        if let Self::Coupled(e) = self { g + e * w } else { g }
    }

    /// The parameter with the decay, where that is not.
    pub(crate) fn decoupled(self, w: f32) -> f32 {
        if let Self::Decoupled(e) = self { w - e * w } else { w }
    }
}

impl Gradient {
    /// The gradient that a rule sees.
    pub(crate) fn seen(self, g: f32) -> f32 {
        let finite = if g.is_finite() { g } else { 0.0 };
        match self {
            Self::AsIs => g,
            Self::Scaled(s) => s * g,
            Self::Clamped(limit) => clamped(limit, g),
            Self::FiniteScaled(s) => s * finite,
            Self::FiniteClamped(limit) => clamped(limit, finite),
        }
    }
}

fn clamped(limit: f32, g: f32) -> f32 {
    if limit < g {
        limit
    } else if g < -limit {
        -limit
    } else {
        g
    }
}

/// Says what is done, where it is anything.
pub(crate) fn tell(
    f: &mut fmt::Formatter<'_>,
    decay: Decay<f64>,
    gradient: Gradient,
) -> fmt::Result {
    match decay {
        Decay::None => {}
        Decay::Coupled(decay) => write!(f, ", coupled decay {decay}")?,
        Decay::Decoupled(decay) => write!(f, ", decoupled decay {decay}")?,
    }
    match gradient {
        Gradient::AsIs => Ok(()),
        Gradient::Scaled(s) => write!(f, ", gradient scaled by {s}"),
        Gradient::Clamped(limit) => write!(f, ", gradient clamped to {limit}"),
        Gradient::FiniteScaled(s) => write!(f, ", finite gradient scaled by {s}"),
        Gradient::FiniteClamped(limit) => write!(f, ", finite gradient clamped to {limit}"),
    }
}
