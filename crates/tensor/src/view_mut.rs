//! Matrices to write, as views of slices.

use std::mem::take;

use crate::view::{assert_len, check_len};
use crate::{View, ViewError};

/// A matrix in a slice that can be written: rows of neighbors, at any row stride.
///
/// Where the memory is to hold `A·B` column after column, write its transpose `Bᵀ·Aᵀ` row after
/// row: the bits are the same.
///
/// # Examples
///
/// ```
/// use ravine_simd::{Level, Par};
/// use ravine_tensor::{View, ViewMut, Write, product};
///
/// let (a, b) = (View::from(&[[1.0, 2.0], [3.0, 4.0]]), View::from(&[[0.0, 1.0], [1.0, 0.0]]));
/// let mut by_rows = [[f32::NAN; 2]; 2];
/// product(Level::detect(), Par::Seq, Write(ViewMut::from(&mut by_rows)), a, b);
/// assert_eq!(by_rows, [[2.0, 1.0], [4.0, 3.0]]);
///
/// let mut by_cols = [f32::NAN; 4];
/// let transpose = Write(ViewMut::new(&mut by_cols, 2, 2));
/// product(Level::detect(), Par::Seq, transpose, b.t(), a.t());
/// assert!(View::col_major(&by_cols, 2, 2).iter().eq([2.0, 1.0, 4.0, 3.0]));
/// ```
#[derive(Debug)]
pub struct ViewMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
}

impl<'a> ViewMut<'a> {
    /// `rows × cols` elements, row after row.
    ///
    /// # Panics
    ///
    /// If `data` has not exactly `rows · cols` elements.
    #[inline]
    #[must_use]
    pub fn new(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        assert_len(data, rows, cols);
        Self { data, rows, cols, row_stride: cols }
    }

    /// One row: 1 × the length of `data`.
    #[inline]
    #[must_use]
    pub fn from_row(data: &'a mut [f32]) -> Self {
        let cols = data.len();
        Self::new(data, 1, cols)
    }

    /// One column: the length of `data` × 1.
    #[must_use]
    pub fn from_col(data: &'a mut [f32]) -> Self {
        let rows = data.len();
        Self::new(data, rows, 1)
    }

    /// The elements, where they are one column of neighbours.
    #[inline]
    pub fn column_mut(&mut self) -> Option<&mut [f32]> {
        (self.cols == 1 && self.row_stride == 1).then(|| &mut self.data[..self.rows])
    }

    /// The elements, row after row, where no other lies between them.
    #[inline]
    pub fn as_slice_mut(&mut self) -> Option<&mut [f32]> {
        (self.row_stride == self.cols).then(|| &mut self.data[..self.rows * self.cols])
    }

    /// `rows × cols` elements, whose rows start `row_stride` elements apart.
    ///
    /// # Errors
    ///
    /// If the last element lies beyond `data`, or rows overlap (`row_stride < cols`).
    pub fn strided(
        data: &'a mut [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
    ) -> Result<Self, ViewError> {
        if row_stride < cols {
            return Err(ViewError::Overlap { row_stride, cols });
        }
        check_len(data, [rows, cols], [row_stride, 1])?;
        Ok(Self { data, rows, cols, row_stride })
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    #[must_use]
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// The same elements, to read.
    #[must_use]
    pub fn as_view(&self) -> View<'_> {
        let Self { ref data, rows, cols, row_stride } = *self;
        View::of_rows(data, rows, cols, row_stride)
    }

    /// The same elements, for a shorter time.
    #[inline]
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        let Self { ref mut data, rows, cols, row_stride } = *self;
        ViewMut { data, rows, cols, row_stride }
    }

    /// A row.
    ///
    /// # Panics
    ///
    /// If there is no row `row`.
    #[inline]
    #[must_use]
    pub fn row_mut(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        if self.cols == 0 {
            return &mut [];
        }
        let start = row * self.row_stride;
        &mut self.data[start..start + self.cols]
    }

    /// The rows in order.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let (mut rest, cols, row_stride) = (&mut *self.data, self.cols, self.row_stride);
        (0..self.rows).map(move |_| {
            let at = row_stride.min(rest.len());
            let (row, below) = take(&mut rest).split_at_mut(at);
            rest = below;
            &mut row[..cols]
        })
    }

    /// The rows before `row`, and those from it on, renumbered from zero.
    ///
    /// # Panics
    ///
    /// If `row` is beyond the end.
    #[inline]
    #[must_use]
    pub fn split_rows(self, row: usize) -> (Self, Self) {
        let Self { data, rows, cols, row_stride } = self;
        assert!(row <= rows, "split at row {row} of {rows}");
        // A view without columns has any stride, and its rows lie nowhere.
        let at = row.saturating_mul(row_stride).min(data.len());
        let (above, below) = data.split_at_mut(at);
        (
            Self { data: above, rows: row, cols, row_stride },
            Self { data: below, rows: rows - row, cols, row_stride },
        )
    }
}

/// The rows are the arrays.
impl<'a, const COLS: usize> From<&'a mut [[f32; COLS]]> for ViewMut<'a> {
    fn from(rows: &'a mut [[f32; COLS]]) -> Self {
        let n_rows = rows.len();
        Self::new(rows.as_flattened_mut(), n_rows, COLS)
    }
}

/// The rows are the inner arrays.
impl<'a, const ROWS: usize, const COLS: usize> From<&'a mut [[f32; COLS]; ROWS]> for ViewMut<'a> {
    fn from(rows: &'a mut [[f32; COLS]; ROWS]) -> Self {
        Self::from(&mut rows[..])
    }
}
