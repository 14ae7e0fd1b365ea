//! The trace of a run, into a file as it goes.

use std::io;
use std::path::{Path, PathBuf};

use ravine::data::WholeFile;
use ravine::{SaveError, StepRecord, Trace};

/// A trace on its way to its file, which appears when it is finished.
#[derive(Debug)]
pub(super) struct Course {
    trace: Trace<WholeFile>,
    path: PathBuf,
}

impl Course {
    /// The trace of a run from its first step.
    pub(super) fn begin(path: &Path) -> Result<Self, SaveError> {
        let trace = WholeFile::create(path).and_then(Trace::new);
        let trace = trace.map_err(|source| broken(path, source))?;
        Ok(Self { trace, path: path.to_path_buf() })
    }

    /// Adds a step.
    pub(super) fn push(&mut self, record: &StepRecord) -> Result<(), SaveError> {
        self.trace.push(record).map_err(|source| broken(&self.path, source))
    }

    /// Lets the file appear.
    pub(super) fn finish(self) -> Result<(), SaveError> {
        self.trace.into_inner().finish().map_err(|source| broken(&self.path, source))
    }
}

fn broken(path: &Path, source: io::Error) -> SaveError {
    SaveError { path: path.to_path_buf(), source }
}
