//! Matrices as views of slices.

use std::fmt;
use std::mem::take;
use std::ops::Range;

/// A matrix in a slice, with any row and column stride: a transpose is a view, not a copy.
///
/// The element in row `i` and column `j` is `data[i · row_stride + j · col_stride]`.
///
/// # Examples
///
/// ```
/// use ravine_tensor::View;
///
/// let a = View::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3);
/// assert_eq!(a.at(1, 0), 4.0);
/// assert_eq!(a.t().at(0, 1), 4.0);
/// assert_eq!(a.col_range(1..3).row(1), Some(&[5.0, 6.0][..]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> View<'a> {
    /// `rows × cols` elements, row after row.
    ///
    /// # Panics
    ///
    /// If `data` has not exactly `rows · cols` elements.
    #[must_use]
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert_len(data, rows, cols);
        Self { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// `rows × cols` elements at the given strides. Strides may be zero: then a row or a column
    /// repeats.
    ///
    /// # Errors
    ///
    /// If the last element lies beyond `data`.
    pub fn strided(
        data: &'a [f32],
        rows: usize,
        cols: usize,
        row_stride: usize,
        col_stride: usize,
    ) -> Result<Self, ViewError> {
        check_len(data, [rows, cols], [row_stride, col_stride])?;
        Ok(Self { data, rows, cols, row_stride, col_stride })
    }

    /// One value everywhere.
    pub(crate) fn repeated(value: &'a [f32; 1], rows: usize, cols: usize) -> Self {
        Self { data: value, rows, cols, row_stride: 0, col_stride: 0 }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(self) -> usize {
        self.rows
    }

    /// The number of columns.
    #[must_use]
    pub fn cols(self) -> usize {
        self.cols
    }

    /// Elements from a row to the next.
    #[must_use]
    pub fn row_stride(self) -> usize {
        self.row_stride
    }

    /// Elements from a column to the next.
    #[must_use]
    pub fn col_stride(self) -> usize {
        self.col_stride
    }

    /// The transpose.
    #[must_use]
    pub fn t(self) -> Self {
        let Self { data, rows, cols, row_stride, col_stride } = self;
        Self { data, rows: cols, cols: rows, row_stride: col_stride, col_stride: row_stride }
    }

    /// The rows in `range`, renumbered from zero.
    ///
    /// # Panics
    ///
    /// If the range is reversed or leaves the view.
    #[inline]
    #[must_use]
    pub fn row_range(self, range: Range<usize>) -> Self {
        let Range { start, end } = range;
        assert!(start <= end && end <= self.rows, "rows {start}..{end} of {}", self.rows);
        let data = &self.data[(start * self.row_stride).min(self.data.len())..];
        Self { data, rows: end - start, ..self }
    }

    /// The columns in `range`, renumbered from zero.
    ///
    /// # Panics
    ///
    /// If the range is reversed or leaves the view.
    #[inline]
    #[must_use]
    pub fn col_range(self, range: Range<usize>) -> Self {
        self.t().row_range(range).t()
    }

    /// The element in row `row` and column `col`.
    ///
    /// # Panics
    ///
    /// If the view has no such element.
    #[inline]
    #[must_use]
    pub fn at(self, row: usize, col: usize) -> f32 {
        let Self { rows, cols, .. } = self;
        assert!(row < rows && col < cols, "element ({row}, {col}) of {rows} × {cols}");
        self.data[row * self.row_stride + col * self.col_stride]
    }

    /// A row as a slice; `None` where its elements are not neighbors.
    ///
    /// # Panics
    ///
    /// If there is no row `row`.
    #[inline]
    #[must_use]
    pub fn row(self, row: usize) -> Option<&'a [f32]> {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        if self.cols == 0 {
            return Some(&[]);
        }
        let start = row * self.row_stride;
        (self.col_stride == 1 || self.cols == 1).then(|| &self.data[start..start + self.cols])
    }

    /// The elements, row after row.
    pub fn iter(self) -> impl Iterator<Item = f32> + 'a {
        (0..self.rows).flat_map(move |row| (0..self.cols).map(move |col| self.at(row, col)))
    }
}

/// A matrix in a slice that can be written: rows of neighbors, at any row stride.
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
    #[must_use]
    pub fn new(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        assert_len(data, rows, cols);
        Self { data, rows, cols, row_stride: cols }
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
        View { data, rows, cols, row_stride, col_stride: 1 }
    }

    /// The same elements, for a shorter time.
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
    #[must_use]
    pub fn split_rows(self, row: usize) -> (Self, Self) {
        let Self { data, rows, cols, row_stride } = self;
        assert!(row <= rows, "split at row {row} of {rows}");
        let at = (row * row_stride).min(data.len());
        let (above, below) = data.split_at_mut(at);
        (
            Self { data: above, rows: row, cols, row_stride },
            Self { data: below, rows: rows - row, cols, row_stride },
        )
    }
}

