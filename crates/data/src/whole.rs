//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Characters of a file's name that its temporary name repeats: few enough for any file system.
const REPEATED: usize = 48;
/// Characters that tell temporary names of one file apart.
const DRAWN: usize = 6;
const SUFFIX: &str = ".part";

/// A file on its way: written under another name in the same folder, it takes its own when it is
/// complete.
///
/// Dropped before that it is removed, and what was at its place stays. The temporary file is
/// locked for as long as its writer lives, so that [`remove_leftovers`] knows which are dead.
#[derive(Debug)]
pub struct WholeFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl WholeFile {
    /// Begins a file that will be at `path`.
    ///
    /// # Errors
    ///
    /// If no file can be made in its folder.
    pub fn create(path: &Path) -> io::Result<Self> {
        let prefix = prefix(path);
        let mut builder = builder(&prefix);
        // Temporary files are private unless told; the result is as open as any new file.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder(path))?;
        // Where there are no locks, leftovers are never taken for dead.
        drop(file.as_file().try_lock());
        Ok(Self { file: BufWriter::with_capacity(1 << 16, file), path: path.to_path_buf() })
    }

    /// Brings all that was written so far to the disk.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn sync(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().as_file().sync_all()
    }

    /// Brings the file to the disk, and then to its place, over what was there.
    ///
    /// # Errors
    ///
    /// If it cannot be written. Then what was at its place stays.
    pub fn finish(mut self) -> io::Result<()> {
        self.sync()?;
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.persist(&self.path).map_err(|error| error.error)?;
        sync_folder(folder(&self.path))
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for WholeFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Writes a [`WholeFile`]: one that appears at `path` when it is complete, and replaces what was
/// there. Where anything fails, what was at `path` stays.
///
/// # Examples
///
/// ```no_run
/// use std::io::Write;
///
/// ravine_data::write_whole("notes.txt".as_ref(), |file| writeln!(file, "whole"))?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If the file cannot be made or written, or `content` gives back an error.
pub fn write_whole(
    path: &Path,
    content: impl FnOnce(&mut WholeFile) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = WholeFile::create(path)?;
    content(&mut file)?;
    file.finish()
}

/// Makes `to` a second name of the file at `from`, in the same folder, over what was there: both
/// are whole at every moment. Where the file system has no second names, `to` is a copy.
///
/// # Errors
///
/// If there is no file at `from`, or no other can be made.
pub fn duplicate_whole(from: &Path, to: &Path) -> io::Result<()> {
    let prefix = prefix(to);
    let linked = builder(&prefix).make_in(folder(to), |free| std::fs::hard_link(from, free));
    let Ok(linked) = linked else {
        return write_whole(to, |file| io::copy(&mut File::open(from)?, file).map(drop));
    };
    let linked = linked.into_temp_path();
    let name = linked.to_path_buf();
    linked.persist(to).map_err(|error| error.error)?;
    // Where both were names of one file already, the system has done nothing.
    drop(std::fs::remove_file(name));
    sync_folder(folder(to))
}

/// Removes what writers of `path` left beside it that were killed: temporary files of this very
/// name that nobody holds.
///
/// # Errors
///
/// If the folder cannot be read, or a file not be removed.
pub fn remove_leftovers(path: &Path) -> io::Result<()> {
    let prefix = prefix(path);
    for entry in folder(path).read_dir()? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let drawn = name.strip_prefix(&*prefix).and_then(|rest| rest.strip_suffix(SUFFIX));
        if drawn.is_some_and(|drawn| drawn.len() == DRAWN)
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Temporary names of a file: `.ravine-NAME-XXXXXX.part`.
fn builder(prefix: &str) -> Builder<'_, 'static> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(SUFFIX).rand_bytes(DRAWN);
    builder
}

fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".ravine-{}-", name.chars().take(REPEATED).collect::<String>())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes new names in a folder outlast a power cut, where folders can be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, Unsupported};
    if cfg!(not(unix)) {
        return Ok(());
    }
    // A folder may be writable and not readable; then nobody can sync it.
    let Ok(folder) = File::open(folder) else { return Ok(()) };
    folder.sync_all().or_else(|error| match error.kind() {
        InvalidInput | Unsupported => Ok(()),
        _ => Err(error),
    })
}
