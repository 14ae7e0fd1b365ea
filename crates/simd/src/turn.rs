//! A square of sixteen blocks, turned, and four columns of sixteen rows.

use crate::{LANES, Lanes, Simd, unroll};

/// Transposes sixteen blocks: lane `i` of block `j` becomes lane `j` of block `i`.
///
/// Four times each block of the upper half is interleaved with the one half a square below it:
/// that turns the bits of an element's index, its row and its column, by one place.
#[expect(clippy::out_of_bounds_indexing, reason = "no index from half a square on is run")]
#[inline(always)]
#[must_use]
pub fn turn<S: Simd>(square: [S::F32; LANES]) -> [S::F32; LANES] {
    const HALF: usize = LANES / 2;
    let mut rows = square;
    for _ in 0..LANES.ilog2() {
        let from = rows;
        unroll!(I < HALF {
            [rows[2 * I], rows[2 * I + 1]] = from[I].interleave(from[HALF + I]);
        });
    }
    rows
}

/// Reads up to sixteen elements of each of up to sixteen rows, `stride` from each to the next, and
/// zeros in the rows that are missing. Lanes from `cols` on may hold anything.
///
/// # Panics
///
/// If the last row ends before its last column.
#[inline(always)]
#[must_use]
pub fn load_square<S: Simd>(
    simd: S,
    from: &[f32],
    stride: usize,
    rows: usize,
    cols: usize,
) -> [S::F32; LANES] {
    let mut square = [simd.splat(0.0); LANES];
    unroll!(I < LANES {
        if I < rows {
            let row = &from[I * stride..];
            square[I] = match row.first_chunk() {
                Some(row) => simd.load(row),
                None => simd.load_short(&row[..cols]),
            };
        }
    });
    square
}

/// Reads up to four columns of up to sixteen rows, `stride` from each to the next, as
/// [`Simd::load_columns`] does. Lanes from `rows` on, and columns from `cols` on, may hold anything.
///
/// # Panics
///
/// If the last row ends before its last column.
#[expect(clippy::out_of_bounds_indexing, reason = "no index from four on is run")]
#[inline(always)]
#[must_use]
pub fn load_columns<S: Simd>(
    simd: S,
    from: &[f32],
    stride: usize,
    rows: usize,
    cols: usize,
) -> [S::F32; 4] {
    if rows == LANES && from.len() >= (LANES - 1) * stride + 4 {
        return simd.load_columns(from, stride);
    }
    const FOUR: usize = 4;
    let mut padded = [[0.0; FOUR]; LANES];
    for (i, to) in padded.iter_mut().enumerate().take(rows) {
        let row = &from[i * stride..][..cols];
        unroll!(J < FOUR {
            if let Some(&x) = row.get(J) {
                to[J] = x;
            }
        });
    }
    simd.load_columns(padded.as_flattened(), 4)
}

/// Writes sixteen blocks.
#[inline(always)]
pub fn store_square<S: Simd>(square: [S::F32; LANES], to: &mut [[f32; LANES]; LANES]) {
    unroll!(I < LANES {
        square[I].store(&mut to[I]);
    });
}
