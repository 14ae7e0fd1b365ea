//! Types of elements, and their values.

use std::cmp::Ordering;
use std::fmt;

use half::{bf16, f16};
use serde::{Serialize, Serializer};

/// The type of a tensor's elements. An element's bits are the low ones of a `u64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Float(Float),
    /// Two's complement, of so many bytes.
    Signed(u8),
    /// Of so many bytes.
    Unsigned(u8),
    /// A byte, 0 or 1.
    Bool,
}

/// Floating point, by falling number of significant bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Float {
    F64,
    F32,
    F16,
    BF16,
}

/// An element as people and scripts read it: with the fewest digits that read back as the same
/// number of its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Double(f64),
    Single(f32),
    Integer(i128),
}

impl Kind {
    /// Bytes of an element.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Float(Float::F64) => 8,
            Self::Float(Float::F32) => 4,
            Self::Float(Float::F16 | Float::BF16) => 2,
            Self::Signed(size) | Self::Unsigned(size) => usize::from(size),
            Self::Bool => 1,
        }
    }

    /// The bits of an element from its bytes, the lowest first.
    pub(super) fn bits(self, bytes: &[u8]) -> u64 {
        bytes.iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte))
    }

    /// The number that an element's bits stand for.
    pub(super) fn value(self, bits: u64) -> Value {
        match self {
            Self::Float(Float::F64) => Value::Double(f64::from_bits(bits)),
            Self::Float(float) => Value::Single(float.single(bits)),
            Self::Signed(_) | Self::Unsigned(_) | Self::Bool => Value::Integer(self.integer(bits)),
        }
    }

    /// The type in which elements of two types are compared: the same, or the float of fewer
    /// significant bits.
    pub(super) fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => Some(Self::Float(a.max(b))),
            _ => (self == other).then_some(self),
        }
    }

    /// The bits of the element of type `to` that is nearest, ties to even.
    pub(super) fn round(self, bits: u64, to: Self) -> u64 {
        match (self, to) {
            (Self::Float(from), Self::Float(to)) if from != to => to.nearest(from.double(bits)),
            _ => bits,
        }
    }

    /// Whether an element's bits are those of an infinity.
    pub(super) fn is_infinite(self, bits: u64) -> bool {
        matches!(self, Self::Float(_)) && self.value(bits).double().is_infinite()
    }

    /// The whole number that an integer's bits stand for.
    pub(super) fn integer(self, bits: u64) -> i128 {
        let (width, value) = (8 * self.size(), i128::from(bits));
        let negative = matches!(self, Self::Signed(_)) && bits >> (width - 1) == 1;
        if negative { value - (1 << width) } else { value }
    }
}

impl Float {
    /// The bits of positive infinity.
    pub(super) fn infinity(self) -> u64 {
        match self {
            Self::F64 => f64::INFINITY.to_bits(),
            Self::F32 => f32::INFINITY.to_bits().into(),
            Self::F16 => f16::INFINITY.to_bits().into(),
            Self::BF16 => bf16::INFINITY.to_bits().into(),
        }
    }

    /// The value, which is exact.
    fn double(self, bits: u64) -> f64 {
        match self {
            Self::F64 => f64::from_bits(bits),
            _ => self.single(bits).into(),
        }
    }

    /// The value, which is exact but for `F64`.
    #[expect(clippy::cast_possible_truncation, reason = "an element's bits are the low ones")]
    fn single(self, bits: u64) -> f32 {
        match self {
            Self::F64 => f64::from_bits(bits) as f32,
            Self::F32 => f32::from_bits(bits as u32),
            Self::F16 => f16::from_bits(bits as u16).to_f32(),
            Self::BF16 => bf16::from_bits(bits as u16).to_f32(),
        }
    }

    /// The bits of the nearest value, ties to even.
    #[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
    fn nearest(self, value: f64) -> u64 {
        match self {
            Self::F64 => value.to_bits(),
            Self::F32 => (value as f32).to_bits().into(),
            Self::F16 => f16::from_f32(odd(value)).to_bits().into(),
            Self::BF16 => bf16::from_f32(odd(value)).to_bits().into(),
        }
    }
}

/// Rounds to odd: of the two neighbors of a value that is no `f32`, the one whose last bit is set.
///
/// What is then rounded to a type of at least two bits less is rounded once: `half`'s own way from
/// `f64` forgets low bits, or rounds twice.
/// S. Boldo, G. Melquiond, *Emulation of a FMA and correctly rounded sums: proved algorithms using
/// rounding to odd*, 2008.
#[expect(clippy::cast_possible_truncation, reason = "rounding is meant")]
fn odd(value: f64) -> f32 {
    let near = value as f32;
    let (back, bits) = (f64::from(near), near.to_bits());
    if bits & 1 == 1 || value.is_nan() {
        return near;
    }
    match back.abs().total_cmp(&value.abs()) {
        Ordering::Less => f32::from_bits(bits + 1),
        Ordering::Equal => near,
        Ordering::Greater => f32::from_bits(bits - 1),
    }
}

