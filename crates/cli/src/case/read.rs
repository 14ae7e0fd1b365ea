//! The reading of a file of data.

use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ravine::data::{ReadError, Source, Table};
use ravine::simd::Par;

use super::{Case, Cost, Mismatch, number};

/// Bytes that the limit reads at once.
const BLOCK: usize = 1 << 20;

/// The reading of a file by the function that `train` reads it with.
#[derive(Debug)]
pub struct Read {
    source: Source,
    par: Par,
    files: Vec<PathBuf>,
    /// What the limit read.
    bytes: usize,
    /// What the first reading gave, until it is checked.
    first: Option<Table>,
    rows: usize,
    cols: usize,
    block: Vec<u8>,
    fault: Option<Box<str>>,
}

impl Read {
    /// The case, whose files are read once.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub fn new(source: Source, par: Par) -> Result<Self, ReadError> {
        let table = source.read(par)?;
        let files = [&source.data].into_iter().chain(&source.labels).cloned().collect();
        let (rows, cols, block) = (table.x.rows(), table.x.cols(), vec![0; BLOCK]);
        let first = Some(table);
        let mut case = Self { source, par, files, bytes: 0, first, rows, cols, block, fault: None };
        case.limit();
        Ok(case)
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns of features.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// What was wrong in a round, if something was: files may change while they are timed.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }
}

impl Case for Read {
    fn id(&self) -> String {
        let name = self.source.data.file_name().unwrap_or_default();
        format!("read/{}/{}t", name.to_string_lossy(), self.par.count())
    }

    fn cost(&self) -> Cost {
        Cost { bytes: number(self.bytes), flops: 0.0 }
    }

    /// A reading by one thread gives the bits of the first.
    fn check(&mut self) -> Result<(), Mismatch> {
        let Some(first) = self.first.take() else { return Ok(()) };
        match self.source.read(Par::Seq) {
            Ok(second) => {
                Mismatch::find(&self.id(), second.x.as_slice(), first.x.as_slice())?;
                Mismatch::find(&self.id(), &second.y, &first.y)
            }
            Err(error) => {
                self.fault = Some(error.to_string().into());
                Ok(())
            }
        }
    }

    fn run(&mut self) {
        match black_box(self.source.read(self.par)) {
            Ok(table) => {
                let found = (table.x.rows(), table.x.cols());
                if found != (self.rows, self.cols) {
                    let file = self.source.data.display();
                    let shape = |(rows, cols)| format!("{rows} rows of {cols} columns");
                    let (found, wanted) = (shape(found), shape((self.rows, self.cols)));
                    self.fault = Some(format!("{file}: found {found}, wanted {wanted}").into());
                }
            }
            Err(error) => self.fault = Some(error.to_string().into()),
        }
    }

    fn limit(&mut self) -> f64 {
        self.bytes = 0;
        for file in &self.files {
            match pass(file, &mut self.block) {
                Ok(bytes) => self.bytes += bytes,
                Err(error) => {
                    let fault = format!("{}: found {error}, wanted its bytes", file.display());
                    self.fault = Some(fault.into());
                }
            }
        }
        1.0
    }
}

/// Reads a file, keeps nothing of it, and counts its bytes.
fn pass(file: &Path, block: &mut [u8]) -> io::Result<usize> {
    let (mut file, mut bytes) = (File::open(file)?, 0);
    loop {
        match file.read(black_box(&mut *block))? {
            0 => return Ok(bytes),
            len => bytes += len,
        }
    }
}
