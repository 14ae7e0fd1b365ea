//! A copy of the workspace, to be broken.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::process::root;
use crate::tidy::files;

/// Makes the folder `copy` hold the workspace's files and no others. What is there already is left
/// alone, so that cargo builds again only what changed.
///
/// # Errors
///
/// If a file cannot be read, written or removed.
pub(crate) fn make(copy: &Path) -> Result<(), Error> {
    let files = files()?;
    let wanted: HashSet<_> = files.iter().map(|path| copy.join(path)).collect();
    let gone = contents(copy).map_err(|error| Error::io(copy.display(), &error))?;
    for path in gone.iter().filter(|path| !wanted.contains(*path)) {
        fs::remove_file(path).map_err(|error| Error::io(path.display(), &error))?;
    }
    for path in &files {
        let write = || {
            let (bytes, to) = (fs::read(root().join(path))?, copy.join(path));
            fs::create_dir_all(to.parent().expect("a file lies in a folder"))?;
            if fs::read(&to).ok().as_ref() == Some(&bytes) { Ok(()) } else { fs::write(to, bytes) }
        };
        write().map_err(|error| Error::io(path, &error))?;
    }
    Ok(())
}

/// All files under a folder; none where there is no folder.
fn contents(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = if folder.exists() { vec![folder.to_path_buf()] } else { Vec::new() };
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let to = if entry.file_type()?.is_dir() { &mut folders } else { &mut found };
            to.push(entry.path());
        }
    }
    Ok(found)
}
