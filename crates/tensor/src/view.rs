//! Matrices as views of slices.

use std::fmt;
use std::ops::Range;

/// A matrix in a slice, with any row and column stride: a transpose is a view, not a copy.
///
/// The element in row `i` and column `j` is `data[i · row_stride + j · col_stride]`. Strides are
/// not negative: where another library has turned an axis around, turn it back first.
///
/// | what a slice holds                | view                                     |
/// |-----------------------------------|------------------------------------------|
/// | a matrix, row after row           | [`View::new`], or `View::from` of arrays |
/// | a matrix, column after column     | [`View::col_major`]                      |
/// | one row, one column               | [`View::from_row`], [`View::from_col`]   |
/// | a matrix among other elements     | [`View::strided`]                        |
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
    #[inline(always)]
    #[must_use]
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert_len(data, rows, cols);
        Self { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// `rows × cols` elements, column after column, as BLAS, Fortran, Julia and faer keep them.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_tensor::View;
    ///
    /// let a = View::col_major(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0], 2, 3);
    /// assert!(a.iter().eq([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
    /// ```
    ///
    /// # Panics
    ///
    /// If `data` has not exactly `rows · cols` elements.
    #[must_use]
    pub fn col_major(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert_len(data, rows, cols);
        Self { data, rows, cols, row_stride: 1, col_stride: rows }
    }

    /// One row: 1 × the length of `data`.
    #[inline]
    #[must_use]
    pub fn from_row(data: &'a [f32]) -> Self {
        Self::new(data, 1, data.len())
    }

    /// One column: the length of `data` × 1.
    #[inline]
    #[must_use]
    pub fn from_col(data: &'a [f32]) -> Self {
        Self::new(data, data.len(), 1)
    }

    /// `rows × cols` elements at the given strides. Strides may be zero: then a row or a column
    /// repeats.
    ///
    /// # Examples
    ///
    /// The second and the fourth column of a matrix with four:
    ///
    /// ```
    /// use ravine_tensor::View;
    ///
    /// let data = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    /// let every_other = View::strided(&data[1..], 2, 2, 4, 2)?;
    /// assert!(every_other.iter().eq([2.0, 4.0, 6.0, 8.0]));
    /// # Ok::<(), ravine_tensor::ViewError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the last element lies beyond `data`.
    #[inline]
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

    /// The slice that the first element begins.
    #[inline]
    #[must_use]
    pub fn data(self) -> &'a [f32] {
        self.data
    }

    /// One value everywhere.
    pub(crate) fn repeated(value: &'a [f32; 1], rows: usize, cols: usize) -> Self {
        Self { data: value, rows, cols, row_stride: 0, col_stride: 0 }
    }

    /// Rows of neighbors, as a view to write has checked.
    pub(crate) fn of_rows(data: &'a [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        Self { data, rows, cols, row_stride, col_stride: 1 }
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
        // A view without elements has any strides, and an empty range may begin beyond the data.
        let at = start.saturating_mul(self.row_stride).min(self.data.len());
        let data = &self.data[at..];
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

    /// The elements, row after row, where they lie so and no other lies between them.
    #[inline]
    #[must_use]
    pub fn as_slice(self) -> Option<&'a [f32]> {
        let dense = self.col_stride == 1 && self.row_stride == self.cols;
        dense.then(|| &self.data[..self.rows * self.cols])
    }

    /// The elements, row after row.
    pub fn iter(self) -> impl Iterator<Item = f32> + 'a {
        (0..self.rows).flat_map(move |row| (0..self.cols).map(move |col| self.at(row, col)))
    }
}

/// The rows are the arrays.
///
/// # Examples
///
/// ```
/// use ravine_tensor::View;
///
/// let rows = vec![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// assert_eq!(View::from(&rows[..]).at(1, 2), 6.0);
/// ```
impl<'a, const COLS: usize> From<&'a [[f32; COLS]]> for View<'a> {
    fn from(rows: &'a [[f32; COLS]]) -> Self {
        Self::new(rows.as_flattened(), rows.len(), COLS)
    }
}

/// The rows are the inner arrays.
impl<'a, const ROWS: usize, const COLS: usize> From<&'a [[f32; COLS]; ROWS]> for View<'a> {
    fn from(rows: &'a [[f32; COLS]; ROWS]) -> Self {
        Self::from(&rows[..])
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

/// Panics where `data` is not `rows × cols` elements.
#[inline(always)]
pub(crate) fn assert_len(data: &[f32], rows: usize, cols: usize) {
    let found = data.len();
    let wanted = rows.checked_mul(cols);
    assert!(wanted == Some(found), "data has {found} elements, but the view is {rows} × {cols}");
}

/// Finds out whether the last element of a view lies in `data`.
pub(crate) fn check_len(
    data: &[f32],
    shape: [usize; 2],
    strides: [usize; 2],
) -> Result<(), ViewError> {
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
