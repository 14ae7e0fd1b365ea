//! The matrix XᵀX, and the curvature of a regression.

use std::ops::Range;

use ravine_simd::{Par, Tree};

use crate::{Matrix, Symmetric};

/// Rows of a leaf.
const LEAF: usize = 1024;
/// Rows added to the accumulators at once, one after another in each.
const STRIP: usize = 8;

/// XᵀX; with `bias`, of X with a last column of ones. In `f64`.
///
/// Each entry is a sum over the rows in their order within leaves of 1024 rows; leaves are added
/// in a balanced binary tree over their index, whose left half has the odd leaf. The bits depend
/// on the data alone. The product of two `f32`s is exact in `f64`.
///
/// # Examples
///
/// ```
/// use ravine_data::{Matrix, gram};
/// use ravine_simd::{Par, Tree};
///
/// let x = Matrix::from_vec(vec![1.0, 2.0, 3.0, 4.0], 2, 2);
/// let matrix = gram(Par::Seq, &x, true);
/// assert_eq!((matrix.row(0), matrix.row(2)), (&[10.0, 14.0, 4.0][..], &[4.0, 6.0, 2.0][..]));
/// ```
#[must_use]
pub fn gram(par: Par, x: &Matrix, bias: bool) -> Symmetric {
    scaled(par, x, bias, 1.0)
}

/// The Hessian of the mean squared error of a linear model with one output: 2/N·XᵀX of its N
/// rows; with `bias`, of X with a last column of ones.
///
/// The mean of k outputs' squared errors has 1/k of it for each output.
///
/// # Panics
///
/// If `x` has no rows.
#[must_use]
pub fn hessian(par: Par, x: &Matrix, bias: bool) -> Symmetric {
    assert!(x.rows() > 0, "a mean over no rows has no curvature");
    scaled(par, x, bias, 2.0 / x.rows() as f64)
}

/// [`hessian`] of `rows` rows of `cols` columns that lie elsewhere, with the same bits: `pass`
/// shows all of them, in order and in blocks of whole multiples of 1024 rows but for the last.
///
/// # Errors
///
/// If the pass fails.
///
/// # Panics
///
/// If there are no rows or columns, or the pass shows other blocks.
pub fn hessian_pass<E>(
    par: Par,
    [rows, cols]: [usize; 2],
    bias: bool,
    pass: impl FnOnce(&mut dyn FnMut(&[f32])) -> Result<(), E>,
) -> Result<Symmetric, E> {
    assert!(rows > 0, "a mean over no rows has no curvature");
    let mut sums = Tree::new(rows.div_ceil(LEAF));
    pass(&mut |mut x| {
        while !x.is_empty() {
            let n_rows = x.len() / cols;
            let n = sums.next_node(n_rows.div_ceil(LEAF)).expect("documented: blocks of the rows");
            let (node, rest) = x.split_at(cols * n_rows.min(n * LEAF));
            sums.push(n, tree(par, Rows { x: node, cols, bias }, 0..node.len() / cols), plus);
            x = rest;
        }
    })?;
    let upper = sums.finish().expect("there is a row");
    Ok(Rows { x: &[], cols, bias }.symmetric(&upper, 2.0 / rows as f64))
}

fn scaled(par: Par, x: &Matrix, bias: bool, scale: f64) -> Symmetric {
    let rows = Rows { x: x.as_slice(), cols: x.cols(), bias };
    rows.symmetric(&tree(par, rows, 0..x.rows()), scale)
}

/// Rows of features, with a last column of ones where there is a bias.
#[derive(Clone, Copy)]
struct Rows<'a> {
    x: &'a [f32],
    cols: usize,
    bias: bool,
}

impl Rows<'_> {
    fn dim(self) -> usize {
        self.cols + usize::from(self.bias)
    }

    fn symmetric(self, upper: &[f64], scale: f64) -> Symmetric {
        let dim = self.dim();
        Symmetric::from_fn(dim, |i, j| scale * upper[j * dim + i])
    }
}

/// Adds the sums of the right neighbor.
fn plus(mut a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
    a
}

/// The entries on and above the diagonal, summed over `rows`.
fn tree(par: Par, x: Rows<'_>, rows: Range<usize>) -> Vec<f64> {
    if rows.len() <= LEAF {
        return leaf(x, rows);
    }
    let at = rows.start + LEAF * rows.len().div_ceil(LEAF).div_ceil(2);
    let (left, right) = (rows.start..at, at..rows.end);
    let (a, b) = par.join(|| tree(par, x, left), || tree(par, x, right));
    plus(a, b)
}

