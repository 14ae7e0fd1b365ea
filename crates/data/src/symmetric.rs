//! Symmetric matrices in double precision, and equations with them.

use thiserror::Error;

/// A symmetric `n × n` matrix of `f64`.
#[derive(Clone, Debug, PartialEq)]
pub struct Symmetric {
    values: Vec<f64>,
    dim: usize,
}

impl Symmetric {
    /// The matrix whose entries on and below the diagonal, in row `i` and column `j ≤ i`, are
    /// `entry(i, j)`.
    #[must_use]
    pub fn from_fn(dim: usize, mut entry: impl FnMut(usize, usize) -> f64) -> Self {
        let mut values = vec![0.0; dim * dim];
        for i in 0..dim {
            for j in 0..=i {
                let value = entry(i, j);
                values[i * dim + j] = value;
                values[j * dim + i] = value;
            }
        }
        Self { values, dim }
    }

    /// The number of rows, and of columns.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// The row `i`, which is also the column `i`.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.dim..(i + 1) * self.dim]
    }

    /// The x of `A·x = b`, for a positive definite matrix A.
    ///
    /// # Examples
    ///
    /// ```
    /// use ravine_data::Symmetric;
    ///
    /// let a = Symmetric::from_fn(2, |i, j| if i == j { 4.0 } else { 2.0 });
    /// let x = a.solve(&[10.0, 8.0])?;
    /// assert!((x[0] - 2.0).abs() < 1e-15 && (x[1] - 1.0).abs() < 1e-15);
    /// # Ok::<(), ravine_data::NotPositive>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the matrix is not positive definite, to the last bit.
    ///
    /// # Panics
    ///
    /// If `b` has another length than a row.
    pub fn solve(&self, b: &[f64]) -> Result<Vec<f64>, NotPositive> {
        assert_eq!(b.len(), self.dim, "right-hand sides, and rows of the matrix");
        let factor = Cholesky::of(self)?;
        let mut x = b.to_vec();
        factor.solve_lower(&mut x);
        factor.solve_upper(&mut x, 1);
        Ok(x)
    }
}

/// A matrix has no Cholesky factor.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("pivot {index} is {value}, but a positive definite matrix has pivots > 0")]
pub struct NotPositive {
    /// The row of the pivot, from 0.
    pub index: usize,
    /// The pivot.
    pub value: f64,
}

/// The lower triangle L of `A = L·Lᵀ`.
///
/// Only `+ − × ÷ √`, each sum in the order of its index (Cholesky, published by Benoît 1924).
#[derive(Debug)]
pub(crate) struct Cholesky {
    lower: Vec<f64>,
    dim: usize,
}

impl Cholesky {
    pub(crate) fn of(matrix: &Symmetric) -> Result<Self, NotPositive> {
        let dim = matrix.dim;
        let mut lower = vec![0.0; dim * dim];
        for i in 0..dim {
            let (done, current) = lower.split_at_mut(i * dim);
            let current = &mut current[..dim];
            for j in 0..i {
                let row = &done[j * dim..][..=j];
                let left = less(matrix.row(i)[j], &current[..j], &row[..j]);
                current[j] = left / row[j];
            }
            let pivot = less(matrix.row(i)[i], &current[..i], &current[..i]);
            if !(0.0 < pivot && pivot < f64::INFINITY) {
                return Err(NotPositive { index: i, value: pivot });
            }
            current[i] = pivot.sqrt();
        }
        Ok(Self { lower, dim })
    }

    /// Replaces b by the x of `L·x = b`.
    fn solve_lower(&self, b: &mut [f64]) {
        for i in 0..self.dim {
            let row = &self.lower[i * self.dim..][..=i];
            b[i] = less(b[i], &row[..i], &b[..i]) / row[i];
        }
    }

    /// Replaces B, `cols` columns in rows one after another, by the X of `Lᵀ·X = B`.
    pub(crate) fn solve_upper(&self, b: &mut [f64], cols: usize) {
        for i in (0..self.dim).rev() {
            let (above, from) = b.split_at_mut(i * cols);
            let current = &mut from[..cols];
            let row = &self.lower[i * self.dim..][..=i];
            current.iter_mut().for_each(|x| *x /= row[i]);
            for (k, &factor) in row[..i].iter().enumerate() {
                let other = &mut above[k * cols..][..cols];
                other.iter_mut().zip(&*current).for_each(|(b, x)| *b -= factor * x);
            }
        }
    }
}

/// `from − Σ aᵢ·bᵢ`, one after another.
fn less(from: f64, a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(from, |left, (a, b)| left - a * b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Stream};

    /// B·Bᵀ + 1 for a matrix B of normal numbers.
    fn positive(dim: usize) -> Symmetric {
        let mut draws = Stream::new(1, Purpose::Weights, 0);
        let b: Vec<f64> = (0..dim * dim).map(|_| draws.normal()).collect();
        Symmetric::from_fn(dim, |i, j| {
            let one = if i == j { 1.0 } else { 0.0 };
            (0..dim).fold(one, |sum, k| sum + b[i * dim + k] * b[j * dim + k])
        })
    }

    #[test]
    fn a_solution_solves() {
        for dim in 1..30 {
            let a = positive(dim);
            let wanted: Vec<f64> = (0..dim).map(|i| 1.0 + i as f64 / 7.0).collect();
            let b: Vec<f64> =
                (0..dim).map(|i| a.row(i).iter().zip(&wanted).map(|(a, x)| a * x).sum()).collect();
            for (found, wanted) in a.solve(&b).unwrap().iter().zip(&wanted) {
                assert!((found - wanted).abs() < 1e-11, "dim {dim}: {found}, not {wanted}");
            }
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_refused_at_its_pivot() {
        let flat = Symmetric::from_fn(3, |_, _| 1.0);
        assert_eq!(flat.solve(&[1.0; 3]), Err(NotPositive { index: 1, value: 0.0 }));
        let nan = Symmetric::from_fn(1, |_, _| f64::NAN).solve(&[1.0]).unwrap_err();
        assert!(nan.value.is_nan());
    }

    #[test]
    fn entries_lie_on_both_sides_of_the_diagonal() {
        let matrix = Symmetric::from_fn(3, |i, j| (10 * i + j) as f64);
        assert_eq!(matrix.row(0), [0.0, 10.0, 20.0]);
        assert_eq!(matrix.row(2), [20.0, 21.0, 22.0]);
    }
}
