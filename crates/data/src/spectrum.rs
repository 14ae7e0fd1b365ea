//! Prescribed eigenvalues, and what momentum makes of their ends.

use ravine_simd::math;
use thiserror::Error;

/// How the eigenvalues of a ravine lie between 1/κ and 1.
///
/// With t = i / (n − 1), for i from 0 to n − 1:
///
/// | spectrum | λᵢ |
/// |---|---|
/// | `Log` | κ^(t − 1) |
/// | `Linear` | 1/κ + (1 − 1/κ)·t |
/// | `TwoLevel` | 1/κ for the first ⌊n/2⌋, 1 for the others |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spectrum {
    /// Equal steps of the logarithm.
    #[default]
    Log,
    /// Equal steps.
    Linear,
    /// Half of them at either end.
    TwoLevel,
}

impl Spectrum {
    /// The `n` eigenvalues, ascending; the first is 1/κ and the last is 1, exactly.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_data::Spectrum;
    ///
    /// assert_eq!(Spectrum::Linear.eigenvalues(3, 4.0)?, [0.25, 0.625, 1.0]);
    /// assert_eq!(Spectrum::TwoLevel.eigenvalues(3, 4.0)?, [0.25, 1.0, 1.0]);
    /// # Ok::<(), ravine_data::SpectrumError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `n` is 0, κ is not finite or below 1, or `n` is 1 and κ is not.
    pub fn eigenvalues(self, n: usize, condition: f64) -> Result<Vec<f64>, SpectrumError> {
        if !(1.0..f64::INFINITY).contains(&condition) {
            return Err(SpectrumError::Condition { condition });
        }
        if n == 0 {
            return Err(SpectrumError::Empty);
        }
        if n == 1 && 1.0 < condition {
            return Err(SpectrumError::Single { condition });
        }
        let (low, top) = (1.0 / condition, n - 1);
        let log = math::ln(condition);
        let value = |i: usize| {
            let t = i as f64 / top as f64;
            match self {
                Self::Log => math::exp(log * (t - 1.0)),
                Self::Linear => low + (1.0 - low) * t,
                Self::TwoLevel => {
                    if i < n / 2 {
                        low
                    } else {
                        1.0
                    }
                }
            }
        };
        let mut values: Vec<f64> = (0..n).map(value).collect();
        values[0] = low;
        values[top] = 1.0;
        Ok(values)
    }
}

/// No spectrum is as asked.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum SpectrumError {
    /// The condition is outside its range.
    #[error("condition is {condition}, but 1 ≤ condition < ∞")]
    Condition {
        /// The condition.
        condition: f64,
    },
    /// No eigenvalues are asked for.
    #[error("dimensions are 0, but dimensions ≥ 1")]
    Empty,
    /// One eigenvalue has no ratio but 1.
    #[error("condition is {condition}, but in one dimension condition = 1")]
    Single {
        /// The condition.
        condition: f64,
    },
}

/// The constants of heavy-ball momentum that cross a quadratic ravine in the fewest steps.
///
/// For eigenvalues from λ₁ to λₙ, and κ = λₙ/λ₁:
///
/// ```text
/// α = (2 / (√λ₁ + √λₙ))²
/// β = ((√κ − 1) / (√κ + 1))²
/// rate  = (√κ − 1) / (√κ + 1)        error left by a step, in the limit of many
/// plain = (κ − 1) / (κ + 1)          the same without momentum, at α = 2 / (λ₁ + λₙ)
/// ```
///
/// # Examples
///
/// ```
/// use ravine_data::Best;
///
/// let best = Best::of(0.25, 1.0);
/// assert_eq!((best.lr, best.rate, best.rate_plain), (16.0 / 9.0, 1.0 / 3.0, 0.6));
/// ```
///
/// # References
///
/// B. T. Polyak, *Some methods of speeding up the convergence of iteration methods*, 1964.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    /// Learning rate α of the classic form.
    pub lr: f64,
    /// Momentum β.
    pub momentum: f64,
    /// The factor by which a step shrinks the error, in `0..1`.
    pub rate: f64,
    /// The same for plain descent at its own best rate.
    pub rate_plain: f64,
}

impl Best {
    /// The best constants for eigenvalues from `min` to `max`.
    ///
    /// # Panics
    ///
    /// Unless 0 < `min` ≤ `max`.
    #[must_use]
    pub fn of(min: f64, max: f64) -> Self {
        assert!(0.0 < min && min <= max, "eigenvalues are {min} to {max}, but 0 < min ≤ max");
        let (low, high) = (min.sqrt(), max.sqrt());
        let (root, rate) = (2.0 / (low + high), (high - low) / (high + low));
        let rate_plain = (max - min) / (max + min);
        Self { lr: root * root, momentum: rate * rate, rate, rate_plain }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Spectrum; 3] = [Spectrum::Log, Spectrum::Linear, Spectrum::TwoLevel];

    #[test]
    fn eigenvalues_ascend_from_one_over_the_condition_to_one() {
        for spectrum in ALL {
            for n in 2..20 {
                for condition in [1.0, 3.0, 1e3, 1e6] {
                    let values = spectrum.eigenvalues(n, condition).unwrap();
                    assert_eq!((values.len(), values[0], values[n - 1]), (n, 1.0 / condition, 1.0));
                    assert!(values.is_sorted(), "{spectrum:?} {n} {condition}");
                }
            }
        }
    }

    #[test]
    fn inner_eigenvalues_are_as_prescribed() {
        let log = Spectrum::Log.eigenvalues(4, 1000.0).unwrap();
        assert!((log[1] - 0.01).abs() < 1e-16 && (log[2] - 0.1).abs() < 1e-15, "{log:?}");
        let linear = Spectrum::Linear.eigenvalues(5, 5.0).unwrap();
        assert!(linear.windows(2).all(|pair| (pair[1] - pair[0] - 0.2).abs() < 1e-15));
        let low = |n| Spectrum::TwoLevel.eigenvalues(n, 8.0).unwrap().partition_point(|&x| x < 1.0);
        assert_eq!([2, 3, 6, 7].map(low), [1, 1, 3, 3]);
    }

    #[test]
    fn what_is_no_spectrum_is_refused() {
        for spectrum in ALL {
            assert_eq!(spectrum.eigenvalues(1, 1.0), Ok(vec![1.0]));
            assert_eq!(spectrum.eigenvalues(0, 1.0), Err(SpectrumError::Empty));
            let single = spectrum.eigenvalues(1, 2.0).unwrap_err();
            assert_eq!(single.to_string(), "condition is 2, but in one dimension condition = 1");
            for condition in [0.5, -1.0, f64::INFINITY, f64::NAN] {
                let error = spectrum.eigenvalues(2, condition).unwrap_err();
                assert!(matches!(error, SpectrumError::Condition { .. }), "{error}");
            }
        }
    }

    #[test]
    fn the_best_rate_is_the_modulus_of_the_roots_at_both_ends() {
        let (min, max) = (0.02, 3.0);
        let best = Best::of(min, max);
        for lambda in [min, max] {
            // r² − (1 + β − αλ)·r + β = 0 has a double root of this modulus.
            let trace = 1.0 + best.momentum - best.lr * lambda;
            assert!((trace.abs() / 2.0 - best.rate).abs() < 1e-12);
            let plain = 1.0 - 2.0 / (min + max) * lambda;
            assert!((plain.abs() - best.rate_plain).abs() < 1e-12);
        }
    }
}
