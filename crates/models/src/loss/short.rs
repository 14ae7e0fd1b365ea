//! Sums over rows that are no longer than a block.

use ravine_simd::{Kernel, LANES, Simd, WideLanes, load_columns, sum, unroll};
use ravine_tensor::View;

use super::Pointwise;

/// Columns that are read at a time.
const FOUR: usize = 4;

/// Writes the sum of each row's terms, with the bits of [`sum::run`]: sixteen rows side by side, for
/// a row alone is more folding than terms.
pub(super) struct Short<'a, P> {
    /// One a row, and anything behind the last.
    pub(super) sums: &'a mut [[f64; LANES]],
    /// Predictions: rows × up to sixteen columns, the columns neighbours.
    pub(super) y: View<'a>,
    /// Targets, as the predictions.
    pub(super) t: View<'a>,
    pub(super) loss: P,
}

impl<P: Pointwise> Kernel for Short<'_, P> {
    type Output = ();

    #[expect(clippy::out_of_bounds_indexing, reason = "no index from four on is run")]
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (n_rows, cols) = (self.y.rows(), self.y.cols());
        // Lanes without a column stay zero, as those behind a slice are.
        let mut terms = [[0.0; LANES]; LANES];
        for (top, sums) in (0..n_rows).step_by(LANES).zip(self.sums) {
            let rows = LANES.min(n_rows - top);
            for (col, terms) in (0..cols).step_by(FOUR).zip(terms.as_chunks_mut::<FOUR>().0) {
                let [y, t] = [self.y, self.t].map(|view| {
                    let stride = view.row_stride();
                    let from = &view.data()[top * stride + col..];
                    load_columns(simd, from, stride, rows, FOUR.min(cols - col))
                });
                unroll!(I < FOUR {
                    if col + I < cols {
                        self.loss.term(simd, y[I], t[I]).store(&mut terms[I]);
                    }
                });
            }
            sum::fold_abreast(simd, &terms).store(sums);
        }
    }
}
