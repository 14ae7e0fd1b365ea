//! What is wrong with a file of data.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A file does not hold the data that it should. Each message is one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{}: found {source}, wanted a readable {kind} file", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What kind of file it should be, as `CSV`.
        kind: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The file has something else in a place than it should.
    #[error("{}: {place}: found {found}, wanted {wanted}", file.display())]
    Content {
        /// The file.
        file: PathBuf,
        /// The place in it, as `line 3, column 2 (age)`, `header` or `row 7, column 2`, from 1.
        place: Box<str>,
        /// What is there.
        found: Box<str>,
        /// What should be.
        wanted: Box<str>,
    },
    /// The file holds features alone, and no file of labels is named.
    #[error("{}: labels: found none, wanted a file of them (--labels)", file.display())]
    NoLabels {
        /// The file.
        file: PathBuf,
    },
    /// The data are larger than the memory that can be had.
    #[error("{}: found {bytes} bytes of data, wanted no more than memory holds", file.display())]
    Memory {
        /// The file.
        file: PathBuf,
        /// Bytes of the data as `f32`s.
        bytes: u64,
    },
}

impl ReadError {
    /// What `found` and `wanted` are in a place of a file.
    pub(crate) fn content(
        file: &Path,
        place: impl ToString,
        found: impl ToString,
        wanted: impl ToString,
    ) -> Self {
        Self::Content {
            file: file.into(),
            place: place.to_string().into(),
            found: found.to_string().into(),
            wanted: wanted.to_string().into(),
        }
    }

    /// The same of an entry in an archive.
    pub(crate) fn inside(self, entry: &str) -> Self {
        match self {
            Self::Content { file, place, found, wanted } => {
                Self::Content { file, place: format!("{entry}, {place}").into(), found, wanted }
            }
            Self::Io { file, source, .. } => {
                Self::content(&file, entry, source, "an entry that is whole")
            }
            other => other,
        }
    }
}
