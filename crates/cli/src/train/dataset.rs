//! The rows to train on, and the rows held out.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ravine::data::{Classes, Standardizer, Table, csv, split};
use ravine::{Examples, Task};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// Which data to train on, and how.
#[derive(Debug, clap::Args, Serialize)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataFlags {
    /// Table to learn from: a .csv file with a header row
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    data: PathBuf,
    /// Column to predict [default: the last]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// What is predicted, and the loss: mean squared error, or a mean cross-entropy of logits
    #[arg(long, value_enum, default_value_t = TaskName::Regression)]
    task: TaskName,
    /// Table of held-out rows, with the same columns
    #[arg(long, value_name = "FILE", conflicts_with = "test_fraction")]
    #[serde(skip)]
    test: Option<PathBuf>,
    /// Share of the rows to hold out, drawn by the seed: above 0, below 1
    #[arg(long, value_name = "F")]
    test_fraction: Option<f64>,
    /// Whether features become (x − mean)/std, by the statistics of the training rows
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    standardize: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum TaskName {
    /// Numbers
    Regression,
    /// Two classes
    Binary,
    /// Several classes
    Multiclass,
}

/// Data as training sees it.
#[derive(Debug)]
pub(crate) struct Dataset {
    /// What is predicted.
    pub(crate) task: Task,
    /// Outputs that a model needs.
    pub(crate) outputs: usize,
    /// Training rows.
    pub(crate) train: Examples,
    /// Held-out rows.
    pub(crate) test: Option<Examples>,
    /// SHA-256 over the little-endian `f32`s of features and then targets, as read.
    pub(crate) checksum: String,
    /// What a person wants to know of it.
    pub(crate) summary: String,
}

impl DataFlags {
    /// Reads, checks, splits and standardizes the data.
    ///
    /// The classes are those of the whole table, before rows are held out. Held-out rows are
    /// standardized by the statistics of the training rows.
    pub(crate) fn load(&self, seed: u64) -> Result<Dataset, Error> {
        if let Some(fraction) = self.test_fraction
            && !(0.0 < fraction && fraction < 1.0)
        {
            return Err(Error::range("test-fraction", fraction, "0 < test fraction < 1"));
        }
        let table = read(&self.data, self.target.as_deref())?;
        let (checksum, target, task) = (checksum(&table), table.target.clone(), self.task.task());
        let classes = match task {
            Task::Regression => None,
            Task::Binary | Task::Multiclass => Some(self.classes(&table)?),
        };
        let (mut train, mut test) = match (&self.test, self.test_fraction) {
            (Some(file), _) => {
                let test = self.read_test(file, &table)?;
                (table, Some(test))
            }
            (None, Some(fraction)) => {
                let (train, test) = split(&table, fraction, seed)?;
                (train, Some(test))
            }
            (None, None) => (table, None),
        };
        if self.standardize {
            let standardizer = Standardizer::fit(&train.x);
            standardizer.apply(&mut train.x);
            if let Some(test) = &mut test {
                standardizer.apply(&mut test.x);
            }
        }
        let held_out = test.as_ref().map_or(0, |test| test.y.len());
        let summary = format!(
            "{}: {} rows, {held_out} held out, {} columns to predict {target}",
            self.data.display(),
            train.y.len(),
            train.x.cols(),
        );
        let examples = |table: Table, file: &Path| match &classes {
            None => Ok(Examples::regression(table)),
            Some(classes) => Examples::classification(table, classes)
                .map_err(|source| Error::Class { file: file.to_path_buf(), source }),
        };
        Ok(Dataset {
            task,
            outputs: task.outputs(classes.as_ref().map_or(0, Classes::len)),
            train: examples(train, &self.data)?,
            test: test
                .map(|test| examples(test, self.test.as_ref().unwrap_or(&self.data)))
                .transpose()?,
            checksum,
            summary,
        })
    }

    /// The name of the file of the training rows.
    pub(super) fn name(&self) -> std::path::Display<'_> {
        self.data.display()
    }

    /// The distinct values of the target.
    fn classes(&self, table: &Table) -> Result<Classes, Error> {
        let classes = Classes::of(&table.y);
        let (right, wanted) = match self.task {
            TaskName::Binary => (classes.len() == 2, "exactly 2 distinct values"),
            _ => (classes.len() >= 2, "at least 2 distinct values"),
        };
        let found = || format!("{} in the column {}", classes.len(), table.target).into();
        right.then_some(()).ok_or_else(|| self.content(&self.data, found(), wanted.into()))?;
        Ok(classes)
    }

    /// Held-out rows of a file, whose columns must be those of the training rows.
    fn read_test(&self, file: &Path, train: &Table) -> Result<Table, Error> {
        let test = read(file, Some(&train.target))?;
        if test.names == train.names {
            return Ok(test);
        }
        let (found, wanted) = (test.names.join(", "), train.names.join(", "));
        let found = format!("the features {found} in line 1").into();
        Err(self.content(file, found, format!("{wanted} as in {}", self.data.display()).into()))
    }

    fn content(&self, file: &Path, found: Box<str>, wanted: Box<str>) -> Error {
        Error::Content { file: file.to_path_buf(), found, wanted }
    }
}

impl TaskName {
    fn task(self) -> Task {
        match self {
            Self::Regression => Task::Regression,
            Self::Binary => Task::Binary,
            Self::Multiclass => Task::Multiclass,
        }
    }
}

/// Reads a table by the reader of its file's suffix.
fn read(file: &Path, target: Option<&str>) -> Result<Table, Error> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let suffix = file.extension().unwrap_or_default().to_string_lossy();
    let found = match &*suffix {
        "csv" => return Ok(csv::read(file, target)?),
        "npy" | "npz" => format!("a .{suffix} file, which is not read yet"),
        _ if name.ends_with("-ubyte") => "an IDX file, which is not read yet".into(),
        "" => "a name without a suffix".into(),
        _ => format!("the suffix .{suffix}"),
    };
    Err(Error::Content { file: file.to_path_buf(), found: found.into(), wanted: ".csv".into() })
}

fn checksum(table: &Table) -> String {
    let mut hash = Sha256::new();
    for value in table.x.as_slice().iter().chain(&table.y) {
        hash.update(value.to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