/// A slice cannot hold the view.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ViewError {
    /// The last element lies beyond the slice.
    Short {
        /// Elements that the shape and the strides take; `None` if more than memory can hold.
        wanted: Option<usize>,
        /// Elements of the slice.
        found: usize,
    },
    /// Rows that are written would overlap.
    Overlap {
        /// Elements from a row to the next.
        row_stride: usize,
        /// Elements of a row.
        cols: usize,
    },
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short { wanted: Some(wanted), found } => {
                write!(f, "data has {found} elements, but the view takes {wanted}")
            }
            Self::Short { wanted: None, found } => {
                write!(f, "data has {found} elements, but the view takes more than memory holds")
            }
            Self::Overlap { row_stride, cols } => {
                write!(f, "row stride is {row_stride}, but a row has {cols} elements")
            }
        }
    }
}

impl std::error::Error for ViewError {}

fn assert_len(data: &[f32], rows: usize, cols: usize) {
    let found = data.len();
    let wanted = rows.checked_mul(cols);
    assert!(wanted == Some(found), "data has {found} elements, but the view is {rows} × {cols}");
}

fn check_len(data: &[f32], shape: [usize; 2], strides: [usize; 2]) -> Result<(), ViewError> {
    let wanted = if shape.contains(&0) {
        Some(0)
    } else {
        let [rows, cols] = [0, 1].map(|i| (shape[i] - 1).checked_mul(strides[i]));
        rows.zip(cols).and_then(|(rows, cols)| rows.checked_add(cols)?.checked_add(1))
    };
    match wanted {
        Some(wanted) if wanted <= data.len() => Ok(()),
        _ => Err(ViewError::Short { wanted, found: data.len() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: [f32; 12] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0];

    fn elements(view: View<'_>) -> Vec<f32> {
        view.iter().collect()
    }

    #[test]
    fn transposes_and_ranges_are_views_of_the_same_elements() {
        let a = View::new(&DATA, 3, 4);
        assert_eq!(elements(a.t()), [0., 4., 8., 1., 5., 9., 2., 6., 10., 3., 7., 11.]);
        assert_eq!(elements(a.row_range(1..3).col_range(2..4)), [6., 7., 10., 11.]);
        assert_eq!(elements(a.t().row_range(3..4)), [3., 7., 11.]);
        assert_eq!(elements(a.row_range(3..3)), []);
        assert_eq!(elements(a.col_range(4..4)), []);
    }

    #[test]
    fn a_row_is_a_slice_where_its_elements_are_neighbors() {
        let a = View::new(&DATA, 3, 4);
        assert_eq!(a.row(2), Some(&DATA[8..]));
        assert_eq!(a.t().row(2), None);
        assert_eq!(a.t().col_range(1..2).row(2), Some(&DATA[6..7]));
        assert_eq!(View::new(&[], 2, 0).row(1), Some(&[][..]));
    }

    #[test]
    fn strides_reach_the_last_element_and_no_further() {
        let every_other = View::strided(&DATA[..11], 2, 3, 6, 2).unwrap();
        assert_eq!(elements(every_other), [0., 2., 4., 6., 8., 10.]);
        assert_eq!(
            View::strided(&DATA[..10], 2, 3, 6, 2).unwrap_err(),
            ViewError::Short { wanted: Some(11), found: 10 },
        );
        assert_eq!(elements(View::strided(&DATA[7..8], 2, 2, 0, 0).unwrap()), [7.; 4]);
        assert!(View::strided(&DATA, 2, usize::MAX, usize::MAX, 2).is_err());
        assert!(View::strided(&[], 0, usize::MAX, 9, 9).is_ok());
    }

    #[test]
    fn rows_that_are_written_do_not_overlap() {
        let mut data = DATA;
        assert!(ViewMut::strided(&mut data, 3, 4, 3).is_err());
        let view = ViewMut::strided(&mut data, 3, 2, 5).unwrap();
        let (mut above, mut below) = view.split_rows(1);
        assert_eq!(above.row_mut(0), [0., 1.]);
        assert_eq!(elements(below.as_view()), [5., 6., 10., 11.]);
        let rows: Vec<_> = below.rows_mut().map(|row| row.to_vec()).collect();
        assert_eq!(rows, [[5., 6.], [10., 11.]]);
        assert_eq!(ViewMut::new(&mut [], 3, 0).rows_mut().count(), 3);
    }

    #[test]
    #[should_panic(expected = "data has 12 elements, but the view is 3 × 5")]
    fn a_view_of_another_length_panics() {
        let _ = View::new(&DATA, 3, 5);
    }
}
