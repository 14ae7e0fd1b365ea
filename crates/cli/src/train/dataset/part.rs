//! Training rows and held-out rows, in memory or in their file.

use clap::ValueEnum;
use ravine::data::{
    ArrayFile, Classes, ReadError, Source, Standardizer, Symmetric, Table, UnknownClass, arrange,
    hessian, standardize,
};
use ravine::simd::Par;
use ravine::tensor::View;
use ravine::{Examples, Labels, Picked, Rows, RowsError, Stored};
use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::memory;

/// Orders of rows have indices of 32 bits.
const MOST_ROWS: u64 = 1 << 32;

/// Where rows lie while a model trains on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stream {
    /// In memory, where they fit
    Auto,
    /// In their file
    True,
    /// In memory
    False,
}

/// What a file holds, before it is known what the targets are.
#[derive(Debug)]
pub(super) enum Content {
    /// All of it.
    Table(Table),
    /// Its targets as numbers; the rows stay in the file.
    Stored(Stored),
}

impl Content {
    /// Reads a file, or opens it where its rows are to stay in it.
    pub(super) fn read(par: Par, source: &Source, stream: Stream) -> Result<Self, Error> {
        let refused = |found: String, wanted: &str| {
            let (found, wanted) = (found.into(), wanted.into());
            Err(Error::Content { file: source.data.clone(), found, wanted })
        };
        let array = source.array()?;
        if array.is_none() && stream == Stream::True {
            return refused("a file that is read whole".into(), ".npy or IDX for --stream true");
        }
        let streams = |(array, _): &(ArrayFile, _)| match stream {
            Stream::Auto => !memory::holds(array.rows().saturating_mul(array.cols())),
            Stream::True => true,
            Stream::False => false,
        };
        if array.as_ref().is_some_and(|(array, _)| array.rows() as u64 > MOST_ROWS) {
            return refused("more than 2³² rows".into(), "at most 2³²");
        }
        if let Some((array, y)) = array.filter(streams) {
            return Ok(Self::Stored(Stored::new(array, Labels::numbers(y))));
        }
        match source.read(par) {
            Err(ReadError::Memory { bytes, .. }) if source.labels.is_none() => refused(
                format!("{bytes} bytes of data, more than memory holds"),
                "a .npy file, whose rows can stay in it",
            ),
            read => Ok(Self::Table(read?)),
        }
    }

    /// The target of each row.
    pub(super) fn targets(&self) -> &[f32] {
        match self {
            Self::Table(table) => &table.y,
            Self::Stored(stored) => match stored.labels() {
                Labels::Values(values) => values.as_slice(),
                Labels::Classes(_) => unreachable!("targets are numbers still"),
            },
        }
    }

    /// The names of the features, where the file has some.
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::Table(table) => &table.names,
            Self::Stored(_) => &[],
        }
    }

    /// The number of features.
    pub(super) fn cols(&self) -> usize {
        match self {
            Self::Table(table) => table.x.cols(),
            Self::Stored(stored) => stored.cols(),
        }
    }

    /// SHA-256 over the little-endian `f32`s of features and then targets.
    pub(super) fn checksum(&self) -> Result<String, ReadError> {
        let mut hash = Sha256::new();
        let mut add = |values: &[f32]| {
            let mut bytes = [0; 4096];
            for values in values.chunks(bytes.len() / 4) {
                for (bytes, value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
                    *bytes = value.to_le_bytes();
                }
                hash.update(&bytes[..4 * values.len()]);
            }
        };
        match self {
            Self::Table(table) => add(table.x.as_slice()),
            Self::Stored(stored) => stored.pass(1, &mut add)?,
        }
        add(self.targets());
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Training rows and held-out rows, standardized by the statistics of the former where asked.
    pub(super) fn split(
        self,
        fraction: f64,
        seed: u64,
        standardized: bool,
    ) -> Result<(Self, Self), Error> {
        Ok(match self {
            Self::Table(mut table) => {
                let n_train = arrange(&mut table, fraction, seed)?;
                // Before the split: its parts share their memory only while none is written to.
                if standardized {
                    standardize(&mut table.x, n_train);
                }
                let (train, test) = table.split_at(n_train);
                (Self::Table(train), Self::Table(test))
            }
            Self::Stored(stored) => {
                let (mut train, mut test) = stored.split(fraction, seed)?;
                if standardized {
                    let standardizer = train.fit()?;
                    test.standardize(standardizer.clone());
                    train.standardize(standardizer);
                }
                (Self::Stored(train), Self::Stored(test))
            }
        })
    }

    /// The statistics of the features.
    pub(super) fn fit(&self) -> Result<Standardizer, ReadError> {
        match self {
            Self::Table(table) => Ok(Standardizer::fit(&table.x)),
            Self::Stored(stored) => stored.fit(),
        }
    }

    /// Standardizes the features by statistics of any rows.
    pub(super) fn apply(&mut self, standardizer: &Standardizer) {
        match self {
            Self::Table(table) => standardizer.apply(&mut table.x),
            Self::Stored(stored) => stored.standardize(standardizer.clone()),
        }
    }

    /// Standardizes the features by their own statistics.
    pub(super) fn standardize(&mut self) -> Result<(), ReadError> {
        match self {
            Self::Table(table) => standardize(&mut table.x, table.y.len()),
            Self::Stored(stored) => stored.standardize(stored.fit()?),
        }
        Ok(())
    }

    /// The rows with their targets as numbers, or as members of `classes`.
    pub(super) fn part(self, classes: Option<&Classes>) -> Result<Part, UnknownClass> {
        Ok(match (self, classes) {
            (Self::Table(table), None) => Part::Here(Examples::regression(table)),
            (Self::Table(table), Some(classes)) => {
                Part::Here(Examples::classification(table, classes)?)
            }
            (Self::Stored(stored), None) => Part::There(stored),
            (content @ Self::Stored(_), Some(classes)) => {
                let labels = Labels::Classes(classes.index(content.targets())?);
                let Self::Stored(stored) = content else { unreachable!("matched above") };
                Part::There(stored.with_labels(labels))
            }
        })
    }
}

/// Rows to train on, or rows held out.
#[derive(Debug)]
pub(crate) enum Part {
    /// In memory.
    Here(Examples),
    /// In their file.
    There(Stored),
}

impl Part {
    /// The Hessian of the mean squared error.
    pub(crate) fn hessian(&self, par: Par, bias: bool) -> Result<Symmetric, ReadError> {
        match self {
            Self::Here(examples) => Ok(hessian(par, &examples.x, bias)),
            Self::There(stored) => stored.hessian(par, bias),
        }
    }
}

impl Rows for Part {
    fn cols(&self) -> usize {
        match self {
            Self::Here(examples) => examples.cols(),
            Self::There(stored) => stored.cols(),
        }
    }

    fn labels(&self) -> &Labels {
        match self {
            Self::Here(examples) => examples.labels(),
            Self::There(stored) => stored.labels(),
        }
    }

    fn in_memory(&self) -> Option<View<'_>> {
        match self {
            Self::Here(examples) => examples.in_memory(),
            Self::There(stored) => stored.in_memory(),
        }
    }

    fn read(&self, par: Par, picked: Picked<'_>, x: &mut [f32]) -> Result<(), RowsError> {
        match self {
            Self::Here(examples) => examples.read(par, picked, x),
            Self::There(stored) => stored.read(par, picked, x),
        }
    }
}
