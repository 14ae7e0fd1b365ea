//! Operands of the tile, copied to where it reads them in order.

use ravine_simd::{Buffer, LANES};

use crate::View;

/// Memory of one thread's part of a product. It may be made once and lent again.
pub(crate) struct Scratch {
    /// Tiles of A, each `k × height`.
    pub(crate) a: Buffer,
    /// Panels of B, each `k × width`.
    pub(crate) b: Buffer,
    /// Unfinished tiles between two sections of k.
    pub(crate) kept: Buffer,
}

/// Copies rows of A (at most `MR × k`) as `k × MR`, zeros in the missing rows.
pub(crate) fn rows<const MR: usize>(to: &mut [[f32; MR]], a: View<'_>) {
    if a.rows() < MR {
        to.fill([0.0; MR]);
    }
    if a.rows() == MR && a.row_stride() == 1 {
        for (p, to) in to.iter_mut().enumerate() {
            let column = a.t().row(p).and_then(<[f32]>::first_chunk);
            *to = *column.expect("a column of neighbors, as long as the tile is high");
        }
        return;
    }
    for i in 0..a.rows() {
        if let Some(row) = a.row(i) {
            for (to, &x) in to.iter_mut().zip(row) {
                to[i] = x;
            }
        } else {
            for (p, to) in to.iter_mut().enumerate() {
                to[i] = a.at(i, p);
            }
        }
    }
}

/// Copies columns of B (`k ×` at most `NB` blocks) as a panel, zeros in the missing columns.
pub(crate) fn cols<const NB: usize>(to: &mut [[[f32; LANES]; NB]], b: View<'_>) {
    if b.cols() < NB * LANES {
        to.fill([[0.0; LANES]; NB]);
    }
    if b.col_stride() == 1 && b.cols() == NB * LANES {
        for (p, to) in to.iter_mut().enumerate() {
            let row = b.row(p).map(|row| row.as_chunks().0);
            *to = *row.and_then(<[_]>::first_chunk).expect("a row as wide as the panel");
        }
        return;
    }
    for j in 0..b.cols() {
        let (block, lane) = (j / LANES, j % LANES);
        if let Some(column) = b.t().row(j) {
            for (to, &x) in to.iter_mut().zip(column) {
                to[block][lane] = x;
            }
        } else {
            for (p, to) in to.iter_mut().enumerate() {
                to[block][lane] = b.at(p, j);
            }
        }
    }
}
