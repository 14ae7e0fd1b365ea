//! Files that the program itself has written, read again.

use std::io::Read as _;
use std::path::Path;

use ravine::data::open_regular;
use serde::de::DeserializeOwned;

use crate::error::Error;

/// A file of JSON.
///
/// # Errors
///
/// If it cannot be read, or does not hold what is `wanted`.
pub(crate) fn json<T: DeserializeOwned>(file: &Path, wanted: &str) -> Result<T, Error> {
    let mut text = Vec::new();
    open_regular(file)
        .and_then(|mut from| from.read_to_end(&mut text))
        .map_err(|error| Error::content(file, error.to_string(), wanted))?;
    serde_json::from_slice(&text).map_err(|error| Error::content(file, error.to_string(), wanted))
}
