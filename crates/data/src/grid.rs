//! Arrays in files as rows and columns.

use std::ops::Range;
use std::path::Path;

use crate::element::all_finite;
use crate::npy::Header;
use crate::{Element, Matrix, ReadError};

/// Bytes that are read and converted at once: they stay in the cache between the two.
const BLOCK: usize = 1 << 20;

/// Numbers of a tile at most, where its columns are whole.
const TILE: usize = 1 << 24;

/// Numbers in a cache line.
const LINE: usize = 16;

/// Where the numbers of a matrix lie in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    pub(crate) element: Element,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    /// Whether columns lie one after another, and not rows.
    pub(crate) fortran: bool,
}

impl Grid {
    /// The grid of an array with at least one row and one column, which holds `bytes` of numbers.
    ///
    /// One dimension makes one column; `folded`, dimensions behind the second make more columns.
    pub(crate) fn of(
        header: &Header,
        file: &Path,
        bytes: u64,
        folded: bool,
    ) -> Result<Self, ReadError> {
        let refused =
            |found: String, wanted: &str| Err(ReadError::content(file, "header", found, wanted));
        let (&rows, others) = match header.shape.split_first() {
            Some((rows, others)) if folded || others.len() < 2 => (rows, others),
            _ => {
                let n = header.shape.len();
                let wanted = if folded { "at least 1" } else { "1 or 2: rows, and columns" };
                return refused(format!("{n} dimensions, {header}"), wanted);
            }
        };
        if rows == 0 || others.contains(&0) {
            return refused(format!("no numbers, {header}"), "at least one row and one column");
        }
        header.check(bytes, file)?;
        let cols = others.iter().product();
        Ok(Self { element: header.element, rows, cols, fortran: header.fortran })
    }

    /// A matrix that has room for all.
    pub(crate) fn matrix(&self, file: &Path) -> Result<Matrix, ReadError> {
        Matrix::try_zeroed(self.rows, self.cols).ok_or_else(|| ReadError::Memory {
            file: file.into(),
            bytes: (self.rows as u64).saturating_mul(4).saturating_mul(self.cols as u64),
        })
    }

    /// Fills `out` with rows, row by row.
    ///
    /// `read` fills its bytes with those of the numbers from an index in the file on. Where all
    /// rows are read `in_sequence`, each index is that behind the last one's numbers.
    pub(crate) fn read(
        &self,
        rows: Range<usize>,
        in_sequence: bool,
        out: &mut [f32],
        file: &Path,
        mut read: impl FnMut(usize, &mut [u8]) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        if out.is_empty() {
            return Ok(());
        }
        let size = self.element.size();
        let n = (BLOCK / size).min(out.len());
        let direct = self.element.is_native_f32();
        let mut bytes = vec![0; if direct { 0 } else { n * size }];
        let mut block = |first: usize, out: &mut [f32]| {
            let finite = if direct {
                read(first, bytemuck::must_cast_slice_mut(out))?;
                all_finite(out)
            } else {
                let bytes = &mut bytes[..out.len() * size];
                read(first, bytes)?;
                self.element.decode(bytes, out)
            };
            finite.map_err(|i| {
                let mut value = [f64::from(out[i])];
                if !direct {
                    self.element.decode_f64(&bytes[i * size..][..size], &mut value);
                }
                self.not_finite(file, first + i, value[0])
            })
        };
        if !self.fortran {
            for (i, out) in out.chunks_mut(n).enumerate() {
                block(rows.start * self.cols + i * n, out)?;
            }
            return Ok(());
        }
        let (wide, long) = self.tile(in_sequence);
        let mut tile = vec![0.0; wide.min(self.cols) * long.min(rows.len())];
        for col in (0..self.cols).step_by(wide) {
            let wide = wide.min(self.cols - col);
            for (i, out) in out.chunks_mut(long * self.cols).enumerate() {
                let (first, long) = (rows.start + i * long, out.len() / self.cols);
                let tile = &mut tile[..wide * long];
                for (j, column) in tile.chunks_mut(long).enumerate() {
                    for (k, column) in column.chunks_mut(n).enumerate() {
                        block((col + j) * self.rows + first + k * n, column)?;
                    }
                }
                for (i, row) in out.chunks_exact_mut(self.cols).enumerate() {
                    let column = tile[i..].iter().step_by(long);
                    row[col..][..wide].iter_mut().zip(column).for_each(|(x, value)| *x = *value);
                }
            }
        }
        Ok(())
    }

    /// The columns and the rows of an array in Fortran order that are read before they are
    /// written into the rows of a matrix.
    ///
    /// Sixteen columns, because a row's cache line then is written once and not sixteen times.
    /// In sequence they are whole, and fewer where sixteen take more memory than a constant.
    fn tile(&self, in_sequence: bool) -> (usize, usize) {
        // Just no power of two, whose columns would all fall into one set of the cache.
        let strip = (BLOCK >> 6) - LINE;
        if !in_sequence {
            return (LINE, strip);
        }
        match TILE / self.rows {
            0 | 1 => (1, strip),
            wide => (wide.min(LINE), self.rows),
        }
    }

    /// What is said of a number, by its index in the file.
    fn not_finite(&self, file: &Path, index: usize, value: f64) -> ReadError {
        let (row, col) = if self.fortran {
            (index % self.rows, index / self.rows)
        } else {
            (index / self.cols, index % self.cols)
        };
        let place = format!("row {}, column {}", row + 1, col + 1);
        ReadError::content(file, place, value, "a number that is finite in f32")
    }
}
