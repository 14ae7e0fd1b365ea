//! Features with mean 0 and standard deviation 1.

use ravine_simd::{Lanes, Level, Par, Simd, sum};

use crate::Matrix;
use crate::narrow::narrow;

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
        let (mean, std) = (0..x.cols())
            .map(|col| {
                let column: Vec<f32> = (0..x.rows()).map(|row| x.row(row)[col]).collect();
                statistics(&column)
            })
            .unzip();
        Self { mean, std }
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
        let cols = x.cols();
        assert_eq!(cols, self.mean.len(), "columns to standardize, and columns fitted");
        if cols == 0 {
            return;
        }
        let scale: Vec<f64> =
            self.std.iter().map(|&std| if std > 0.0 { std } else { 1.0 }).collect();
        for row in x.as_mut_slice().chunks_exact_mut(cols) {
            for ((x, mean), scale) in row.iter_mut().zip(&self.mean).zip(&scale) {
                *x = narrow((f64::from(*x) - mean) / scale);
            }
        }
    }
}

/// The deviation `(x − mean)²`.
#[derive(Clone, Copy)]
struct Deviation {
    mean: f64,
}

impl sum::Term<1> for Deviation {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, [x]: [S::F32; 1]) -> S::F64 {
        let off = x.widen() - simd.splat_f64(self.mean);
        off * off
    }
}

/// Mean and standard deviation of a column.
#[expect(clippy::float_cmp, reason = "a column is constant or it is not")]
fn statistics(column: &[f32]) -> (f64, f64) {
    let Some(&first) = column.first() else { return (0.0, 0.0) };
    // Asked of the values, because a mean that is rounded would leave a tiny deviation.
    if column.iter().all(|&x| x == first) {
        return (f64::from(first), 0.0);
    }
    // Sums have the same bits on every level, and gathering the column costs more than they do.
    let level = Level::baseline();
    let n = column.len() as f64;
    let mean = sum::sum(level, Par::Seq, column) / n;
    let squares = sum::run(level, Par::Seq, [column], Deviation { mean });
    (mean, (squares / n).sqrt())
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
