//! Two slices that should agree.

use std::fmt;

/// How closely results must agree. A NaN agrees with any NaN and with nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Agreement {
    /// In every bit, the sign of zero included.
    Bits,
    /// Within so many steps from one float to its neighbor. Zeros of both signs are one float,
    /// and infinity is the neighbor of the largest.
    Ulps(u32),
    /// `|found − expected| ≤ x·|expected|`; an infinity agrees with itself alone.
    Relative(f64),
}

/// A float that can be compared: `f32` or `f64`.
pub trait Element: Copy + Into<Float> + sealed::Sealed {
    /// Its bits, every NaN as one pattern.
    fn bits(self) -> u64;
}

impl Element for f32 {
    fn bits(self) -> u64 {
        u64::from(if self.is_nan() { Self::NAN.to_bits() } else { self.to_bits() })
    }
}

impl Element for f64 {
    fn bits(self) -> u64 {
        if self.is_nan() { Self::NAN.to_bits() } else { self.to_bits() }
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "what seals a trait")]
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A float of either width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Float {
    /// Of 32 bits.
    F32(f32),
    /// Of 64 bits.
    F64(f64),
}

impl From<f32> for Float {
    fn from(x: f32) -> Self {
        Self::F32(x)
    }
}

impl From<f64> for Float {
    fn from(x: f64) -> Self {
        Self::F64(x)
    }
}

impl Float {
    /// Its bits, every NaN as one pattern.
    #[must_use]
    pub fn bits(self) -> u64 {
        match self {
            Self::F32(x) => x.bits(),
            Self::F64(x) => x.bits(),
        }
    }

    /// Its value, which `f64` holds exactly.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::F32(x) => x.into(),
            Self::F64(x) => x,
        }
    }

    /// Steps from one float to its neighbor that lie between two of one width; `None` where
    /// exactly one is NaN, or the widths differ.
    #[must_use]
    pub fn ulps(self, other: Self) -> Option<u64> {
        match (self, other) {
            _ if self.value().is_nan() || other.value().is_nan() => {
                (self.value().is_nan() && other.value().is_nan()).then_some(0)
            }
            (Self::F32(a), Self::F32(b)) => Some(rank(a.into()).abs_diff(rank(b.into()))),
            (Self::F64(a), Self::F64(b)) => Some(rank(a.into()).abs_diff(rank(b.into()))),
            _ => None,
        }
    }

    /// Whether `found` agrees with what was expected, `self`.
    fn agrees(self, found: Self, agreement: Agreement) -> bool {
        let (expected, value) = (self.value(), found.value());
        match agreement {
            Agreement::Bits => self.bits() == found.bits(),
            Agreement::Ulps(n) => self.ulps(found).is_some_and(|ulps| ulps <= n.into()),
            Agreement::Relative(x) if expected.is_finite() && value.is_finite() => {
                (value - expected).abs() <= x * expected.abs()
            }
            Agreement::Relative(_) => self.bits() == found.bits(),
        }
    }
}

/// The place of a float among all of its width, 0 for zeros.
fn rank(x: Float) -> i64 {
    let (bits, sign) = match x {
        Float::F32(x) => (u64::from(x.abs().to_bits()), x.is_sign_negative()),
        Float::F64(x) => (x.abs().to_bits(), x.is_sign_negative()),
    };
    let magnitude = bits.cast_signed();
    if sign { -magnitude } else { magnitude }
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
        expected.bits() == found.bits() || (*expected).into().agrees((*found).into(), agreement)
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

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F32(x) => write!(f, "{x:e} ({:#010x})", self.bits()),
            Self::F64(x) => write!(f, "{x:e} ({:#018x})", self.bits()),
        }
    }
}

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
