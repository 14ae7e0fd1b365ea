//! The rows to train on, and the rows held out.

mod part;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use ravine::data::{Classes, ReadError, Source};
use ravine::simd::Par;
use ravine::{Rows, Task};
use serde::Serialize;

pub(crate) use self::part::Part;
use self::part::{Content, Stream};
use crate::error::Error;
use crate::memory;

/// Which data to train on, and how.
#[derive(Debug, clap::Args, Serialize)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataFlags {
    /// Data to learn from: .csv with a header row, .npz (arrays X and y), .npy or IDX (*-ubyte)
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    data: PathBuf,
    /// What to predict, for the rows of a .npy or IDX file: .npy or IDX
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    labels: Option<PathBuf>,
    /// Column to predict of a .csv file [default: the last]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// What is predicted, and the loss: mean squared error, or a mean cross-entropy of logits
    #[arg(long, value_enum, default_value_t = TaskName::Regression)]
    task: TaskName,
    /// Held-out rows, with the same columns
    #[arg(long, value_name = "FILE", conflicts_with = "test_fraction")]
    #[serde(skip)]
    test: Option<PathBuf>,
    /// What to predict for the held-out rows of a .npy or IDX file
    #[arg(long, value_name = "FILE", requires = "test")]
    #[serde(skip)]
    test_labels: Option<PathBuf>,
    /// Share of the rows to hold out, drawn by the seed: above 0, below 1
    #[arg(long, value_name = "F")]
    test_fraction: Option<f64>,
    /// Whether features become (x − mean)/std, by the statistics of the training rows
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    standardize: bool,
    /// Whether the rows of a .npy or IDX file stay in it and are read ahead of the arithmetic: auto
    /// where they are too large for memory; it never changes a bit of the result
    #[arg(long, value_name = "auto|BOOL", default_value = "auto", hide_possible_values = true)]
    #[serde(skip)]
    stream: Stream,
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
    pub(crate) train: Part,
    /// Held-out rows.
    pub(crate) test: Option<Part>,
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
    pub(crate) fn load(&self, par: Par, seed: u64) -> Result<Dataset, Error> {
        if let Some(fraction) = self.test_fraction
            && !(0.0 < fraction && fraction < 1.0)
        {
            return Err(Error::range("test-fraction", fraction, "0 < test fraction < 1"));
        }
        let target = self.target.clone();
        let source = Source { data: self.data.clone(), target, labels: self.labels.clone() };
        let content = Content::read(par, &source, self.stream)?;
        // Statistics that are kept are two numbers of 8 bytes a column; in passes over a file there
        // are 32 lanes of sums beside them.
        let statistics = match (&content, &self.test) {
            (Content::Table(_), None) => 0,
            (Content::Table(_), Some(_)) => 4,
            (Content::Stored(_), _) => 72,
        };
        if self.standardize && !memory::holds(content.cols().saturating_mul(statistics)) {
            let found = format!("{} columns", content.cols());
            return Err(self.refused(found, "statistics that memory holds (--standardize false)"));
        }
        let (checksum, target, task) =
            (content.checksum()?, self.target_name(&content), self.task.task());
        let classes = match task {
            Task::Regression => None,
            Task::Binary | Task::Multiclass => Some(self.classes(content.targets(), &target)?),
        };
        let (train, test) = match (&self.test, self.test_fraction) {
            (Some(file), _) => {
                let mut test = self.read_test(par, file, &content)?;
                let mut train = content;
                if self.standardize {
                    let standardizer = train.fit()?;
                    train.apply(&standardizer);
                    test.apply(&standardizer);
                }
                (train, Some(test))
            }
            (None, Some(fraction)) => {
                let (train, test) = content.split(fraction, seed, self.standardize)?;
                (train, Some(test))
            }
            (None, None) => {
                let mut train = content;
                if self.standardize {
                    train.standardize()?;
                }
                (train, None)
            }
        };
        let part = |content: Content, file: &Path| {
            let class = |source| Error::Class { file: file.to_path_buf(), source };
            content.part(classes.as_ref()).map_err(class)
        };
        let train = part(train, &self.data)?;
        let test = test.map(|test| part(test, self.test.as_ref().unwrap_or(&self.data)));
        let test = test.transpose()?;
        let held_out = test.as_ref().map_or(0, Part::count);
        let streamed = if train.in_memory().is_none() { ", streamed from the file" } else { "" };
        let summary = format!(
            "{}: {} rows, {held_out} held out, {} columns to predict {target}{streamed}",
            self.data.display(),
            train.count(),
            train.cols(),
        );
        let outputs = task.outputs(classes.as_ref().map_or(0, Classes::len));
        Ok(Dataset { task, outputs, train, test, checksum, summary })
    }

    /// What people call the target.
    fn target_name(&self, content: &Content) -> String {
        match (content, &self.labels) {
            (Content::Table(table), _) => table.target.clone(),
            (_, labels) => {
                let file = labels.as_deref().and_then(Path::file_name).unwrap_or_default();
                file.to_string_lossy().into_owned()
            }
        }
    }

    /// The files that are read, by their flags.
    pub(super) fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let others =
            [("labels", &self.labels), ("test", &self.test), ("test-labels", &self.test_labels)];
        let others = others.into_iter().filter_map(|(flag, file)| Some((flag, file.as_deref()?)));
        std::iter::once(("data", &*self.data)).chain(others)
    }

    /// The error of a file of training rows that cannot be trained on.
    pub(super) fn refused(&self, found: String, wanted: &str) -> Error {
        self.content(&self.data, found.into(), wanted.into())
    }

    /// The name of the file of the training rows.
    pub(super) fn name(&self) -> std::path::Display<'_> {
        self.data.display()
    }

    /// The distinct values of the target.
    fn classes(&self, targets: &[f32], name: &str) -> Result<Classes, Error> {
        let classes = Classes::of(targets);
        let (right, wanted) = match self.task {
            TaskName::Binary => (classes.len() == 2, "exactly 2 distinct values"),
            _ => (classes.len() >= 2, "at least 2 distinct values"),
        };
        let found = || format!("{} in the target {name}", classes.len()).into();
        right.then_some(()).ok_or_else(|| self.content(&self.data, found(), wanted.into()))?;
        Ok(classes)
    }

    /// Held-out rows of a file, whose columns must be those of the training rows: by name where
    /// both files have names, else by number.
    fn read_test(&self, par: Par, file: &Path, train: &Content) -> Result<Content, Error> {
        let csv = file.extension().is_some_and(|suffix| suffix == "csv");
        let target = (csv && !train.names().is_empty()).then(|| self.target_name(train));
        let source = Source { data: file.into(), target, labels: self.test_labels.clone() };
        let test = match Content::read(par, &source, self.stream) {
            Err(Error::Read(ReadError::NoLabels { file })) => {
                let (found, wanted) = ("no labels".into(), "a file of them (--test-labels)".into());
                Err(Error::Content { file, found, wanted })
            }
            read => read,
        }?;
        let (found, wanted) = if test.names().is_empty() || train.names().is_empty() {
            if test.cols() == train.cols() {
                return Ok(test);
            }
            (format!("{} columns", test.cols()), train.cols().to_string())
        } else {
            if test.names() == train.names() {
                return Ok(test);
            }
            let found = format!("the features {} in line 1", test.names().join(", "));
            (found, train.names().join(", "))
        };
        let wanted = format!("{wanted} as in {}", self.data.display());
        Err(self.content(file, found.into(), wanted.into()))
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
