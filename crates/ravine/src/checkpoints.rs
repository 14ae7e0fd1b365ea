//! The two newest states of a run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use ravine_data::{WholeFile, duplicate_whole, remove_leftovers};
use ravine_models::Model;

use crate::{Notes, Run, SaveError, Saved};

/// A place that always holds a whole saved run, with the one before it beside.
///
/// `run.safetensors` is the newest, `run.previous.safetensors` the one before. From the first save
/// on there is no moment without a whole file at the first name, whatever kills the program or
/// fills the disk.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    path: PathBuf,
    previous: PathBuf,
    /// Whether the file at `path` is known to be whole: a damaged one must not become the one
    /// before, over a whole one.
    whole: bool,
}

impl Checkpoints {
    /// Checkpoints at `path`. Removes temporary files that a killed program left of this name.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read, or a temporary file not be removed.
    pub fn new(path: &Path) -> Result<Self, SaveError> {
        let previous = Self::previous_of(path);
        for path in [path, &previous] {
            remove_leftovers(path).map_err(SaveError::at(path))?;
        }
        let whole = Saved::read(path).is_ok();
        Ok(Self { path: path.to_path_buf(), previous, whole })
    }

    /// Where the one before the newest at `path` is: `a/run.previous.safetensors` for
    /// `a/run.safetensors`.
    #[must_use]
    pub fn previous_of(path: &Path) -> PathBuf {
        let mut name = OsString::from(path.file_stem().unwrap_or_default());
        name.push(".previous");
        if let Some(suffix) = path.extension() {
            name.push(".");
            name.push(suffix);
        }
        path.with_file_name(name)
    }

    /// Saves `run` as the newest; what was the newest becomes the one before, unless it was damaged
    /// when these checkpoints began: then the one before stays.
    ///
    /// The new file is complete and on the disk under another name first. Then the newest gets
    /// its second name, over the older one, and last the new file takes the first name.
    ///
    /// # Errors
    ///
    /// If a file cannot be written. Then the newest stays, and mostly the one before it.
    ///
    /// # Panics
    ///
    /// As [`Run::save`].
    pub fn save<M: Model>(&mut self, run: &Run<M>, notes: &Notes) -> Result<(), SaveError> {
        let replace = || {
            let mut file = WholeFile::create(&self.path)?;
            run.write(&mut file, notes)?;
            file.sync()?;
            if self.whole {
                duplicate_whole(&self.path, &self.previous)?;
            }
            file.finish()
        };
        replace().map_err(SaveError::at(&self.path))?;
        self.whole = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_before_is_beside_the_newest() {
        for (path, previous) in [
            ("a/run.safetensors", "a/run.previous.safetensors"),
            ("run", "run.previous"),
            ("a.b/run.1.st", "a.b/run.1.previous.st"),
        ] {
            assert_eq!(Checkpoints::previous_of(path.as_ref()), Path::new(previous));
        }
    }
}
