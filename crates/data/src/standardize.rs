//! Features with mean 0 and standard deviation 1.

use std::convert::Infallible;
use std::ops::Range;

use crate::Matrix;
use crate::columns::ColumnSums;
use crate::narrow::narrow;

/// Columns whose statistics are taken together where all rows are at hand.
const STRIP: usize = 4096;

/// Shifts and scales each column by the statistics of the rows that it was fitted to.
///
/// ```text
/// x ← (x − mean) / std        std = √(Σ(x − mean)² / N)
/// ```
///
/// Statistics and quotient are in `f64`, and the quotient is rounded to `f32` once. A column that
/// is constant in the fitted rows is only centered.
///
/// # Examples
///
/// ```
/// use ravine_data::{Matrix, Standardizer};
///
/// let mut x = Matrix::from_vec(vec![1.0, 5.0, 3.0, 5.0], 2, 2);
/// Standardizer::fit(&x).apply(&mut x);
/// assert_eq!(x.as_slice(), [-1.0, 0.0, 1.0, 0.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Standardizer {
    mean: Vec<f64>,
    std: Vec<f64>,
}

impl Standardizer {
    /// The statistics of the columns of `x`; zeros where it has no rows.
    #[must_use]
    pub fn fit(x: &Matrix) -> Self {
        let mut fitted =
            Self { mean: Vec::with_capacity(x.cols()), std: Vec::with_capacity(x.cols()) };
        for strip in strips(x.cols()) {
            let Self { mean, std } = Self::fit_strip(x.as_slice(), x.cols(), &strip);
            fitted.mean.extend(mean);
            fitted.std.extend(std);
        }
        fitted
    }

    /// The statistics of a strip of the columns of whole rows of `cols` columns.
    fn fit_strip(x: &[f32], cols: usize, strip: &Range<usize>) -> Self {
        let Ok(fitted) = Self::fit_passes(x.len() / cols, strip.len(), |visit| {
            if strip.len() == cols {
                visit(x);
            } else {
                x.chunks_exact(cols).for_each(|row| visit(&row[strip.clone()]));
            }
            Ok::<_, Infallible>(())
        });
        fitted
    }

    /// The statistics of `rows` rows of `cols` columns that lie elsewhere: `pass` shows all of
    /// them, in order and in blocks of any number of rows, and is called twice.
    ///
    /// The same rows give the same bits as [`fit`](Self::fit).
    ///
    /// # Errors
    ///
    /// If a pass fails.
    ///
    /// # Panics
    ///
    /// If a pass shows another number of rows.
    pub fn fit_passes<E>(
        rows: usize,
        cols: usize,
        mut pass: impl FnMut(&mut dyn FnMut(&[f32])) -> Result<(), E>,
    ) -> Result<Self, E> {
        let n = rows.max(1) as f64;
        let none = vec![0.0; cols];
        let mut sums = ColumnSums::new(rows, cols);
        let mut constant = Constant::default();
        pass(&mut |block| {
            constant.look(block, cols);
            sums.add(block, &none, |x, _| x);
        })?;
        let mean: Vec<f64> = sums.finish().into_iter().map(|sum| sum / n).collect();
        let mut squares = ColumnSums::new(rows, cols);
        pass(&mut |block| {
            squares.add(block, &mean, |x, mean| {
                let off = x - mean;
                off * off
            });
        })?;
        let std = squares.finish().into_iter().map(|sum| (sum / n).sqrt());
        let (mean, std) = mean
            .iter()
            .zip(std)
            .enumerate()
            .map(|(col, (&mean, std))| constant.of(col).map_or((mean, std), |x| (x, 0.0)))
            .unzip();
        Ok(Self { mean, std })
    }

    /// The mean of each column.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The population standard deviation of each column, 0 where it is constant.
    #[must_use]
    pub fn std(&self) -> &[f64] {
        &self.std
    }

    /// Standardizes the rows of `x`.
    ///
    /// # Panics
    ///
    /// If `x` has another number of columns than the fitted rows.
    pub fn apply(&self, x: &mut Matrix) {
        assert_eq!(x.cols(), self.mean.len(), "columns to standardize, and columns fitted");
        self.apply_rows(x.as_mut_slice());
    }

    /// Standardizes whole rows, one after another.
    pub fn apply_rows(&self, rows: &mut [f32]) {
        self.apply_each(rows.chunks_exact_mut(self.mean.len().max(1)));
    }

    fn apply_each<'a>(&self, rows: impl Iterator<Item = &'a mut [f32]>) {
        let scale: Vec<f64> =
            self.std.iter().map(|&std| if std > 0.0 { std } else { 1.0 }).collect();
        for row in rows {
            for ((x, mean), scale) in row.iter_mut().zip(&self.mean).zip(&scale) {
                *x = narrow((f64::from(*x) - mean) / scale);
            }
        }
    }
}

