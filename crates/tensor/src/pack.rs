//! Operands of the tile, copied to where it reads them in order.

use ravine_simd::{Buffer, LANES};

use crate::View;
use crate::block::TILE;

/// Memory of one thread's part of a product. It may be made once and lent again.
pub(crate) struct Scratch {
    /// Tiles of A, each `k × height`.
    pub(crate) a: Buffer,
    /// Panels of B, each `k × width`.
    pub(crate) b: Buffer,
    /// Unfinished tiles between two sections of k.
    pub(crate) kept: Buffer,
    /// The tile at hand.
    pub(crate) values: [[f32; LANES]; TILE],
}

/// Copies rows of A (at most `height` × k) as k × `height`, zeros in the missing rows.
pub(crate) fn rows(to: &mut [f32], height: usize, a: View<'_>) {
    interleave(to, height, a.t());
}

/// Copies columns of B (k × at most `width`) as k × `width`, zeros in the missing columns.
pub(crate) fn cols(to: &mut [f32], width: usize, b: View<'_>) {
    interleave(to, width, b);
}

/// Copies a view row by row, each row padded to `width` with zeros.
fn interleave(to: &mut [f32], width: usize, from: View<'_>) {
    if from.cols() < width {
        to.fill(0.0);
    }
    if from.cols() == 0 || from.rows() == 0 {
        return;
    }
    if from.col_stride() == 1 {
        for (p, to) in to.chunks_exact_mut(width).enumerate() {
            let row = from.row(p).expect("neighbors in a row");
            to[..row.len()].copy_from_slice(row);
        }
        return;
    }
    // In strips, so that the lines written to stay in the nearest cache from column to column.
    for top in (0..from.rows()).step_by(LANES) {
        let n = LANES.min(from.rows() - top);
        for j in 0..from.cols() {
            let to = to[top * width + j..].iter_mut().step_by(width);
            if let Some(column) = from.t().row(j) {
                for (to, &x) in to.zip(&column[top..top + n]) {
                    *to = x;
                }
            } else {
                for (p, to) in to.take(n).enumerate() {
                    *to = from.at(top + p, j);
                }
            }
        }
    }
}
