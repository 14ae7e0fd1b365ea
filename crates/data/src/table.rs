//! Rows of features with a target, and targets as classes.

use std::ops::Range;
use std::sync::Arc;

use ravine_simd::Buffer;
use thiserror::Error;

/// A `rows × cols` matrix of `f32`, row by row. It starts on a cache line, unless it is the lower
/// part of another.
///
/// Clones, and the parts of [`split_at`](Self::split_at), share their memory until one of them is
/// written to, which copies it first.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    values: Arc<Buffer>,
    /// Where its first row begins.
    start: usize,
    rows: usize,
    cols: usize,
}

impl Matrix {
    /// A matrix of zeros.
    ///
    /// # Panics
    ///
    /// If `rows · cols` overflows, or the memory cannot be had.
    #[must_use]
    pub fn zeroed(rows: usize, cols: usize) -> Self {
        let len = rows.checked_mul(cols).expect("rows · cols overflows");
        Self { values: Arc::new(Buffer::zeroed(len)), start: 0, rows, cols }
    }

    /// A matrix of zeros, or `None` where the memory cannot be had.
    #[must_use]
    pub fn try_zeroed(rows: usize, cols: usize) -> Option<Self> {
        let values = Buffer::try_zeroed(rows.checked_mul(cols)?)?;
        Some(Self { values: Arc::new(values), start: 0, rows, cols })
    }

    /// The matrix of these values, row by row, copied to where a cache line starts.
    ///
    /// # Panics
    ///
    /// If their number is not `rows · cols`.
    #[must_use]
    pub fn from_vec(values: Vec<f32>, rows: usize, cols: usize) -> Self {
        let mut matrix = Self::zeroed(rows, cols);
        matrix.as_mut_slice().copy_from_slice(&values);
        matrix
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

    /// All values, row by row.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.values[self.start..][..self.rows * self.cols]
    }

    /// All values, row by row, copied first where others share their memory.
    ///
    /// # Panics
    ///
    /// If the memory of a copy cannot be had.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [f32] {
        if Arc::get_mut(&mut self.values).is_none() {
            self.values = Arc::new(Buffer::from(self.as_slice()));
            self.start = 0;
        }
        let values = Arc::get_mut(&mut self.values).expect("nobody else has it");
        &mut values[self.start..][..self.rows * self.cols]
    }

    /// The row `i`.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        self.rows_of(i..i + 1)
    }

    /// The values of neighboring rows.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn rows_of(&self, rows: Range<usize>) -> &[f32] {
        assert!(rows.end <= self.rows, "row is {}, but rows < {}", rows.end - 1, self.rows);
        &self.as_slice()[rows.start * self.cols..rows.end * self.cols]
    }

    /// Keeps the first `rows` rows, or all where there are fewer; the memory stays.
    pub fn truncate(&mut self, rows: usize) {
        self.rows = self.rows.min(rows);
    }

    /// The first `rows` rows and those after them, in the same memory.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[must_use]
    pub fn split_at(self, rows: usize) -> (Self, Self) {
        assert!(rows <= self.rows, "{rows} rows of {}", self.rows);
        let start = self.start + rows * self.cols;
        let below = Self { start, rows: self.rows - rows, ..self.clone() };
        (Self { rows, ..self }, below)
    }

    /// The matrix of the rows with these indices, in their order.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut selected = Self::zeroed(rows.len(), self.cols);
        let values = selected.as_mut_slice();
        for (place, &row) in rows.iter().enumerate() {
            values[place * self.cols..][..self.cols].copy_from_slice(self.row(row));
        }
        selected
    }
}

/// Features and the target that they predict.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The features, a row for each example.
    pub x: Matrix,
    /// The target of each row.
    pub y: Vec<f32>,
    /// The names of the features, one for each column; none where the file has no names.
    pub names: Vec<String>,
    /// The name of the target: of its column, of its array, or of the file of labels.
    pub target: String,
}

impl Table {
    /// The first `rows` rows and those after them, inputs in the same memory.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[must_use]
    pub fn split_at(self, rows: usize) -> (Self, Self) {
        let Self { x, mut y, names, target } = self;
        let (above, below) = x.split_at(rows);
        let rest = y.split_off(rows);
        y.shrink_to_fit();
        let below = Self { x: below, y: rest, names: names.clone(), target: target.clone() };
        (Self { x: above, y, names, target }, below)
    }

    /// The table of the rows with these indices, in their order.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            x: self.x.select(rows),
            y: rows.iter().map(|&row| self.y[row]).collect(),
            names: self.names.clone(),
            target: self.target.clone(),
        }
    }
}

