//! Two slices that should agree.

use std::fmt;

use crate::{Element, Float};

/// How closely results must agree. A NaN agrees with any NaN and with nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Agreement {
    /// In every bit, the sign of zero included.
    Bits,
    /// Within so many steps from one float to its neighbor. Zeros of both signs are one float,
    /// and infinity is the neighbor of the largest.
    Ulps(u32),
    /// Within so many units in the last place of what was expected, each at least `least`: for
    /// sums of terms that may cancel. An infinity agrees with itself alone.
    Near {
        /// How many units.
        ulps: u32,
        /// The least that one of them counts.
        least: f64,
    },
    /// `|found − expected| ≤ x·|expected|`; an infinity agrees with itself alone.
    Relative(f64),
}

impl Agreement {
    /// Whether `found` agrees with what was `expected`.
    fn holds(self, expected: Float, found: Float) -> bool {
        let (wanted, value) = (expected.value(), found.value());
        let distance = (value - wanted).abs();
        match self {
            Self::Ulps(n) => expected.ulps(found).is_some_and(|ulps| ulps <= n.into()),
            Self::Near { ulps, least } if distance.is_finite() => {
                distance <= f64::from(ulps) * f64::max(expected.ulp(), least)
            }
            Self::Relative(x) if distance.is_finite() => distance <= x * wanted.abs(),
            Self::Bits | Self::Near { .. } | Self::Relative(_) => expected.bits() == found.bits(),
        }
    }
}

/// The first element that does not agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mismatch {
    /// Where it is.
    pub index: usize,
    /// Of how many elements.
    pub len: usize,
    /// What it should be.
    pub expected: Float,
    /// What it is.
    pub found: Float,
    /// How many elements do not agree.
    pub count: usize,
}

impl Mismatch {
    /// Steps between the two floats; `None` where one is NaN.
    #[must_use]
    pub fn ulps(&self) -> Option<u64> {
        self.expected.ulps(self.found)
    }
}

/// Compares two results, element by element.
///
/// # Errors
///
/// If an element does not agree.
///
/// # Panics
///
/// If the slices differ in length.
///
/// # Examples
///
/// ```
/// use ravine_conformance::{Agreement, compare};
///
/// let mismatch = compare(&[0.5, 1.0_f32], &[0.5, 1.000_000_1], Agreement::Bits).unwrap_err();
/// assert_eq!(
///     mismatch.to_string(),
///     "element 1 of 2 is 1.0000001e0 (0x3f800001), not 1e0 (0x3f800000): 1 ulp, 1 such element"
/// );
/// assert_eq!(compare(&[1.0_f32], &[1.000_000_1], Agreement::Ulps(1)), Ok(()));
/// ```
pub fn compare<T: Element>(
    expected: &[T],
    found: &[T],
    agreement: Agreement,
) -> Result<(), Mismatch> {
    let (len, other) = (expected.len(), found.len());
    assert_eq!(len, other, "results differ in length");
    let agrees = |(expected, found): (&T, &T)| {
        expected.bits() == found.bits() || agreement.holds((*expected).into(), (*found).into())
    };
    let pairs = || expected.iter().zip(found);
    let Some(index) = pairs().position(|pair| !agrees(pair)) else { return Ok(()) };
    let count = pairs().filter(|pair| !agrees(*pair)).count();
    let (expected, found) = (expected[index].into(), found[index].into());
    Err(Mismatch { index, len, expected, found, count })
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, len, expected, found, count } = self;
        write!(f, "element {index} of {len} is {found}, not {expected}: ")?;
        if let Some(ulps) = self.ulps() {
            write!(f, "{ulps} ulp, ")?;
        }
        write!(f, "{count} such element{}", if *count == 1 { "" } else { "s" })
    }
}

impl std::error::Error for Mismatch {}

#[cfg(test)]
mod tests {
    use super::*;

    fn agree<T: Element>(expected: T, found: T, agreement: Agreement) -> bool {
        compare(&[expected], &[found], agreement).is_ok()
    }

