//! Headers of IDX arrays, the format of MNIST.

use std::io::Read;
use std::path::Path;

use crate::npy::{Header, take};
use crate::{Element, ReadError};

/// Reads a header, and leaves the reader at the first number.
///
/// ```text
/// 0, 0, type, n, then the length of each of n dimensions: 4 bytes, big-endian
/// ```
///
/// # References
///
/// Y. LeCun, C. Cortes and C. Burges, *The MNIST database of handwritten digits*, 1998.
pub(crate) fn header(reader: &mut impl Read, file: &Path) -> Result<Header, ReadError> {
    let refused = |found, wanted| ReadError::content(file, "header", found, wanted);
    let wanted = "two zeros, a type and the number of dimensions, as an IDX file begins";
    let start = take(reader, file, 4, wanted)?;
    let &[0, 0, code, n] = &start[..] else {
        return Err(refused(format!("\"{}\"", start.escape_ascii()), wanted));
    };
    let element = Element::of_idx(code).ok_or_else(|| {
        let wanted = "one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e";
        refused(format!("the type {code:#04x}"), wanted)
    })?;
    let lengths = take(reader, file, 4 * u64::from(n), format!("{n} lengths of 4 bytes"))?;
    let length = |&bytes| u32::from_be_bytes(bytes).try_into();
    let shape = lengths.as_chunks().0.iter().map(length).collect::<Result<_, _>>();
    let shape = shape.expect("u32 is no more than usize where files are read");
    Ok(Header { element, shape, fortran: false })
}
