//! From `f64` to the kernels' type.

use ravine::theory::Optimum;

/// Rounds once, to the nearest.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding to the kernels' type")]
pub(crate) fn narrow(x: f64) -> f32 {
    x as f32
}

/// Rates as the kernels have them, with the rate of convergence that the exact ones have.
pub(crate) fn optimum(exact: Optimum) -> Optimum {
    Optimum { lr: rounded(exact.lr), momentum: rounded(exact.momentum), ..exact }
}

/// The number that the kernels make of `x`.
pub(crate) fn rounded(x: f64) -> f64 {
    f64::from(narrow(x))
}
