//! Gradients kept within bounds.

use ravine_simd::{Level, Par, sum};

use crate::{Gradient, round};

/// The norm of a whole gradient: `√Σ gᵢ²`, in `f64`, its bits independent of level and threads.
///
/// Clipping needs the norm of *all* parameters' gradients. It is finite exactly where every
/// element is, so it also says whether a step may be taken. Reads 4 bytes per parameter.
#[must_use]
pub fn global_norm(level: Level, par: Par, grads: &[f32]) -> f64 {
    sum::squares(level, par, grads).sqrt()
}

/// Scales a gradient of norm `norm` down to `limit`: by `limit/norm`, rounded to `f32` once, where
/// `limit < norm`; leaves it as it is elsewhere.
///
/// PyTorch's `clip_grad_norm_` adds 10⁻⁶ to the norm it divides by; this does not. What is to
/// become of a norm that is not finite the caller decides before: by this function a NaN leaves
/// the gradient as it is, and an infinity makes it NaN where it is infinite.
///
/// # Panics
///
/// If the limit is not positive; [`Guard`](crate::Guard) has it checked with an error.
///
/// # Examples
///
/// ```
/// use ravine_momentum::{Gradient, clip};
/// use ravine_simd::{Level, Par};
///
/// let norm = clip::global_norm(Level::detect(), Par::Seq, &[3.0, 4.0]);
/// assert_eq!(clip::by_norm(norm, 2.5), Gradient::Scaled(0.5));
/// assert_eq!(clip::by_norm(norm, 5.0), Gradient::AsIs);
/// ```
#[must_use]
pub fn by_norm(norm: f64, limit: f64) -> Gradient {
    assert!(0.0 < limit, "limit is {limit}, but 0 < limit");
    if limit < norm { Gradient::Scaled(round(limit / norm)) } else { Gradient::AsIs }
}

/// Brings each element into `−limit..=limit`, `limit` rounded to `f32` once.
///
/// # Panics
///
/// If the limit is not positive; [`Guard`](crate::Guard) has it checked with an error.
#[must_use]
pub fn by_value(limit: f64) -> Gradient {
    assert!(0.0 < limit, "limit is {limit}, but 0 < limit");
    Gradient::Clamped(round(limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_norm_does_not_depend_on_level_or_threads() {
        let grads: Vec<f32> = (0..20_001_u16).map(|i| 1.0 / (f32::from(i) - 7000.5)).collect();
        let want = global_norm(Level::scalar(), Par::Seq, &grads);
        let exact = grads.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>().sqrt();
        let is_near = (want - exact).abs() < 1e-12 * exact;
        assert!(is_near, "{}: {want}, not {exact}", Level::scalar());
        for level in Level::available() {
            for threads in [1, 2, 3, 5, 8] {
                let norm = global_norm(level, Par::threads(threads), &grads);
                assert_eq!(norm.to_bits(), want.to_bits(), "{level}, {threads} threads");
            }
        }
    }

    #[test]
    fn the_norm_is_finite_exactly_where_every_element_is() {
        for (hole, finite) in
            [(f32::MAX, true), (f32::NAN, false), (f32::INFINITY, false), (-f32::INFINITY, false)]
        {
            for at in [0, 16, 36] {
                let mut grads = vec![f32::MAX; 37];
                grads[at] = hole;
                let norm = global_norm(Level::detect(), Par::Seq, &grads);
                assert_eq!(norm.is_finite(), finite, "{hole} at {at}");
            }
        }
    }

    #[test]
    fn only_gradients_beyond_the_limit_are_scaled() {
        assert_eq!(by_norm(3.0, 1.0), Gradient::Scaled(round(1.0 / 3.0)));
        assert_eq!(by_norm(1.0, 1.0), Gradient::AsIs);
        assert_eq!(by_norm(0.0, 1.0), Gradient::AsIs);
        assert_eq!(by_norm(f64::NAN, 1.0), Gradient::AsIs);
        assert_eq!(by_value(0.1), Gradient::Clamped(0.1));
    }
}
