//! Numbers as arrays in files hold them.

use std::fmt;

use half::f16;

use crate::narrow::narrow;

/// The type and the byte order of the numbers of an array in a file.
///
/// Known are integers of 1, 2, 4 and 8 bytes with and without a sign, floats of 2, 4 and 8
/// bytes, and booleans, which count as 0 and 1. It is displayed as NumPy writes it, `<f4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    kind: Kind,
    /// Whether the most significant byte comes first; never where there is one byte.
    big_endian: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bool,
    U8,
    U16,
    U32,
    U64,
    I8,
    I16,
    I32,
    I64,
    F16,
    F32,
    F64,
}

/// Each kind with its name and its size in NumPy.
const KINDS: [(Kind, &str, usize); 12] = [
    (Kind::Bool, "b1", 1),
    (Kind::U8, "u1", 1),
    (Kind::U16, "u2", 2),
    (Kind::U32, "u4", 4),
    (Kind::U64, "u8", 8),
    (Kind::I8, "i1", 1),
    (Kind::I16, "i2", 2),
    (Kind::I32, "i4", 4),
    (Kind::I64, "i8", 8),
    (Kind::F16, "f2", 2),
    (Kind::F32, "f4", 4),
    (Kind::F64, "f8", 8),
];

impl Element {
    /// What NumPy calls `descr`, as `<f4`, `>i2` or `|u1`; `None` where it is no known number.
    pub(crate) fn of_numpy(descr: &str) -> Option<Self> {
        let (order, name) = descr.split_at_checked(1)?;
        let &(kind, _, size) = KINDS.iter().find(|(_, known, _)| *known == name)?;
        let big_endian = match order {
            "<" => false,
            ">" => true,
            "=" => cfg!(target_endian = "big"),
            "|" if size == 1 => false,
            _ => return None,
        };
        Some(Self { kind, big_endian: big_endian && size > 1 })
    }

    /// What IDX gives this code; `None` where it gives none. All are big-endian.
    pub(crate) fn of_idx(code: u8) -> Option<Self> {
        let kind = match code {
            0x08 => Kind::U8,
            0x09 => Kind::I8,
            0x0b => Kind::I16,
            0x0c => Kind::I32,
            0x0d => Kind::F32,
            0x0e => Kind::F64,
            _ => return None,
        };
        Some(Self { kind, big_endian: !matches!(kind, Kind::U8 | Kind::I8) })
    }

    /// Bytes of one number.
    #[must_use]
    pub fn size(self) -> usize {
        self.known().2
    }

    /// Whether the bytes are those of an `f32` in memory.
    pub(crate) fn is_native_f32(self) -> bool {
        self.kind == Kind::F32 && self.big_endian == cfg!(target_endian = "big")
    }

    /// Turns bytes into the nearest `f32`s, ties to even.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_data::npy;
    ///
    /// let file = b"\x93NUMPY\x01\x00\x3b\x00{'descr': '>i2', 'fortran_order': False, 'shape': (2,)}   \n";
    /// let header = npy::header(&mut &file[..], "two.npy".as_ref())?;
    /// let mut values = [0.0; 2];
    /// assert_eq!(header.element.decode(&[0x01, 0x00, 0xff, 0xfe], &mut values), Ok(()));
    /// assert_eq!(values, [256.0, -2.0]);
    /// # Ok::<(), ravine_data::ReadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If one of them is not finite in `f32`: the index of the first. `out` is filled all the
    /// same.
    ///
    /// # Panics
    ///
    /// If there are not [`size`](Self::size) bytes for each number.
    pub fn decode(self, bytes: &[u8], out: &mut [f32]) -> Result<(), usize> {
        self.convert(bytes, out);
        match self.kind {
            Kind::F16 | Kind::F32 | Kind::F64 => all_finite(out),
            _ => Ok(()),
        }
    }

