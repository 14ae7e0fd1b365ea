//! What a command leaves on standard output and in files.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;

use crate::error::Error;

/// Prints a command's result: as it displays, or as one JSON object on a line.
pub(crate) fn print(json: bool, result: &(impl Display + Serialize)) -> Result<(), Error> {
    if json {
        let object = serde_json::to_string(result).map_err(io::Error::from)?;
        line(&object)
    } else {
        line(result)
    }
}

/// Prints a line.
pub(crate) fn line(text: &impl Display) -> Result<(), Error> {
    whole(format!("{text}\n").as_bytes())
}

/// Prints what is whole already. A reader that has heard enough (`ravine man | head -1`) is no
/// fault: what else the command has to do goes on.
pub(crate) fn whole(text: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        told => Ok(told?),
    }
}

/// Finds out, before any work is done, whether a file can appear at `path`, and removes what a
/// killed program left of its name.
pub(crate) fn writable(path: &Path) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { file: path.to_path_buf(), source };
    if path.is_dir() {
        return Err(unwritable(io::ErrorKind::IsADirectory.into()));
    }
    // Files that stay are no fault of this one.
    drop(ravine::data::remove_leftovers(path));
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    // A file beside the place, gone again when dropped: what the writer will make.
    tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map(drop).map_err(|error| {
        // The temporary name would mislead.
        unwritable(error.kind().into())
    })
}
