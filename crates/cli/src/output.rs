//! What a command leaves on standard output and in files.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ravine::data::{WholeFile, remove_leftovers};

use serde::Serialize;

use crate::error::Error;

/// Prints a command's result: as it displays, or as one JSON object on a line.
pub(crate) fn print(json: bool, result: &(impl Display + Serialize)) -> Result<(), Error> {
    if json {
        let object = serde_json::to_string(result).map_err(|error| Error::Output(error.into()))?;
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
        told => told.map_err(Error::Output),
    }
}

/// Finds out, before any work is done, whether a file can appear at `path`, and removes what a
/// killed program left of its name.
pub(crate) fn writable(path: &Path) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { file: path.to_path_buf(), source };
    match std::fs::symlink_metadata(path) {
        // A whole file would take the place of a link, a device or a pipe, and neither what is
        // linked to nor who listens would hear of it.
        Ok(found) if !found.is_file() => {
            let found = match found {
                found if found.is_symlink() => "a link",
                found if found.is_dir() => "a folder",
                _ => "a pipe or a device",
            };
            return Err(unwritable(io::Error::other(found)));
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritable(error)),
        _ => {}
    }
    // Files that stay are no fault of this one.
    drop(remove_leftovers(path));
    // A file beside the place, gone again when dropped: what the writer will make.
    WholeFile::create(path).map(drop).map_err(|error| unwritable(without_name(&error)))
}

/// An error of making a temporary file, whose name would mislead.
pub(crate) fn without_name(error: &io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => io::Error::other("no such folder"),
        kind => kind.into(),
    }
}

/// Finds the same out for files of these names in a folder, which is made where it is not.
pub(crate) fn writable_in(folder: &Path, names: &[impl AsRef<Path>]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| Error::Content {
        file: folder.to_path_buf(),
        found: match error.kind() {
            io::ErrorKind::AlreadyExists => "a file".into(),
            _ => error.to_string().into(),
        },
        wanted: "a folder".into(),
    })?;
    names.iter().try_for_each(|name| writable(&folder.join(name)))
}

/// Where a file is, or will be, whatever the name says.
pub(crate) fn place(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let beside = || {
        let folder = folder.unwrap_or(Path::new(".")).canonicalize()?;
        Ok(folder.join(path.file_name().unwrap_or_default()))
    };
    path.canonicalize().or_else(|_: io::Error| beside()).unwrap_or_else(|_: io::Error| path.into())
}
