//! Floats of either width.

use std::fmt;

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

    /// The unit in the last place of a finite float: its power of two times the width's ε, that of
    /// the smallest normal number where it is below.
    pub(crate) fn ulp(self) -> f64 {
        match self {
            Self::F32(x) => {
                let power = f32::from_bits(x.to_bits() & f32::INFINITY.to_bits());
                f64::from(power.max(f32::MIN_POSITIVE)) * f64::from(f32::EPSILON)
            }
            Self::F64(x) => {
                let power = f64::from_bits(x.to_bits() & f64::INFINITY.to_bits());
                power.max(f64::MIN_POSITIVE) * f64::EPSILON
            }
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

impl fmt::Display for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F32(x) => write!(f, "{x:e} ({:#010x})", self.bits()),
            Self::F64(x) => write!(f, "{x:e} ({:#018x})", self.bits()),
        }
    }
}
