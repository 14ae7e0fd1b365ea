//! Rows to learn from, wherever they lie.

use std::error::Error;
use std::ops::Range;

use ravine_simd::{Kernel, LANES, Lanes, Level, Par, Simd};
use ravine_tensor::View;

use crate::Labels;

/// Why rows could not be read.
pub type RowsError = Box<dyn Error + Send + Sync>;

/// Rows of inputs with their labels. The labels lie in memory; the inputs may lie elsewhere, and
/// are read ahead of the arithmetic then. Where they lie never changes a bit of a result.
pub trait Rows: Sync {
    /// Columns of the inputs.
    fn cols(&self) -> usize;

    /// What is to be predicted, one label a row.
    fn labels(&self) -> &Labels;

    /// All inputs, rows × columns, where they lie in memory.
    fn in_memory(&self) -> Option<View<'_>>;

    /// Copies the inputs of the picked rows to `x`, one row after another; `par` are threads that
    /// have nothing else to do.
    ///
    /// # Errors
    ///
    /// If they cannot be read; what is in `x` then is of no use.
    ///
    /// # Panics
    ///
    /// If a row does not exist, or `x` is not as long as the picked rows.
    fn read(&self, par: Par, picked: Picked<'_>, x: &mut [f32]) -> Result<(), RowsError>;

    /// Number of rows.
    fn count(&self) -> usize {
        self.labels().rows()
    }
}

/// Which rows are read.
#[derive(Clone, Debug)]
pub enum Picked<'a> {
    /// Neighbors.
    Range(Range<usize>),
    /// Rows in any order, each possibly several times.
    Rows(&'a [u32]),
}

impl Picked<'_> {
    /// Number of rows.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Range(range) => range.len(),
            Self::Rows(rows) => rows.len(),
        }
    }

    /// Copies the picked rows, of `cols` elements each, one after another.
    pub(crate) fn copy<T: Copy>(&self, to: &mut [T], from: &[T], cols: usize) {
        match self {
            Self::Range(range) => {
                to.copy_from_slice(&from[range.start * cols..range.end * cols]);
            }
            Self::Rows(rows) => {
                assert_eq!(to.len(), rows.len() * cols, "elements of the picked rows");
                for (to, &row) in to.chunks_exact_mut(cols.max(1)).zip(*rows) {
                    to.copy_from_slice(row_of(from, row, cols));
                }
            }
        }
    }

    /// The same of inputs, each row asked for while those before it are copied.
    pub(crate) fn copy_inputs(&self, par: Par, to: &mut [f32], from: &[f32], cols: usize) {
        match self {
            Self::Range(_) => self.copy(to, from, cols),
            Self::Rows(rows) => {
                assert_eq!(to.len(), rows.len() * cols, "elements of the picked rows");
                gather(par.worth(to.len(), WORTH), to, from, cols, rows);
            }
        }
    }
}

/// Elements that are worth a thread.
const WORTH: usize = 1 << 14;

/// Cut where a model's threads cut samples, so that each reads what it has just copied.
fn gather(par: Par, to: &mut [f32], from: &[f32], cols: usize, rows: &[u32]) {
    let Some(cut) = par.cut(rows.len(), LANES) else {
        return Level::detect().run(Gather { to, from, cols, rows });
    };
    let (rows, more) = rows.split_at(cut.at);
    let (to, more_to) = to.split_at_mut(cut.at * cols);
    par.join(
        || gather(cut.left, to, from, cols, rows),
        || gather(cut.right, more_to, from, cols, more),
    );
}

fn row_of<T>(from: &[T], row: u32, cols: usize) -> &[T] {
    let at = row as usize * cols;
    &from[at..at + cols]
}

/// Copies rows in an order that is drawn, which no CPU foresees.
struct Gather<'a> {
    to: &'a mut [f32],
    from: &'a [f32],
    cols: usize,
    rows: &'a [u32],
}

/// Rows between the one that is copied and the one that is asked for.
const AHEAD: usize = 2;

impl Kernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { to, from, cols, rows } = self;
        for (i, to) in to.chunks_exact_mut(cols.max(1)).enumerate() {
            let later = rows.get(i + AHEAD).map_or(&[][..], |&row| row_of(from, row, cols));
            let (to, to_rest) = to.as_chunks_mut::<LANES>();
            let (from, rest) = row_of(from, rows[i], cols).as_chunks::<LANES>();
            for (at, (to, from)) in (0..).step_by(LANES).zip(to.iter_mut().zip(from)) {
                simd.prefetch(later.get(at..).unwrap_or_default());
                simd.load(from).store(to);
            }
            simd.prefetch(later.get(cols - rest.len()..).unwrap_or_default());
            to_rest.copy_from_slice(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_gather_the_rows_that_one_copies() {
        let (cols, n) = (1000, 100);
        let from: Vec<f32> = (0..cols * n).map(|i| i as f32).collect();
        let rows: Vec<u32> = (0..60).map(|i| i * 37 % 100).collect();
        let picked = Picked::Rows(&rows);
        let mut wanted = vec![0.0; rows.len() * cols];
        picked.copy(&mut wanted, &from, cols);
        for threads in 1..5 {
            let mut found = vec![0.0; wanted.len()];
            picked.copy_inputs(Par::threads(threads), &mut found, &from, cols);
            assert_eq!(found, wanted, "{threads} threads");
        }
    }
}
