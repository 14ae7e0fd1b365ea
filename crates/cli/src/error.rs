//! Why a command ended without its result.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::Styles;
use ravine::data::{RavineError, ReadError, SplitError, UnknownClass};
use ravine::models::WidthError;
use ravine::momentum::HyperError;
use ravine::simd::LevelError;
use ravine::{LoadError, ResumeError, SaveError, TrainError};

use crate::case::Mismatch;

/// Why a command ended without its result; prints as one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A flag's value is outside its range.
    #[error("--{flag} is {value}, but {range}")]
    Range { flag: &'static str, value: Box<str>, range: &'static str },
    /// A flag does not go with the others.
    #[error("--{flag} {reason}")]
    Misplaced { flag: &'static str, reason: Box<str> },
    /// A file holds something else than it should.
    #[error("{}: found {found}, wanted {wanted}", file.display())]
    Content { file: PathBuf, found: Box<str>, wanted: Box<str> },
    /// A kernel from outside did not answer as it should.
    #[error("--kernel {line}: found {found}, wanted {wanted}")]
    Kernel { line: Box<str>, found: Box<str>, wanted: Box<str> },
    /// A flag would make another run of a saved one.
    #[error("--{flag} is {now}, but {was} in the run of {}", file.display())]
    Changed { flag: Box<str>, now: Box<str>, was: Box<str>, file: PathBuf },
    /// A saved run cannot be read, but the one before it can.
    #[error("{error}; the one before is whole: --resume {} goes on at step {step}", previous.display())]
    Damaged { error: Box<LoadError>, previous: PathBuf, step: u64 },
    /// A signal ended a run; the text says how to go on.
    #[error("{text}")]
    Interrupted { text: Box<str>, status: u8 },
    /// A held-out row has a class that no training row has.
    #[error("{}: {source}", file.display())]
    Class { file: PathBuf, source: UnknownClass },
    /// A file cannot be written.
    #[error("{}: found {source}, wanted a place for a file", file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error("--{0}")]
    Level(#[from] LevelError),
    // Names of hyper-parameters are words, flags have hyphens.
    #[error("--{} is {}, but {}", .0.name.replace(' ', "-"), number(.0.value), .0.range)]
    Hyper(#[from] HyperError),
    #[error("--test-fraction: {0}")]
    Split(#[from] SplitError),
    #[error("--{0}")]
    Ravine(#[from] RavineError),
    #[error("--layers: {0}")]
    Width(#[from] WidthError),
    /// A benchmark's result is wrong.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error(transparent)]
    Train(#[from] TrainError),
    #[error(transparent)]
    Resume(#[from] ResumeError),
    #[error("signals: {0}")]
    Signals(io::Error),
    /// A command's own check failed, and the command has said how.
    #[error("{0}")]
    Check(Box<str>),
    /// Standard output cannot be written. Made by those who write to it alone: an error of a file
    /// must name the file.
    #[error("standard output: {0}")]
    Output(io::Error),
    /// The pool of threads cannot be had.
    #[cfg(feature = "rayon")]
    #[error("--threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

impl Error {
    /// A flag's value that is outside its range.
    pub(crate) fn range(flag: &'static str, value: impl fmt::Debug, range: &'static str) -> Self {
        Self::Range { flag, value: number(value).into(), range }
    }

    /// A flag that does not go with the others.
    pub(crate) fn misplaced(flag: &'static str, reason: impl Into<Box<str>>) -> Self {
        Self::Misplaced { flag, reason: reason.into() }
    }

    /// A file that holds something else than it should.
    pub(crate) fn content(
        file: &Path,
        found: impl Into<Box<str>>,
        wanted: impl Into<Box<str>>,
    ) -> Self {
        Self::Content { file: file.to_path_buf(), found: found.into(), wanted: wanted.into() }
    }

    /// Says it on standard error and gives the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Interrupted { text, status } => {
                drop(writeln!(io::stderr(), "{text}"));
                ExitCode::from(*status)
            }
            Self::Train(TrainError::NonFinite(_)) | Self::Mismatch(_) | Self::Check(_) => {
                complain(&self.to_string(), 1)
            }
            _ => complain(&self.to_string(), 2),
        }
    }
}

/// A number in as few digits as say it: `1`, `0.1`, `1e60`.
fn number(value: impl fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// Prints what the argument parser has to say: help on standard output, a fault as one line on
/// standard error.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if !error.use_stderr() || error.kind() == DisplayHelpOnMissingArgumentOrSubcommand {
        // A reader that is gone needs no help.
        drop(error.print());
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    let text = error.to_string();
    let told = text.split("\n\nUsage:").next().unwrap_or_default();
    let told = told.split("\n\nFor more information").next().unwrap_or_default();
    complain(told.strip_prefix("error: ").unwrap_or(told), 2)
}

/// One line on standard error, its first word in color where a person looks on and wants it.
fn complain(text: &str, status: u8) -> ExitCode {
    let styles = Styles::styled();
    let style = styles.get_error();
    // The parser wraps its text; what a name holds besides stays, so that it can be found again.
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text: String = lines
        .join(" ")
        .chars()
        .flat_map(|c| match c.is_control() {
            true => c.escape_default().collect::<Vec<_>>(),
            false => vec![c],
        })
        .collect();
    // Where standard error is closed, the exit status alone speaks.
    drop(writeln!(anstream::stderr(), "{style}error:{style:#} {text}"));
    ExitCode::from(status)
}