impl Value {
    /// The number in double precision, rounded where it is a large integer.
    #[expect(clippy::cast_precision_loss, reason = "rounding is meant")]
    pub(super) fn double(self) -> f64 {
        match self {
            Self::Double(value) => value,
            Self::Single(value) => value.into(),
            Self::Integer(value) => value as f64,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(float) => write!(f, "{float:?}"),
            Self::Signed(size) => write!(f, "I{}", 8 * size),
            Self::Unsigned(size) => write!(f, "U{}", 8 * size),
            Self::Bool => f.write_str("BOOL"),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Double(value) => write!(f, "{value:?}"),
            Self::Single(value) => write!(f, "{value:?}"),
            Self::Integer(value) => write!(f, "{value}"),
        }
    }
}

/// A number, or `"NaN"`, `"inf"`, `"-inf"`, which JSON has no numbers for.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Double(value) if value.is_finite() => serializer.serialize_f64(value),
            Self::Single(value) if value.is_finite() => serializer.serialize_f32(value),
            Self::Integer(value) => serializer.serialize_i128(value),
            _ => serializer.collect_str(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Float; 4] = [Float::F64, Float::F32, Float::F16, Float::BF16];

    #[test]
    fn every_half_comes_back_from_double_precision() {
        for bits in 0..=u64::from(u16::MAX) {
            for float in [Float::F16, Float::BF16] {
                let value = float.double(bits);
                if !value.is_nan() {
                    assert_eq!(float.nearest(value), bits, "{float:?} {bits:04x}");
                }
            }
        }
    }

    #[test]
    fn a_double_beside_the_middle_of_two_halves_goes_to_the_nearer_one() {
        for bits in (0..u64::from(u16::MAX >> 1)).step_by(7) {
            for float in [Float::F16, Float::BF16] {
                if bits + 1 >= float.infinity() {
                    continue;
                }
                let middle = f64::midpoint(float.double(bits), float.double(bits + 1));
                let even = bits + bits % 2;
                let wanted =
                    [(middle.next_down(), bits), (middle, even), (middle.next_up(), bits + 1)];
                for (value, wanted) in wanted {
                    assert_eq!(float.nearest(value), wanted, "{float:?} {bits:04x} {value:e}");
                }
            }
        }
    }

    #[test]
    fn what_is_too_large_becomes_infinite_and_no_number_stays_none() {
        for float in [Float::F32, Float::F16, Float::BF16] {
            assert_eq!(float.nearest(f64::MAX), float.infinity(), "{float:?}");
            assert_eq!(float.nearest(f64::INFINITY), float.infinity(), "{float:?}");
            assert!(float.nearest(f64::NAN) > float.infinity(), "{float:?}");
        }
        assert_eq!(Float::F16.nearest(65519.99), Float::F16.infinity() - 1);
        assert_eq!(Float::F16.nearest(65520.0), Float::F16.infinity());
    }

    #[test]
    fn the_float_of_fewer_significant_bits_is_common() {
        for (n, a) in ALL.into_iter().enumerate() {
            for b in &ALL[n..] {
                assert_eq!(Kind::Float(a).common(Kind::Float(*b)), Some(Kind::Float(*b)));
                assert_eq!(Kind::Float(*b).common(Kind::Float(a)), Some(Kind::Float(*b)));
            }
            assert_eq!(Kind::Float(a).common(Kind::Signed(8)), None);
        }
        assert_eq!(Kind::Signed(4).common(Kind::Unsigned(4)), None);
    }

    #[test]
    fn integers_have_their_signs() {
        let value = |kind: Kind, bytes: &[u8]| kind.value(kind.bits(bytes)).to_string();
        assert_eq!(value(Kind::Signed(1), &[0xff]), "-1");
        assert_eq!(value(Kind::Unsigned(1), &[0xff]), "255");
        assert_eq!(value(Kind::Signed(2), &[0xfe, 0xff]), "-2");
        assert_eq!(value(Kind::Signed(8), &i64::MIN.to_le_bytes()), i64::MIN.to_string());
        assert_eq!(value(Kind::Unsigned(8), &[0xff; 8]), u64::MAX.to_string());
    }
}