    /// Turns bytes into the nearest `f64`s: exact but for integers of more than 53 bits.
    ///
    /// # Panics
    ///
    /// If there are not [`size`](Self::size) bytes for each number.
    pub fn decode_f64(self, bytes: &[u8], out: &mut [f64]) {
        self.convert(bytes, out);
    }

    fn convert<T: Real>(self, bytes: &[u8], out: &mut [T]) {
        assert_eq!(bytes.len(), self.size() * out.len(), "bytes, and those of the numbers");
        let big = self.big_endian;
        match self.kind {
            Kind::Bool => each(bytes, out, big, |[x]: [u8; 1]| T::from(u8::from(x != 0))),
            Kind::U8 => each(bytes, out, big, |[x]: [u8; 1]| T::from(x)),
            Kind::U16 => each(bytes, out, big, |x| T::from(u16::from_le_bytes(x))),
            Kind::U32 => each(bytes, out, big, |x| T::of_i64(u32::from_le_bytes(x).into())),
            Kind::U64 => each(bytes, out, big, |x| T::of_u64(u64::from_le_bytes(x))),
            Kind::I8 => each(bytes, out, big, |x| T::from(i8::from_le_bytes(x))),
            Kind::I16 => each(bytes, out, big, |x| T::from(i16::from_le_bytes(x))),
            Kind::I32 => each(bytes, out, big, |x| T::of_i64(i32::from_le_bytes(x).into())),
            Kind::I64 => each(bytes, out, big, |x| T::of_i64(i64::from_le_bytes(x))),
            Kind::F16 => each(bytes, out, big, |x| T::of_f64(f16::from_le_bytes(x).to_f64())),
            Kind::F32 => each(bytes, out, big, |x| T::of_f64(f32::from_le_bytes(x).into())),
            Kind::F64 => each(bytes, out, big, |x| T::of_f64(f64::from_le_bytes(x))),
        }
    }

    fn known(self) -> (Kind, &'static str, usize) {
        *KINDS.iter().find(|(kind, ..)| *kind == self.kind).expect("every kind is listed")
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name, size) = self.known();
        let order = match (size, self.big_endian) {
            (1, _) => '|',
            (_, false) => '<',
            (_, true) => '>',
        };
        write!(f, "{order}{name}")
    }
}

/// The index of the first value that is not finite.
///
/// Asked of all at once before each alone, because that is done with lanes.
pub(crate) fn all_finite(values: &[f32]) -> Result<(), usize> {
    match values.iter().fold(true, |finite, x| finite & x.is_finite()) {
        true => Ok(()),
        false => Err(values.iter().position(|x| !x.is_finite()).expect("one is not finite")),
    }
}

/// What is decoded to: each number is rounded once. Numbers of up to two bytes are exact, and
/// converted with lanes.
trait Real: Copy + From<u8> + From<i8> + From<u16> + From<i16> {
    fn of_u64(value: u64) -> Self;
    fn of_i64(value: i64) -> Self;
    fn of_f64(value: f64) -> Self;
}

impl Real for f32 {
    fn of_u64(value: u64) -> Self {
        value as Self
    }

    fn of_i64(value: i64) -> Self {
        value as Self
    }

    fn of_f64(value: f64) -> Self {
        narrow(value)
    }
}

impl Real for f64 {
    fn of_u64(value: u64) -> Self {
        value as Self
    }

    fn of_i64(value: i64) -> Self {
        value as Self
    }

    fn of_f64(value: f64) -> Self {
        value
    }
}