    #[test]
    fn nan_agrees_with_nan_alone() {
        for agreement in [Agreement::Bits, Agreement::Ulps(u32::MAX), Agreement::Relative(9.0)] {
            assert!(agree(f32::NAN, -f32::NAN, agreement));
            assert!(agree(f64::NAN, f64::from_bits(f64::NAN.to_bits() | 1), agreement));
            assert!(!agree(f32::NAN, 1.0, agreement) && !agree(1.0, f64::NAN, agreement));
        }
    }

    #[test]
    fn bits_see_the_sign_of_zero_and_ulps_do_not() {
        assert!(!agree(0.0_f32, -0.0, Agreement::Bits));
        assert!(agree(0.0_f32, -0.0, Agreement::Ulps(0)));
        assert!(agree(0.0_f64, -0.0, Agreement::Relative(0.0)));
    }

    #[test]
    fn ulps_are_steps_between_neighbors_across_zero_and_to_infinity() {
        let tiny = f32::from_bits(1);
        assert!(agree(tiny, -tiny, Agreement::Ulps(2)) && !agree(tiny, -tiny, Agreement::Ulps(1)));
        assert!(agree(f32::MAX, f32::INFINITY, Agreement::Ulps(1)));
        assert!(!agree(f32::MAX, -f32::MAX, Agreement::Ulps(1)));
        let one = 1.0_f64;
        assert_eq!(Float::F64(one).ulps(Float::F64(one.next_up().next_up())), Some(2));
    }

    #[test]
    fn near_counts_in_units_of_the_expected_or_of_the_least() {
        let near = |ulps, least| Agreement::Near { ulps, least };
        let steps = |x: f32, n: u32| f32::from_bits(x.to_bits() + n);
        for x in [1.0, 1.5, f32::MIN_POSITIVE, f32::from_bits(5)] {
            assert!(agree(x, steps(x, 3), near(3, 0.0)) && !agree(x, steps(x, 4), near(3, 0.0)));
        }
        assert!(agree(2.0_f64, 2.0 + 2.0 * f64::EPSILON, near(1, 0.0)));
        assert!(!agree(2.0_f64, 2.0 + 4.0 * f64::EPSILON, near(1, 0.0)));
        assert!(agree(0.0_f32, -0.25, near(2, 0.125)) && !agree(0.0_f32, 0.26, near(2, 0.125)));
        assert!(agree(f32::NAN, -f32::NAN, near(0, 0.0)) && !agree(1.0, f32::NAN, near(9, 9.0)));
        assert!(!agree(f32::MAX, f32::INFINITY, near(9, 9.0)));
    }

    #[test]
    fn relative_bounds_are_inclusive_and_spare_infinities() {
        assert!(agree(2.0_f64, 2.5, Agreement::Relative(0.25)));
        assert!(!agree(2.0_f64, 2.6, Agreement::Relative(0.25)));
        assert!(agree(f32::INFINITY, f32::INFINITY, Agreement::Relative(0.0)));
        assert!(!agree(f32::MAX, f32::INFINITY, Agreement::Relative(1e9)));
        assert!(!agree(f32::INFINITY, 1.0, Agreement::Relative(1e9)));
    }

    #[test]
    fn the_first_is_named_and_all_are_counted() {
        let mismatch = compare(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.5, 3.0, f64::NAN], Agreement::Bits);
        let mismatch = mismatch.unwrap_err();
        assert_eq!((mismatch.index, mismatch.len, mismatch.count), (1, 4, 2));
        assert_eq!(
            mismatch.to_string(),
            "element 1 of 4 is 2.5e0 (0x4004000000000000), not 2e0 (0x4000000000000000): \
             1125899906842624 ulp, 2 such elements"
        );
        let mismatch = compare(&[0.0_f32], &[f32::NAN], Agreement::Ulps(3)).unwrap_err();
        assert_eq!(
            mismatch.to_string(),
            "element 0 of 1 is NaN (0x7fc00000), not 0e0 (0x00000000): 1 such element"
        );
    }
}
