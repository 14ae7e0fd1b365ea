//! Sums over rows, and contiguous rows of views.

use std::ops::Range;

use ravine_simd::Par;
use ravine_tensor::View;

/// Rows of a leaf.
pub(super) const LEAF: usize = 256;

/// `Σ leaf(rows)` over leaves of 256 of the rows `rows`, added in a balanced tree over their
/// index, whose left half has the odd leaf: the order depends on the number of rows alone.
pub(super) fn sum(
    par: Par,
    rows: Range<usize>,
    leaf: &(impl Fn(Range<usize>) -> f64 + Sync),
) -> f64 {
    if rows.len() <= LEAF {
        return leaf(rows);
    }
    let at = rows.start + LEAF * rows.len().div_ceil(LEAF).div_ceil(2);
    let (left, right) = (rows.start..at, at..rows.end);
    let (a, b) = par.join(|| sum(par, left, leaf), || sum(par, right, leaf));
    a + b
}

/// Row `i` as a slice.
#[inline]
pub(super) fn row(view: View<'_>, i: usize) -> &[f32] {
    view.row(i).expect("documented: rows are contiguous")
}

/// The only column as a slice.
#[inline]
pub(crate) fn column(view: View<'_>) -> &[f32] {
    view.t().row(0).expect("documented: a single column is contiguous")
}