/// Converts each number from its bytes, the least significant first.
fn each<const N: usize, T>(
    bytes: &[u8],
    out: &mut [T],
    big_endian: bool,
    convert: impl Fn([u8; N]) -> T,
) {
    let numbers = out.iter_mut().zip(bytes.as_chunks().0);
    if big_endian {
        numbers.for_each(|(x, bytes)| {
            let mut bytes = *bytes;
            bytes.reverse();
            *x = convert(bytes);
        });
    } else {
        numbers.for_each(|(x, &bytes)| *x = convert(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(descr: &str, bytes: &[u8]) -> Vec<f32> {
        let element = Element::of_numpy(descr).expect(descr);
        assert_eq!(element.to_string(), descr);
        let mut out = vec![f32::NAN; bytes.len() / element.size()];
        assert_eq!(element.decode(bytes, &mut out), Ok(()), "{descr}");
        out
    }

    #[test]
    fn every_type_is_read_in_both_orders() {
        let cases: [(&str, &[u8], &[f32]); 11] = [
            ("u1", &[0, 255], &[0.0, 255.0]),
            ("i1", &[128, 127], &[-128.0, 127.0]),
            ("b1", &[0, 1], &[0.0, 1.0]),
            ("u2", &[1, 2], &[513.0]),
            ("i2", &[0, 0x80], &[-32_768.0]),
            ("u4", &[0xff, 0xff, 0xff, 0xff], &[u32::MAX as f32]),
            ("i4", &[0xfe, 0xff, 0xff, 0xff], &[-2.0]),
            ("u8", &[0, 0, 0, 0, 0, 0, 0, 0x80], &[(1_u64 << 63) as f32]),
            ("i8", &[0xff; 8], &[-1.0]),
            ("f2", &[0x01, 0x3c], &[1.000_976_6]),
            ("f4", &[0, 0, 0x80, 0xbf], &[-1.0]),
        ];
        for (name, little, want) in cases {
            let size: usize = name[1..].parse().unwrap();
            if size == 1 {
                assert_eq!(decode(&format!("|{name}"), little), want);
                assert_eq!(Element::of_numpy(&format!(">{name}")).unwrap().to_string()[1..], *name);
            } else {
                let big: Vec<u8> = little.iter().rev().copied().collect();
                assert_eq!(decode(&format!("<{name}"), little), want, "{name}");
                assert_eq!(decode(&format!(">{name}"), &big), want, "{name}");
            }
        }
        assert_eq!(decode("<f8", &0.1_f64.to_le_bytes()), [0.1]);
        assert_eq!(decode(">f8", &0.1_f64.to_be_bytes()), [0.1]);
    }

    #[test]
    fn numbers_are_rounded_once() {
        // Above 2⁵³ the way through f64 would round 2⁵⁴ + 2³⁰ + 1 down to a tie, and that to even.
        let hard = (1_i64 << 54) + (1 << 30) + 1;
        assert_eq!(decode("<i8", &hard.to_le_bytes()), [((1_i64 << 54) + (1 << 31)) as f32]);
        let mut exact = vec![f64::NAN];
        Element::of_numpy("<f4").unwrap().decode_f64(&0.1_f32.to_le_bytes(), &mut exact);
        assert_eq!(exact, [f64::from(0.1_f32)]);
    }

    #[test]
    fn the_first_that_is_not_finite_is_named() {
        let element = Element::of_numpy("<f8").unwrap();
        for bad in [f64::NAN, f64::NEG_INFINITY, 3.5e38] {
            let bytes: Vec<u8> =
                [1.0, 2.0, bad, bad].into_iter().flat_map(f64::to_le_bytes).collect();
            assert_eq!(element.decode(&bytes, &mut [0.0; 4]), Err(2), "{bad}");
        }
        let half = Element::of_numpy(">f2").unwrap();
        assert_eq!(half.decode(&[0x7c, 0x00], &mut [0.0]), Err(0));
    }

    #[test]
    fn what_is_no_plain_number_is_unknown() {
        for descr in
            ["", "<", "f4", "<f16", "|f4", "<c8", "|O", "<U3", "|S1", "<M8[s]", "|V4", "é4"]
        {
            assert_eq!(Element::of_numpy(descr), None, "{descr}");
        }
        assert_eq!(Element::of_idx(0x0a), None);
        assert_eq!(Element::of_idx(0x0d).unwrap().to_string(), ">f4");
    }
}
