//! From `f64` to the kernels' type.

/// Rounds once, to the nearest.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding to the kernels' type")]
pub(crate) fn narrow(x: f64) -> f32 {
    x as f32
}

/// The number that the kernels make of `x`.
pub(crate) fn rounded(x: f64) -> f64 {
    f64::from(narrow(x))
}
