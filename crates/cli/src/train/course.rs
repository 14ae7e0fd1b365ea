//! The trace of a run, into a file as it goes.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ravine::data::WholeFile;
use ravine::{SaveError, StepRecord, Trace, TraceMark};

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

    /// The trace of a run that goes on, after what `mark` stands for in the file at `path`; `None`
    /// where the file does not begin so.
    pub(super) fn after(path: &Path, mark: &TraceMark) -> Result<Option<Self>, SaveError> {
        let Ok(mut earlier) = File::open(path) else { return Ok(None) };
        let trace = WholeFile::create(path).and_then(|to| Trace::after(to, &mut earlier, mark));
        let trace = trace.map_err(|source| broken(path, source))?;
        Ok(trace.map(|trace| Self { trace, path: path.to_path_buf() }))
    }

    /// Adds a step.
    pub(super) fn push(&mut self, record: &StepRecord) -> Result<(), SaveError> {
        self.trace.push(record).map_err(|source| broken(&self.path, source))
    }

    /// By what its rows so far are known again.
    pub(super) fn mark(&self) -> TraceMark {
        self.trace.mark()
    }

    /// Lets the file appear.
    pub(super) fn finish(self) -> Result<(), SaveError> {
        self.trace.into_inner().finish().map_err(|source| broken(&self.path, source))
    }
}

fn broken(path: &Path, source: io::Error) -> SaveError {
    SaveError { path: path.to_path_buf(), source }
}
