//! IDX files, byte by byte.

/// A file of bytes.
pub(crate) fn idx(shape: &[u32], numbers: &[u8]) -> Vec<u8> {
    let start = [0, 0, 8, u8::try_from(shape.len()).unwrap()];
    let shape = shape.iter().flat_map(|n| n.to_be_bytes());
    start.into_iter().chain(shape).chain(numbers.iter().copied()).collect()
}
