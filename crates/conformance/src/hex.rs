//! Floats as C99 writes them in hexadecimal: exact, short, and read by every language.

use std::fmt;

/// A text is no hexadecimal float, or no float of the wanted width has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexError {
    /// The text.
    pub text: String,
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no hexadecimal float, such as -0x1.8p+1, inf or nan", self.text)
    }
}

impl std::error::Error for HexError {}

/// Writes a float: `-0x1.8p+1`, `0x0p+0`, `inf`, `nan`; the first digit is 1 but for zeros.
///
/// An `f32` is written by its value, which `f64` holds exactly.
///
/// # Examples
///
/// ```
/// use ravine_conformance::hex;
///
/// assert_eq!(hex::write(-3.0), "-0x1.8p+1");
/// assert_eq!(hex::write(f64::from(f32::from_bits(1))), "0x1p-149");
/// assert_eq!(hex::read("-0x1.8p+1"), Ok(-3.0));
/// ```
#[must_use]
pub fn write(x: f64) -> String {
    const FRACTION: u32 = 52;
    if x.is_nan() {
        return "nan".into();
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x.is_infinite() {
        return format!("{sign}inf");
    }
    let bits = x.abs().to_bits();
    if bits == 0 {
        return format!("{sign}0x0p+0");
    }
    // A subnormal number's first digit is brought up to where that of a normal one is hidden.
    let up = bits.leading_zeros().saturating_sub(63 - FRACTION);
    let exponent = (bits >> FRACTION).max(1).cast_signed() - 1023 - i64::from(up);
    let fraction = bits << up & ((1 << FRACTION) - 1);
    let digits = format!("{fraction:013x}");
    let digits = digits.trim_end_matches('0');
    let point = if digits.is_empty() { "" } else { "." };
    format!("{sign}0x1{point}{digits}p{exponent:+}")
}

/// Reads a float that `f64` holds exactly.
///
/// # Errors
///
/// If the text is no hexadecimal float, or has more digits than `f64`.
pub fn read(text: &str) -> Result<f64, HexError> {
    let error = || HexError { text: text.into() };
    let (sign, rest) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    match rest {
        "inf" => return Ok(sign * f64::INFINITY),
        "nan" => return Ok(f64::NAN),
        _ => {}
    }
    let (digits, exponent) =
        rest.strip_prefix("0x").and_then(|rest| rest.split_once('p')).ok_or_else(error)?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.chars().all(|digit| digit.is_ascii_hexdigit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > 14 {
        return Err(error());
    }
    let all = u64::from_str_radix(&format!("{whole}{fraction}"), 16).map_err(|_| error())?;
    let exponent: i32 = exponent.parse().map_err(|_| error())?;
    let exponent = exponent.saturating_sub(4 * i32::try_from(fraction.len()).map_err(|_| error())?);
    let value = scaled(all, exponent).ok_or_else(error)?;
    Ok(sign * value)
}

/// `all·2^exponent`, if that is an `f64`.
fn scaled(all: u64, exponent: i32) -> Option<f64> {
    if all == 0 {
        return Some(0.0);
    }
    let zeros = all.trailing_zeros();
    let (all, exponent) = (all >> zeros, exponent.saturating_add(zeros.cast_signed()));
    if all >> 53 != 0 || !(-1074..1024).contains(&exponent) {
        return None;
    }
    // Two factors, both normal numbers: no product but the last can be subnormal.
    let half = exponent / 2;
    let value = all as f64 * power_of_two(exponent - half) * power_of_two(half);
    value.is_finite().then_some(value)
}

/// `2ⁿ`, a normal number.
fn power_of_two(n: i32) -> f64 {
    f64::from_bits(u64::from((n + 1023).cast_unsigned()) << 52)
}

/// Reads an `f32`.
///
/// # Errors
///
/// If the text is no hexadecimal float, or no `f32` has its value.
pub fn read_f32(text: &str) -> Result<f32, HexError> {
    let wide = read(text)?;
    let narrow = crate::round(wide);
    let same = wide.is_nan() || f64::from(narrow).to_bits() == wide.to_bits();
    if same { Ok(narrow) } else { Err(HexError { text: text.into() }) }
}

/// Serializes a list of numbers as texts.
#[cfg(feature = "serde")]
pub(crate) mod list {
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(values: &[f32], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(|&x| super::write(x.into())))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f32>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts.iter().map(|text| super::read_f32(text).map_err(de::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Words;
    use crate::{Agreement, Draw, compare};

    #[test]
    fn every_float_is_read_as_it_was_written() {
        let mut words = Words::new(1);
        let tiny = (0..64).map(|shift| f64::from_bits(u64::MAX >> 1 >> shift));
        let doubles: Vec<f64> =
            (0..5000).map(|_| f64::from_bits(words.word())).chain(tiny).collect();
        let read: Vec<f64> = doubles.iter().map(|&x| read(&write(x)).unwrap()).collect();
        assert_eq!(compare(&doubles, &read, Agreement::Bits), Ok(()));
        let singles = Draw::Hostile.values(2, 5000);
        let read = singles.iter().map(|&x| read_f32(&write(x.into())).unwrap());
        assert_eq!(compare(&singles, &read.collect::<Vec<_>>(), Agreement::Bits), Ok(()));
    }

    #[test]
    fn texts_are_those_of_c() {
        for (text, bits) in [
            ("0x1.921fb54442d18p+1", std::f64::consts::PI.to_bits()),
            ("-0x0p+0", 1 << 63),
            ("0x1p-1074", 1),
            ("0x1.fffffffffffffp+1023", f64::MAX.to_bits()),
            ("0x1.ffffffffffffep-1023", (1 << 52) - 1),
            ("-inf", f64::NEG_INFINITY.to_bits()),
        ] {
            assert_eq!(write(f64::from_bits(bits)), text);
            assert_eq!(read(text).map(f64::to_bits), Ok(bits));
        }
        assert_eq!(read("0x0.0000000000001p-1022"), Ok(f64::from_bits(1)));
    }

    #[test]
    fn what_is_no_float_is_refused() {
        for text in [
            "",
            "1.5",
            "0x",
            "0xp+1",
            "0x1.8",
            "0x1.gp+0",
            "0x1.00000000000008p+0",
            "0x1p+1024",
            "0x1p-1075",
            "0x+1p+0",
            "0x1p+99999999999",
            "0x1.8p-2147483648",
            "0x2p+2147483647",
        ] {
            assert_eq!(read(text), Err(HexError { text: text.into() }), "{text}");
        }
        assert_eq!(read_f32("0x1.0000001p+0").unwrap_err().text, "0x1.0000001p+0");
        assert!(read_f32("0x1p+128").is_err());
    }
}