fn leaf(x: Rows<'_>, rows: Range<usize>) -> Vec<f64> {
    let (dim, cols) = (x.dim(), x.cols);
    let mut sums = vec![0.0; dim * dim];
    // With a bias the last column keeps its ones.
    let mut wide = vec![1.0; STRIP * dim];
    let mut row = rows.start;
    while row < rows.end {
        let n = STRIP.min(rows.end - row);
        for (k, wide) in wide.chunks_exact_mut(dim.max(1)).take(n).enumerate() {
            let row = &x.x[(row + k) * cols..][..cols];
            wide.iter_mut().zip(row).for_each(|(wide, &x)| *wide = f64::from(x));
        }
        if n == STRIP {
            add::<STRIP>(&mut sums, &wide, dim);
        } else {
            wide.chunks_exact(dim.max(1)).take(n).for_each(|row| add::<1>(&mut sums, row, dim));
        }
        row += n;
    }
    sums
}

/// Adds the products of `N` rows, one row after another.
fn add<const N: usize>(sums: &mut [f64], rows: &[f64], dim: usize) {
    for i in 0..dim {
        let left: [f64; N] = std::array::from_fn(|k| rows[k * dim + i]);
        let right: [&[f64]; N] = std::array::from_fn(|k| &rows[k * dim + i..(k + 1) * dim]);
        let sums = &mut sums[i * dim + i..(i + 1) * dim];
        for (j, sum) in sums.iter_mut().enumerate() {
            for k in 0..N {
                *sum += left[k] * right[k][j];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::narrow::narrow;
    use crate::{Purpose, Stream};

    fn normal(rows: usize, cols: usize) -> Matrix {
        let mut draws = Stream::new(2, Purpose::Weights, 0);
        let values = (0..rows * cols).map(|_| narrow(draws.normal())).collect();
        Matrix::from_vec(values, rows, cols)
    }

    /// The definition: leaves one at a time, and the tree over them.
    fn definition(x: &Matrix, i: usize, j: usize, rows: Range<usize>) -> f64 {
        if rows.len() <= LEAF {
            let value = |row, col: usize| x.row(row).get(col).map_or(1.0, |&x| f64::from(x));
            return rows.fold(0.0, |sum, row| sum + value(row, i) * value(row, j));
        }
        let at = rows.start + LEAF * rows.len().div_ceil(LEAF).div_ceil(2);
        definition(x, i, j, rows.start..at) + definition(x, i, j, at..rows.end)
    }

    #[test]
    fn the_bits_are_those_of_the_definition_for_any_number_of_threads() {
        for (rows, cols) in [(0, 2), (1, 1), (7, 3), (8, 5), (1024, 2), (1025, 3), (5003, 4)] {
            let x = normal(rows, cols);
            for bias in [false, true] {
                for threads in [1, 2, 3] {
                    let matrix = gram(Par::threads(threads), &x, bias);
                    for i in 0..cols + usize::from(bias) {
                        for j in 0..=i {
                            let wanted = definition(&x, j, i, 0..rows);
                            let found = matrix.row(i)[j];
                            assert_eq!(
                                found.to_bits(),
                                wanted.to_bits(),
                                "{rows} × {cols}, {threads} threads, entry {i} {j}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn blocks_of_a_pass_give_the_bits_of_all_rows() {
        for rows in [1, 1023, 1024, 1025, 5003, 9000] {
            let x = normal(rows, 3);
            for (bias, threads, block) in [(false, 1, 1024), (true, 3, 3072), (true, 1, 4096)] {
                let found = hessian_pass(Par::threads(threads), [rows, 3], bias, |visit| {
                    x.as_slice().chunks(block * 3).for_each(visit);
                    Ok::<_, ()>(())
                });
                let (found, wanted) = (found.unwrap(), hessian(Par::Seq, &x, bias));
                for i in 0..3 + usize::from(bias) {
                    let [found, wanted] = [&found, &wanted].map(|of| of.row(i).iter());
                    assert!(found.zip(wanted).all(|(a, b)| a.to_bits() == b.to_bits()), "{rows}");
                }
            }
        }
    }

    #[test]
    fn the_hessian_is_the_second_difference_of_the_loss() {
        let (x, y) = (normal(50, 3), normal(50, 1));
        let loss = |w: [f64; 4]| {
            let errors = (0..50).map(|row| {
                let [a, b, c] = [0, 1, 2].map(|col| f64::from(x.row(row)[col]));
                let error = w[0] * a + w[1] * b + w[2] * c + w[3] - f64::from(y.row(row)[0]);
                error * error
            });
            errors.sum::<f64>() / 50.0
        };
        let curvature = hessian(Par::Seq, &x, true);
        let unit = |i| std::array::from_fn(|k| if k == i { 1.0 } else { 0.0 });
        for i in 0..4 {
            for j in 0..4 {
                let both: [f64; 4] = std::array::from_fn(|k| unit(i)[k] + unit(j)[k]);
                let mixed = loss(both) - loss(unit(i)) - loss(unit(j)) + loss([0.0; 4]);
                assert!((curvature.row(i)[j] - mixed).abs() < 1e-12, "entry {i} {j}");
            }
        }
    }
}
