//! Rows to learn from, wherever they lie.

use std::error::Error;
use std::ops::Range;

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

    /// Copies the inputs of the picked rows to `x`, one row after another.
    ///
    /// # Errors
    ///
    /// If they cannot be read; what is in `x` then is of no use.
    ///
    /// # Panics
    ///
    /// If a row does not exist, or `x` is not as long as the picked rows.
    fn read(&self, picked: Picked<'_>, x: &mut [f32]) -> Result<(), RowsError>;

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
                    let at = row as usize * cols;
                    to.copy_from_slice(&from[at..at + cols]);
                }
            }
        }
    }
}