/// Standardizes the columns of `x` by the statistics of its first `fitted` rows.
///
/// The same bits as a [`Standardizer`] that is fitted to these rows and applied to all, in the
/// memory of the statistics of a few columns.
///
/// # Panics
///
/// If there are fewer rows.
///
/// # Examples
///
/// ```
/// use ravine_data::{Matrix, standardize};
///
/// let mut x = Matrix::from_vec(vec![1.0, 3.0, 4.0], 3, 1);
/// standardize(&mut x, 2);
/// assert_eq!(x.as_slice(), [-1.0, 1.0, 2.0]);
/// ```
pub fn standardize(x: &mut Matrix, fitted: usize) {
    let (rows, cols) = (x.rows(), x.cols());
    assert!(fitted <= rows, "{fitted} rows to fit of {rows}");
    let x = x.as_mut_slice();
    for strip in strips(cols) {
        let standardizer = Standardizer::fit_strip(&x[..fitted * cols], cols, &strip);
        standardizer.apply_each(x.chunks_exact_mut(cols).map(|row| &mut row[strip.clone()]));
    }
}

/// All columns, a strip at a time.
fn strips(cols: usize) -> impl Iterator<Item = Range<usize>> {
    (0..cols).step_by(STRIP).map(move |from| from..cols.min(from + STRIP))
}

/// Which columns are constant. Asked of the values, because a mean that is rounded would leave a
/// tiny deviation.
#[derive(Default)]
struct Constant {
    first: Vec<f32>,
    /// Whether each column was its first value so far.
    still: Vec<bool>,
}

impl Constant {
    #[expect(clippy::float_cmp, reason = "a column is constant or it is not")]
    fn look(&mut self, block: &[f32], cols: usize) {
        for row in block.chunks_exact(cols.max(1)) {
            if self.first.is_empty() {
                self.first.extend(row);
                self.still.resize(cols, true);
            }
            for ((still, x), first) in self.still.iter_mut().zip(row).zip(&self.first) {
                *still &= x == first;
            }
        }
    }

    /// The value of a constant column.
    fn of(&self, col: usize) -> Option<f64> {
        self.still.get(col).is_some_and(|&still| still).then(|| f64::from(self.first[col]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_those_of_the_population() {
        // 2 4 4 4 5 5 7 9 has mean 5 and population deviation 2.
        let x = Matrix::from_vec(vec![2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], 8, 1);
        let standardizer = Standardizer::fit(&x);
        assert_eq!((standardizer.mean(), standardizer.std()), (&[5.0][..], &[2.0][..]));
        let mut other = Matrix::from_vec(vec![6.0, 0.0], 2, 1);
        standardizer.apply(&mut other);
        assert_eq!(other.as_slice(), [0.5, -2.5]);
    }

    #[test]
    fn a_constant_column_is_only_centered() {
        let x = Matrix::from_vec(vec![0.1, 1.0, 0.1, 2.0, 0.1, 3.0], 3, 2);
        let standardizer = Standardizer::fit(&x);
        let mut other = Matrix::from_vec(vec![2.1, 2.0], 1, 2);
        standardizer.apply(&mut other);
        assert_eq!(standardizer.std()[0].to_bits(), 0);
        assert_eq!(other.as_slice(), [narrow(f64::from(2.1_f32) - f64::from(0.1_f32)), 0.0]);
    }

    #[test]
    fn the_quotient_is_rounded_once() {
        let values: Vec<f32> = (0_u16..1000).map(|i| f32::from(i % 97 * 13 % 101) * 0.1).collect();
        let mut x = Matrix::from_vec(values.clone(), 1000, 1);
        let standardizer = Standardizer::fit(&x);
        standardizer.apply(&mut x);
        let (mean, std) = (standardizer.mean()[0], standardizer.std()[0]);
        for (x, &value) in x.as_slice().iter().zip(&values) {
            assert_eq!(x.to_bits(), narrow((f64::from(value) - mean) / std).to_bits());
        }
        let after = Standardizer::fit(&x);
        assert!(after.mean()[0].abs() < 1e-8 && (after.std()[0] - 1.0).abs() < 1e-8);
    }

    #[test]
    fn columns_in_strips_have_the_bits_of_a_matrix_of_their_own() {
        let (rows, cols) = (5, 2 * STRIP + 3);
        let value = |i: usize| ((i * 7919 % 10_007) as f32 - 5000.0) / 64.0;
        let mut x = Matrix::from_vec((0..rows * cols).map(value).collect(), rows, cols);
        let (above, _) = x.clone().split_at(3);
        let all = Standardizer::fit(&above);
        let mut wanted = x.clone();
        all.apply(&mut wanted);
        standardize(&mut x, 3);
        let bits = |x: &Matrix| x.as_slice().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert!(bits(&x) == bits(&wanted));
        for col in [0, STRIP - 1, STRIP, cols - 1] {
            let column = (0..3).map(|row| value(row * cols + col)).collect();
            let own = Standardizer::fit(&Matrix::from_vec(column, 3, 1));
            let found = (all.mean()[col].to_bits(), all.std()[col].to_bits());
            assert_eq!(found, (own.mean()[0].to_bits(), own.std()[0].to_bits()), "column {col}");
        }
    }

    #[test]
    fn large_values_do_not_overflow() {
        let mut x = Matrix::from_vec(vec![f32::MAX, -f32::MAX], 2, 1);
        Standardizer::fit(&x).apply(&mut x);
        assert_eq!(x.as_slice(), [1.0, -1.0]);
    }

    #[test]
    fn a_matrix_without_rows_or_columns_has_nothing_to_standardize() {
        for (rows, cols) in [(0, 3), (3, 0)] {
            let mut x = Matrix::zeroed(rows, cols);
            Standardizer::fit(&x).apply(&mut x);
            assert!(x.as_slice().is_empty());
        }
    }
}
