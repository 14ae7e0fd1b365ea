//! Arrays that stay in their files.

use std::fs::File;
use std::io::{self, Seek};
use std::ops::Range;
use std::path::{Path, PathBuf};

use ravine_simd::Par;

use crate::grid::Grid;
use crate::source::Format;
use crate::{Matrix, ReadError, idx, npy};

/// Numbers that are worth a thread.
const PART: usize = 1 << 16;

/// An array in a file, `.npy` or IDX, whose rows can be read in any order and by many threads.
///
/// The array is `rows × cols`: one dimension makes one column, and so that images are rows, all
/// dimensions of IDX but the first make columns. No row is kept in memory.
///
/// # Examples
///
/// ```no_run
/// let array = ravine_data::ArrayFile::open("train-images-idx3-ubyte".as_ref())?;
/// let mut pixels = vec![0.0; 2 * array.cols()];
/// array.read(10..12, &mut pixels)?;
/// # Ok::<(), ravine_data::ReadError>(())
/// ```
#[derive(Debug)]
pub struct ArrayFile {
    file: File,
    path: PathBuf,
    grid: Grid,
    /// The byte where the numbers start.
    start: u64,
}

impl ArrayFile {
    /// Opens a `.npy` file, or an IDX file, whose name ends in `-ubyte`.
    ///
    /// # Errors
    ///
    /// If the name ends otherwise, the file cannot be read, its header is not as it should be, or
    /// its length is not what the header promises; if the array has no rows or no columns, or is
    /// of three or more dimensions in a `.npy` file.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let format = Format::of(path)?;
        let io = |source| format.io(path, source);
        if !matches!(format, Format::Npy | Format::Idx) {
            return Err(Format::refused(path, ".npy, or a name that ends in -ubyte (IDX)"));
        }
        let mut file = format.open(path)?;
        let idx = format == Format::Idx;
        let header = if idx { idx::header } else { npy::header }(&mut file, path)?;
        let start = file.stream_position().map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let grid = Grid::of(&header, path, length.saturating_sub(start), idx)?;
        Ok(Self { file, path: path.into(), grid, start })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The number of rows, at least 1.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.grid.rows
    }

    /// The number of columns, at least 1.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.grid.cols
    }

    /// Reads neighboring rows into `out`, row by row, each number rounded to the nearest `f32`.
    ///
    /// An array in C order is read at once, one in Fortran order by a read for each column.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or a number is not finite in `f32`. `out` is then filled in
    /// part.
    ///
    /// # Panics
    ///
    /// If one of the rows does not exist, or `out` has another length than they.
    pub fn read(&self, rows: Range<usize>, out: &mut [f32]) -> Result<(), ReadError> {
        let (n_rows, size) = (self.rows(), self.grid.element.size() as u64);
        assert!(rows.end <= n_rows, "row is {}, but rows < {n_rows}", rows.end - 1);
        assert_eq!(out.len(), rows.len() * self.cols(), "numbers to fill, and those of the rows");
        self.grid.read(rows, false, out, &self.path, |index, bytes| {
            let at = self.start + index as u64 * size;
            read_exact_at(&self.file, bytes, at).map_err(|source| ReadError::Io {
                file: self.path.clone(),
                kind: "array",
                source,
            })
        })
    }

    /// Reads all rows, each thread its part of them.
    ///
    /// # Errors
    ///
    /// If memory cannot hold them, the file cannot be read, or a number is not finite in `f32`:
    /// what one thread finds first.
    pub fn read_all(&self, par: Par) -> Result<Matrix, ReadError> {
        let mut matrix = self.grid.matrix(&self.path)?;
        let (rows, out) = (0..self.rows(), matrix.as_mut_slice());
        if self.read_parts(par.worth(out.len(), PART), rows.clone(), out).is_err() {
            // Columns come before rows in Fortran order, and threads share rows.
            self.read(rows, out)?;
        }
        Ok(matrix)
    }

    /// Reads neighboring rows, as [`read`](Self::read) does, each thread its part of them.
    fn read_parts(&self, par: Par, rows: Range<usize>, out: &mut [f32]) -> Result<(), ReadError> {
        let Some(cut) = par.cut(rows.len(), 1) else { return self.read(rows, out) };
        let middle = rows.start + cut.at;
        let (left, right) = out.split_at_mut(cut.at * self.cols());
        let (left, right) = par.join(
            || self.read_parts(cut.left, rows.start..middle, left),
            || self.read_parts(cut.right, middle..rows.end, right),
        );
        left.and(right)
    }
}

/// Fills `bytes` from a place in a file, wherever others read it.
#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

/// Fills `bytes` from a place in a file, wherever others read it.
#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                bytes = &mut bytes[n..];
                at += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
