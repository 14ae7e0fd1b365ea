//! The one error of a chore.

use std::fmt;
use std::io;

/// Why a chore failed, in one line.
#[derive(Debug)]
pub(crate) struct Error(String);

impl Error {
    /// An error that prints as `message`.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A file, directory or program that could not be used.
    pub(crate) fn io(what: impl fmt::Display, error: &io::Error) -> Self {
        Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
