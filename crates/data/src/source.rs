//! Examples by the names of their files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ravine_simd::Par;

use crate::{ArrayFile, Matrix, ReadError, Table, csv, npz, open_regular};

/// Files of features and targets, in one of these formats, by the end of the name:
///
/// | name | features | target |
/// |---|---|---|
/// | `.csv` | columns under a row of names | the column `target`, or the last |
/// | `.npy` | rows of an array, or an array of one dimension as one column | `labels` |
/// | `.npz` | the array `X` | the array `y` |
/// | `-ubyte` | IDX: the first dimension is rows, all others columns | `labels` |
///
/// Labels are `.npy` or IDX, whatever the features are, of one dimension or of one column.
///
/// # Examples
///
/// ```no_run
/// use ravine_data::Source;
/// use ravine_simd::Par;
///
/// let labels = Some("train-labels-idx1-ubyte".into());
/// let source = Source { data: "train-images-idx3-ubyte".into(), target: None, labels };
/// let table = source.read(Par::Seq)?;
/// assert_eq!((table.x.rows(), table.x.cols()), (60_000, 784));
/// # Ok::<(), ravine_data::ReadError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The file of the features, and where its format has them, of the targets.
    pub data: PathBuf,
    /// The CSV column to predict; the last where it is `None`.
    pub target: Option<String>,
    /// The file of the labels of a `.npy` or IDX file.
    pub labels: Option<PathBuf>,
}

impl Source {
    /// Reads all rows. Threads share those of `.npy`, IDX and CSV, and change neither a bit nor an
    /// error.
    ///
    /// # Errors
    ///
    /// If the name ends in nothing known, labels or a target are missing or too many, features
    /// and labels are not of one number, a file is not as its format wants it, or memory cannot
    /// hold the rows.
    pub fn read(&self, par: Par) -> Result<Table, ReadError> {
        if let Some((array, y)) = self.array()? {
            let target = self.labels.as_deref().and_then(Path::file_name).unwrap_or_default();
            let target = target.to_string_lossy().into_owned();
            return Ok(Table { x: array.read_all(par)?, y, names: Vec::new(), target });
        }
        if Format::of(&self.data)? == Format::Npz {
            return npz::read(&self.data);
        }
        csv::read(par, &self.data, self.target.as_deref())
    }

    /// Opens a `.npy` or IDX file, whose rows stay in it, and reads their labels; `None` for the
    /// other formats.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read); what rows hold is seen only when they are read.
    pub fn array(&self) -> Result<Option<(ArrayFile, Vec<f32>)>, ReadError> {
        let format = Format::of(&self.data)?;
        let refused = |place: &str, found: String, wanted: &str| {
            Err(ReadError::content(&self.data, place, found, wanted))
        };
        if let (Some(target), false) = (&self.target, format == Format::Csv) {
            let found = format!("\"{}\"", target.escape_debug());
            return refused("target", found, "none, because only .csv files name their columns");
        }
        match (format, &self.labels) {
            (Format::Csv | Format::Npz, None) => Ok(None),
            (Format::Csv | Format::Npz, Some(labels)) => {
                let wanted = "none, because the file holds its own targets";
                refused("labels", labels.display().to_string(), wanted)
            }
            (Format::Npy | Format::Idx, None) => {
                Err(ReadError::NoLabels { file: self.data.clone() })
            }
            (Format::Npy | Format::Idx, Some(path)) => {
                let (array, y) = (ArrayFile::open(&self.data)?, ArrayFile::open(path)?);
                let of = self.data.to_string_lossy();
                let y = labels(&y.read_all(Par::Seq)?, path, "labels", array.rows(), &of)?;
                Ok(Some((array, y)))
            }
        }
    }
}

/// The labels that an array is, one for each row of another.
pub(crate) fn labels(
    array: &Matrix,
    file: &Path,
    place: &str,
    rows: usize,
    of: &str,
) -> Result<Vec<f32>, ReadError> {
    if (array.rows(), array.cols()) == (rows, 1) {
        return Ok(array.as_slice().to_vec());
    }
    let found = format!("{} × {} numbers", array.rows(), array.cols());
    Err(ReadError::content(file, place, found, format!("{rows} × 1 for the rows of {of}")))
}

/// What a file holds, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Npy,
    Npz,
    Idx,
}

impl Format {
    pub(crate) fn of(path: &Path) -> Result<Self, ReadError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.extension().unwrap_or_default().to_str() {
            _ if name.ends_with("-ubyte") => Ok(Self::Idx),
            Some("csv") => Ok(Self::Csv),
            Some("npy") => Ok(Self::Npy),
            Some("npz") => Ok(Self::Npz),
            _ => Err(Self::refused(path, ".csv, .npy, .npz, or a name that ends in -ubyte (IDX)")),
        }
    }

    /// The error of a file whose name ends otherwise.
    pub(crate) fn refused(path: &Path, wanted: &str) -> ReadError {
        let found = path.extension().map_or_else(
            || "none".into(),
            |suffix| format!(".{}", suffix.to_string_lossy().escape_debug()),
        );
        ReadError::content(path, "suffix", found, wanted)
    }

    /// Opens a regular file of this format.
    pub(crate) fn open(self, path: &Path) -> Result<File, ReadError> {
        open_regular(path).map_err(|source| self.io(path, source))
    }

    /// The error of a file of this format that cannot be read.
    pub(crate) fn io(self, path: &Path, source: io::Error) -> ReadError {
        let kind = match self {
            Self::Csv => "CSV",
            Self::Npy => ".npy",
            Self::Npz => ".npz",
            Self::Idx => "IDX",
        };
        ReadError::Io { file: path.into(), kind, source }
    }
}
