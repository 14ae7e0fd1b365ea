//! NumPy's `.npy` arrays.

use std::fmt;
use std::io::{Read, Seek};
use std::path::Path;

use py_literal::Value;

use crate::source::Format;
use crate::{Element, ReadError};

/// What begins every file.
const MAGIC: [u8; 6] = *b"\x93NUMPY";

/// Bytes of the longest header: NumPy's own limit for files that are not trusted.
const LONGEST: u64 = 10_000;

/// What a `.npy` header says of the numbers behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The type of each number.
    pub element: Element,
    /// The length of each dimension; none where the array is a single number.
    pub shape: Vec<usize>,
    /// Whether the first index runs fastest, and not the last.
    pub fortran: bool,
}

impl Header {
    /// Bytes of all numbers; `None` where `u64` does not hold them.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        // A dimension of zero makes an array empty, however long the others are.
        if self.shape.contains(&0) {
            return Some(0);
        }
        let size = u64::try_from(self.element.size()).ok();
        self.shape.iter().try_fold(size?, |bytes, &n| bytes.checked_mul(u64::try_from(n).ok()?))
    }

    /// Refuses numbers of another length than the header promises.
    pub(crate) fn check(&self, bytes: u64, file: &Path) -> Result<(), ReadError> {
        let Some(wanted) = self.bytes() else {
            return Err(refused(file, self, "fewer numbers than 2⁶⁴ bytes hold"));
        };
        if wanted == bytes {
            return Ok(());
        }
        let (found, wanted) = (format!("{bytes} bytes"), format!("{wanted}, {self}"));
        Err(ReadError::content(file, "numbers", found, wanted))
    }
}

/// The shape and the type, as `(3, 2) of <f4`.
impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        let comma = if shape.len() == 1 { "," } else { "" };
        write!(f, "({}{comma}) of {}", shape.join(", "), self.element)
    }
}

/// An array as a file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// What the numbers are.
    pub header: Header,
    /// Their bytes, as [`Header::element`] decodes them.
    pub bytes: Vec<u8>,
}

impl Array {
    /// Reads the numbers behind a header, which are the last `bytes` of something.
    pub(crate) fn read(
        reader: &mut dyn Read,
        header: Header,
        bytes: u64,
        file: &Path,
    ) -> Result<Self, ReadError> {
        header.check(bytes, file)?;
        let mut numbers = Vec::new();
        let room = usize::try_from(bytes).ok().and_then(|n| numbers.try_reserve_exact(n).ok());
        room.ok_or_else(|| ReadError::Memory { file: file.into(), bytes })?;
        let io = |source| Format::Npy.io(file, source);
        let found = reader.take(bytes).read_to_end(&mut numbers).map_err(io)?;
        if found as u64 == bytes {
            return Ok(Self { header, bytes: numbers });
        }
        Err(ReadError::content(file, "numbers", format!("the end after {found} bytes"), bytes))
    }
}

/// Reads an array of any number of dimensions.
///
/// # Errors
///
/// If the file cannot be read, is not as its header says, or memory cannot hold the numbers.
pub fn read(path: &Path) -> Result<Array, ReadError> {
    let mut file = Format::Npy.open(path)?;
    let io = |source| Format::Npy.io(path, source);
    let header = header(&mut file, path)?;
    let start = file.stream_position().map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    Array::read(&mut file, header, length.saturating_sub(start), path)
}

/// Reads a header of the versions 1, 2 or 3, and leaves the reader at the first number.
///
/// Reads at most 10 000 bytes of text, NumPy's own limit. `file` is named in errors.
///
/// # Examples
///
/// ```no_run
/// let path = "digits.npy".as_ref();
/// let header = ravine_data::npy::header(&mut std::fs::File::open(path)?, path)?;
/// println!("{header}"); // (1797, 64) of <f8
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If there is no such header, or its numbers are not of a type of [`Element`].
///
/// # References
///
/// NumPy enhancement proposal 1, *A simple file format for NumPy arrays*.
pub fn header(reader: &mut impl Read, file: &Path) -> Result<Header, ReadError> {
    let wanted = "the six bytes \\x93NUMPY of a .npy file, and two of its version";
    let start = take(reader, file, 8, wanted)?;
    let [magic @ .., major, minor] = &start[..] else { unreachable!("eight bytes were taken") };
    if magic != MAGIC {
        return Err(refused(file, format!("\"{}\"", magic.escape_ascii()), wanted));
    }
    let width = match (major, minor) {
        (1, 0) => 2,
        (2 | 3, 0) => 4,
        _ => {
            let found = format!("version {major}.{minor}");
            return Err(refused(file, found, "version 1.0, 2.0 or 3.0"));
        }
    };
    let length = take(reader, file, width, "the length of its text")?;
    let length = length.iter().rev().fold(0_u64, |length, &byte| length << 8 | u64::from(byte));
    if length > LONGEST {
        let wanted = format!("at most {LONGEST}");
        return Err(refused(file, format!("{length} bytes of text"), wanted));
    }
    let text = take(reader, file, length, format!("{length} bytes of text"))?;
    parse(&text, file)
}

/// The header that is written as the literal of a Python dictionary.
fn parse(text: &[u8], file: &Path) -> Result<Header, ReadError> {
    let shown = || {
        let text = String::from_utf8_lossy(text);
        let shown = text.trim().chars().take(100);
        shown.map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect::<String>()
    };
    let malformed = || {
        let wanted = "{'descr': TYPE, 'fortran_order': True or False, 'shape': (ROWS, COLUMNS)}";
        refused(file, shown(), wanted)
    };
    // The dictionary, the shape and the unit of a date need a bracket each. More are refused before
    // the parser, whose time grows exponentially with their depth.
    if text.iter().filter(|byte| b"{[(".contains(byte)).count() > 3 {
        return Err(refused(file, shown(), "numbers of one type, as <f4"));
    }
    let literal = std::str::from_utf8(text).ok().and_then(|text| text.trim_end().parse().ok());
    let Some(Value::Dict(entries)) = literal else { return Err(malformed()) };
    let entry = |name: &str| {
        let mut named =
            entries.iter().filter(|(key, _)| key.as_string().is_some_and(|key| key == name));
        named.next().map(|(_, value)| value)
    };
    let (Some(Value::String(descr)), Some(&Value::Boolean(fortran)), Some(Value::Tuple(lengths))) =
        (entry("descr"), entry("fortran_order"), entry("shape"))
    else {
        return Err(malformed());
    };
    let element = Element::of_numpy(descr).ok_or_else(|| {
        let found = format!("the type \"{}\"", descr.escape_debug());
        let wanted = "an integer or a float of at most 8 bytes, or a boolean, as <f4";
        refused(file, found, wanted)
    })?;
    let length = |value: &Value| match value {
        Value::Integer(length) => usize::try_from(length).ok(),
        _ => None,
    };
    let shape = lengths.iter().map(length).collect::<Option<_>>().ok_or_else(malformed)?;
    Ok(Header { element, shape, fortran })
}

/// The next `length` bytes.
pub(crate) fn take(
    reader: &mut impl Read,
    file: &Path,
    length: u64,
    wanted: impl ToString,
) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let found = reader
        .take(length)
        .read_to_end(&mut bytes)
        .map_err(|source| Format::Npy.io(file, source))?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(refused(file, format!("the end after {found} bytes"), wanted))
    }
}

fn refused(file: &Path, found: impl ToString, wanted: impl ToString) -> ReadError {
    ReadError::content(file, "header", found, wanted)
}
