//! The last rounding of what is computed in double precision.

/// Rounds to `f32`, ties to even.
#[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
pub(crate) fn narrow(value: f64) -> f32 {
    value as f32
}
