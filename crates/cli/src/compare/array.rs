//! NumPy's arrays: `.npy` files and `.npz` archives.

use std::path::Path;

use ravine::data::npy::Array;
use ravine::data::{Element, npy, npz};

use super::matched::Matched;
use super::number::{Float, Kind};
use super::tensor::Tensor;
use crate::error::Error;

/// Reads two `.npy` files, each of one array without a name.
pub(super) fn read(a: &Path, b: &Path) -> Result<Matched, Error> {
    let load = |path| Ok::<_, Error>(vec![tensor(path, "array".into(), npy::read(path)?)?]);
    Ok(Matched::by_name("array", load(a)?, load(b)?))
}

/// Reads two `.npz` archives and puts arrays of one name side by side.
pub(super) fn read_archives(a: &Path, b: &Path) -> Result<Matched, Error> {
    let load = |path| {
        let arrays = npz::arrays(path)?.map(|array| {
            let (name, array) = array?;
            tensor(path, name, array)
        });
        arrays.collect::<Result<_, Error>>()
    };
    Ok(Matched::by_name("array", load(a)?, load(b)?))
}

fn tensor(file: &Path, name: String, array: Array) -> Result<Tensor, Error> {
    let Array { header, mut bytes } = array;
    let Some((kind, big_endian)) = kind(header.element) else {
        let found = format!("numbers of type {}", header.element).into();
        let wanted = "floats or integers of at most 8 bytes, or booleans".into();
        return Err(Error::Content { file: file.to_path_buf(), found, wanted });
    };
    if big_endian {
        bytes.chunks_exact_mut(kind.size()).for_each(<[u8]>::reverse);
    }
    Ok(Tensor::of(name, kind, header.shape, header.fortran, bytes))
}

/// The type, and whether the most significant byte comes first, from NumPy's name of both.
fn kind(element: Element) -> Option<(Kind, bool)> {
    let name = element.to_string();
    let (order, name) = name.split_at_checked(1)?;
    let kind = match name {
        "b1" => Kind::Bool,
        "u1" => Kind::Unsigned(1),
        "u2" => Kind::Unsigned(2),
        "u4" => Kind::Unsigned(4),
        "u8" => Kind::Unsigned(8),
        "i1" => Kind::Signed(1),
        "i2" => Kind::Signed(2),
        "i4" => Kind::Signed(4),
        "i8" => Kind::Signed(8),
        "f2" => Kind::Float(Float::F16),
        "f4" => Kind::Float(Float::F32),
        "f8" => Kind::Float(Float::F64),
        _ => return None,
    };
    Some((kind, order == ">"))
}