/// The distinct values of a target, sorted as numbers: class 0 is the least.
///
/// Zeros of either sign are one value.
///
/// # Examples
///
/// ```
/// use ravine_data::Classes;
///
/// let classes = Classes::of(&[7.0, -1.0, 7.0, 2.0]);
/// assert_eq!(classes.values(), [-1.0, 2.0, 7.0]);
/// assert_eq!(classes.index(&[2.0, -1.0])?, [1, 0]);
/// # Ok::<(), ravine_data::UnknownClass>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Classes {
    values: Vec<f32>,
}

impl Classes {
    /// The classes of a target.
    #[must_use]
    pub fn of(y: &[f32]) -> Self {
        let mut values: Vec<f32> = y.iter().map(|&value| positive_zero(value)).collect();
        values.sort_unstable_by(f32::total_cmp);
        values.dedup_by_key(|value| value.to_bits());
        Self { values }
    }

    /// The value of each class.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The number of classes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The class of each row.
    ///
    /// # Errors
    ///
    /// If a value is of no class.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2³² distinct f32")]
    pub fn index(&self, y: &[f32]) -> Result<Vec<u32>, UnknownClass> {
        y.iter()
            .enumerate()
            .map(|(row, &value)| {
                let found = self
                    .values
                    .binary_search_by(|class| class.total_cmp(&positive_zero(value)))
                    .map_err(|_| UnknownClass { row, value, n_classes: self.len() })?;
                Ok(found as u32)
            })
            .collect()
    }
}

/// A target has a value of no class.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("row {row}: found the target {value}, wanted one of the {n_classes} known classes")]
pub struct UnknownClass {
    /// The row, from 0.
    pub row: usize,
    /// Its target.
    pub value: f32,
    /// The number of known classes.
    pub n_classes: usize,
}

/// Turns −0 into +0.
fn positive_zero(value: f32) -> f32 {
    value + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_lie_one_after_another() {
        let matrix = Matrix::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3);
        assert_eq!((matrix.rows(), matrix.cols()), (2, 3));
        assert_eq!(matrix.row(1), [4.0, 5.0, 6.0]);
        assert_eq!(matrix.select(&[1, 0, 1]).as_slice()[2..7], [6.0, 1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn a_truncated_matrix_keeps_its_first_rows() {
        let mut matrix = Matrix::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2);
        matrix.truncate(4);
        assert_eq!(matrix.rows(), 3);
        matrix.truncate(1);
        assert_eq!((matrix.rows(), matrix.as_slice()), (1, &[1.0, 2.0][..]));
    }

    #[test]
    fn parts_share_their_memory_until_one_is_written_to() {
        let matrix = Matrix::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2);
        let at = matrix.as_slice().as_ptr_range();
        let (above, mut below) = matrix.split_at(1);
        assert_eq!((above.as_slice(), below.row(1)), (&[1.0, 2.0][..], &[5.0, 6.0][..]));
        assert_eq!(
            at.start..at.end,
            above.as_slice().as_ptr()..below.as_slice().as_ptr_range().end
        );
        below.as_mut_slice()[0] = 7.0;
        assert_eq!((above.as_slice(), below.row(0)), (&[1.0, 2.0][..], &[7.0, 4.0][..]));
        drop(below);
        let mut alone = above;
        alone.as_mut_slice()[1] = 9.0;
        assert_eq!((alone.as_slice(), alone.as_slice().as_ptr()), (&[1.0, 9.0][..], at.start));
    }

    #[test]
    fn a_matrix_that_memory_cannot_hold_is_none() {
        assert!(Matrix::try_zeroed(usize::MAX, 2).is_none());
        assert!(Matrix::try_zeroed(usize::MAX / 8, 1).is_none());
        assert_eq!(Matrix::try_zeroed(2, 3).map(|matrix| matrix.as_slice().len()), Some(6));
    }

    #[test]
    #[should_panic(expected = "row is 2, but rows < 2")]
    fn a_row_beyond_the_last_is_refused_even_without_columns() {
        let _ = Matrix::zeroed(2, 0).row(2);
    }

    #[test]
    fn classes_are_sorted_as_numbers_and_zeros_are_one() {
        let classes = Classes::of(&[10.0, 9.0, 0.0, -0.0, -2.5, 9.0]);
        assert_eq!(classes.values(), [-2.5, 0.0, 9.0, 10.0]);
        assert_eq!(classes.index(&[9.0, -0.0, 10.0, -2.5]), Ok(vec![2, 1, 3, 0]));
        assert!(Classes::of(&[]).is_empty());
    }

    #[test]
    fn a_value_of_no_class_is_named_with_its_row() {
        let unknown = Classes::of(&[0.0, 1.0]).index(&[1.0, 0.5]).unwrap_err();
        assert_eq!(unknown, UnknownClass { row: 1, value: 0.5, n_classes: 2 });
        let line = "row 1: found the target 0.5, wanted one of the 2 known classes";
        assert_eq!(unknown.to_string(), line);
    }
}
