//! Which reader a pair of files is for.

use std::fmt;
use std::path::Path;

use ravine::data::{ReadError, open_regular};

use super::matched::Matched;
use super::{array, model, trace};
use crate::error::Error;

/// What a file holds, by its suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Model,
    Array,
    Archive,
    Trace,
}

/// Reads two files of one kind, and puts side by side what they hold.
pub(super) fn read(a: &Path, b: &Path) -> Result<Matched, Error> {
    let (wanted, found) = (Format::of(a)?, Format::of(b)?);
    if found != wanted {
        let (found, wanted) = (found.to_string().into(), format!("{wanted}, as {}", a.display()));
        return Err(Error::Content { file: b.to_path_buf(), found, wanted: wanted.into() });
    }
    match wanted {
        Format::Model => model::read(a, b),
        Format::Array => array::read(a, b),
        Format::Archive => array::read_archives(a, b),
        Format::Trace => trace::read(a, b),
    }
}

impl Format {
    fn of(file: &Path) -> Result<Self, Error> {
        let content = |found: String, wanted: &str| Error::Content {
            file: file.to_path_buf(),
            found: found.into(),
            wanted: wanted.into(),
        };
        let suffix = file.extension().unwrap_or_default().to_string_lossy();
        let format = match &*suffix {
            "safetensors" => Self::Model,
            "npy" => Self::Array,
            "npz" => Self::Archive,
            "csv" => Self::Trace,
            "" => return Err(content("a name without a suffix".into(), SUFFIXES)),
            _ => return Err(content(format!("the suffix .{suffix}"), SUFFIXES)),
        };
        let kind = "input";
        match open_regular(file) {
            Ok(_) => Ok(format),
            Err(source) => Err(ReadError::Io { file: file.to_path_buf(), kind, source }.into()),
        }
    }
}

const SUFFIXES: &str = ".safetensors, .npy, .npz or .csv";

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Model => "a saved model (.safetensors)",
            Self::Array => "an array (.npy)",
            Self::Archive => "arrays (.npz)",
            Self::Trace => "a trace (.csv)",
        })
    }
}
