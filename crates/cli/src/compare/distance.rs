//! How far apart two numbers of a type are.

use std::fmt;

use serde::{Serialize, Serializer};

use super::number::{Kind, Value};

/// A distance in units in the last place: how many steps to the next number of the type lead from
/// one to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ulps {
    Finite(u64),
    /// One alone of the two is no number.
    Infinite,
}

impl Ulps {
    /// The distance of two elements of one type, by their bits.
    ///
    /// Both zeros are one place, so −0 and +0 are 0 apart, and infinity is one step from the
    /// largest number. All NaNs are one, 0 apart from each other and infinitely far from the
    /// rest. The distance of integers is their difference.
    pub(super) fn between(kind: Kind, a: u64, b: u64) -> Self {
        match (place(kind, a), place(kind, b)) {
            (Some(a), Some(b)) => Self::Finite(
                u64::try_from(a.abs_diff(b)).expect("numbers of 64 bits are less than 2⁶⁴ apart"),
            ),
            (None, None) => Self::Finite(0),
            _ => Self::Infinite,
        }
    }
}

/// Whether the elements have the same bits, where all NaNs are one pattern.
pub(super) fn same_bits(kind: Kind, a: u64, b: u64) -> bool {
    a == b || (place(kind, a).is_none() && place(kind, b).is_none())
}

/// The difference of two numbers over the larger magnitude of the two, |a − b| / max(|a|, |b|):
/// 0 where they are equal, at most 2, and infinite where one alone is not finite, or they are not
/// finite and differ.
pub(super) fn relative(a: Value, b: Value) -> f64 {
    if let (Value::Integer(a), Value::Integer(b)) = (a, b) {
        // Of large integers, doubles would lose the difference.
        return ratio(a.abs_diff(b), a.unsigned_abs().max(b.unsigned_abs()));
    }
    let (a, b) = (a.double(), b.double());
    let largest = a.abs().max(b.abs());
    if a.to_bits() == b.to_bits() || largest == 0.0 || a.is_nan() && b.is_nan() {
        0.0
    } else if a.is_finite() && b.is_finite() {
        // The difference of two large numbers must not overflow, nor half a small one be lost.
        let scale = if 1.0 < largest { 0.5 } else { 1.0 };
        (a * scale - b * scale).abs() / (largest * scale)
    } else {
        f64::INFINITY
    }
}

#[expect(clippy::cast_precision_loss, reason = "rounding is meant")]
fn ratio(difference: u128, largest: u128) -> f64 {
    if difference == 0 { 0.0 } else { difference as f64 / largest as f64 }
}

/// Where an element stands in the order of its type, counted from zero; nowhere if it is NaN.
fn place(kind: Kind, bits: u64) -> Option<i128> {
    match kind {
        Kind::Float(float) => {
            let sign = 1 << (8 * kind.size() - 1);
            let magnitude = bits & (sign - 1);
            let place = i128::from(magnitude);
            let place = if bits & sign == 0 { place } else { -place };
            (magnitude <= float.infinity()).then_some(place)
        }
        Kind::Signed(_) | Kind::Unsigned(_) | Kind::Bool => kind.integer(bits).into(),
    }
}

impl fmt::Display for Ulps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finite(n) => n.fmt(f),
            Self::Infinite => f.pad("inf"),
        }
    }
}

/// A number, or `"inf"`.
impl Serialize for Ulps {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Finite(n) => serializer.serialize_u64(n),
            Self::Infinite => serializer.serialize_str("inf"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::number::Float;
    use super::*;

    const F32: Kind = Kind::Float(Float::F32);

    fn singles(a: f32, b: f32) -> Ulps {
        let distance = Ulps::between(F32, a.to_bits().into(), b.to_bits().into());
        assert_eq!(Ulps::between(F32, b.to_bits().into(), a.to_bits().into()), distance);
        distance
    }

    #[test]
    fn neighbors_are_one_apart_in_every_float() {
        let largest = |float: Float| float.infinity() - 1;
        for float in [Float::F64, Float::F32, Float::F16, Float::BF16] {
            let (kind, infinity) = (Kind::Float(float), float.infinity());
            let sign = 1 << (8 * kind.size() - 1);
            for (a, b, wanted) in [
                (0, 1, 1),
                (sign, 1, 1),
                (sign | 1, 1, 2),
                (0, sign, 0),
                (largest(float), infinity, 1),
                (sign | infinity, infinity, 2 * infinity),
            ] {
                assert_eq!(
                    Ulps::between(kind, a, b),
                    Ulps::Finite(wanted),
                    "{float:?} {a:x} {b:x}"
                );
            }
        }
    }

    #[test]
    fn distance_counts_the_numbers_between() {
        assert_eq!(singles(1.0, 1.0 + f32::EPSILON), Ulps::Finite(1));
        assert_eq!(singles(1.0, 2.0), Ulps::Finite(1 << 23));
        assert_eq!(singles(-1.0, 1.0), Ulps::Finite(2 * u64::from(1.0_f32.to_bits())));
    }

    #[test]
    fn all_nans_are_one_and_far_from_the_rest() {
        let other = f32::from_bits(0xffc0_0001);
        assert_eq!(singles(f32::NAN, other), Ulps::Finite(0));
        assert_eq!(singles(f32::NAN, f32::INFINITY), Ulps::Infinite);
        assert_eq!(singles(other, 0.0), Ulps::Infinite);
        assert!(Ulps::Finite(u64::MAX) < Ulps::Infinite);
        assert!(same_bits(F32, f32::NAN.to_bits().into(), other.to_bits().into()));
        assert!(!same_bits(F32, 0.0_f32.to_bits().into(), (-0.0_f32).to_bits().into()));
    }

    #[test]
    fn the_relative_difference_is_over_the_larger_magnitude() {
        let double = |a, b| relative(Value::Double(a), Value::Double(b));
        for (a, b, wanted) in [
            (1.0, 2.0, 0.5),
            (2.0, -2.0, 2.0),
            (f64::MAX, -f64::MAX, 2.0),
            (5e-324, 1e-323, 0.5),
            (0.0, -0.0, 0.0),
            (0.0, 5e-324, 1.0),
            (f64::NAN, -f64::NAN, 0.0),
            (f64::INFINITY, f64::INFINITY, 0.0),
            (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY),
            (f64::INFINITY, f64::MAX, f64::INFINITY),
            (f64::NAN, 1.0, f64::INFINITY),
        ] {
            assert_eq!(double(a, b).to_bits(), wanted.to_bits(), "{a:e} {b:e}");
            assert_eq!(double(b, a).to_bits(), wanted.to_bits(), "{b:e} {a:e}");
        }
        let integer = |a, b| relative(Value::Integer(a), Value::Integer(b));
        assert!(0.0 < integer(1 << 62, (1 << 62) + 1));
        assert_eq!(integer(0, 0).to_bits(), 0);
        assert_eq!(integer(-3, 1).to_bits(), (4.0_f64 / 3.0).to_bits());
    }

    #[test]
    fn integers_are_their_difference_apart() {
        let minus = |n: i64| u64::from_le_bytes(n.to_le_bytes());
        let distance = Ulps::between(Kind::Signed(8), minus(i64::MIN), minus(i64::MAX));
        assert_eq!(distance, Ulps::Finite(u64::MAX));
        assert_eq!(Ulps::between(Kind::Signed(1), 0xff, 1), Ulps::Finite(2));
        assert_eq!(Ulps::between(Kind::Unsigned(1), 0xff, 1), Ulps::Finite(254));
    }
}
