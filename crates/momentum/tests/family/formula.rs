//! What the laws do not cover, one element at a time.

/// The one rounding of a step's number.
#[expect(clippy::cast_possible_truncation, reason = "rounding is the point")]
pub(crate) fn round(x: f64) -> f32 {
    x as f32
}

/// `decay·m + (1 − decay)·x`, flushed.
pub(crate) fn averaged(decay: f64, m: f32, x: f32) -> f32 {
    let m = round(decay) * m + round(1.0 - decay) * x;
    if m.abs() < f32::MIN_POSITIVE { 0.0 } else { m }
}
