//! Files that have an end and can be read again.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Opens a regular file for reading.
///
/// Asked before the file is opened, because opening a pipe waits for its other end, and a device
/// may never end.
///
/// # Errors
///
/// If the file cannot be opened, or is a folder, a pipe or a device.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?;
    if kind.is_file() {
        return File::open(path);
    }
    let found = if kind.is_dir() { "a folder" } else { "a pipe or a device" };
    Err(io::Error::other(found))
}
