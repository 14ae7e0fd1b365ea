//! The loops of one thread's part of a product.

use std::ops::Range;

use ravine_simd::{Kernel, LANES, Level, Simd};

use crate::blocking::{Ask, Sizes};
use crate::tile::{BLOCKS, Chains, TILE};
use crate::{Blocking, Finish, Left, Right, Tile};

/// The operands of one thread's part, and how it is cut.
#[derive(Clone, Copy)]
pub(crate) struct Operands<'a> {
    /// m × k.
    pub(crate) left: Left<'a>,
    /// k × n.
    pub(crate) right: Right<'a>,
    pub(crate) blocking: Blocking,
}

/// Elements of a result from which on it is expected to be out of the nearer caches.
const FAR: usize = 1 << 16;

/// How one thread's part of a product is cut.
struct Cut {
    /// Terms of a section, but for the last.
    section_len: usize,
    /// Rows that go through all columns before the next.
    near_rows: usize,
    /// `f32`s for the chains of those rows between two sections.
    kept_len: usize,
}

impl Cut {
    fn of(blocking: Blocking, [m, k, n]: [usize; 3]) -> Self {
        let section_len = k.min(blocking.terms);
        let rows = blocking.rows;
        let near_rows = (blocking.near / section_len.max(1)).max(1).div_ceil(rows);
        let near_rows = near_rows.saturating_mul(rows).min(m.div_ceil(rows).saturating_mul(rows));
        let columns = n.div_ceil(LANES).saturating_mul(LANES);
        let kept_len = if section_len < k { near_rows.saturating_mul(columns) } else { 0 };
        Self { section_len, near_rows, kept_len }
    }
}

/// The `f32`s that one thread keeps of its part of m × k by k × n.
pub(crate) fn kept_len(level: Level, blocking: Blocking, shape: [usize; 3]) -> usize {
    Cut::of(blocking.on(level), shape).kept_len
}

/// `finish ← A·B`, by one thread.
pub(crate) fn block<F: Finish>(
    level: Level,
    mut finish: F,
    operands: Operands<'_>,
    kept: &mut [f32],
) {
    let Operands { left, right, blocking } = operands;
    let (m, k, n) = (left.rows, left.terms, right.cols);
    let (blocking, Sizes { tile, .. }) = (blocking.on(level), level.run(Ask));
    let Cut { section_len, mut near_rows, kept_len } = Cut::of(blocking, [m, k, n]);
    let n_sections = k.div_ceil(section_len.max(1)).max(1);
    if kept.len() < kept_len {
        // As many rows as there is room for.
        let columns = n.div_ceil(LANES) * LANES;
        near_rows = kept.len() / columns / blocking.rows * blocking.rows;
        assert_ne!(near_rows, 0, "room for {} of {kept_len} elements of chains", kept.len());
    }
    let width = blocking.width();
    let mut values = [[0.0; LANES]; TILE];
    for top in (0..m).step_by(near_rows.max(1)) {
        let bottom = m.min(top + near_rows);
        for section in 0..n_sections {
            let from = section * section_len;
            let terms = section_len.min(k - from);
            let (resumes, last) = (section > 0, section + 1 == n_sections);
            for col in (0..n).step_by(width) {
                let cols = width.min(n - col);
                let n_blocks = cols.div_ceil(LANES);
                let right = right.from(from, col);
                let mut row = top;
                while row < bottom {
                    let height = blocking.height(tile, bottom - row, n_blocks);
                    let size = height * n_blocks;
                    let values = if n_sections > 1 {
                        let at = near_rows * col + (row - top) * n_blocks * LANES;
                        &mut kept[at..].as_chunks_mut().0[..size]
                    } else {
                        &mut values[..size]
                    };
                    if last && F::EXPECTS && m * n > FAR {
                        let (rows, cols) = (row..row + height, col..col + cols);
                        level.run(Expect { finish: &finish, rows, cols });
                    }
                    let chains = Chains {
                        values: &mut *values,
                        order: F::ORDER,
                        resumes,
                        height,
                        n_blocks,
                        terms,
                        left: left.from(row, from),
                        right,
                    };
                    chains.run_on(level);
                    if last {
                        let (values, pitch) = (values.as_flattened_mut(), n_blocks * LANES);
                        let tile = Tile { values, rows: height, cols, pitch };
                        level.run(Hand { finish: &mut finish, row, col, tile });
                    }
                    row += height;
                }
            }
        }
    }
}

/// Tells a finish which tile comes next.
struct Expect<'a, F> {
    finish: &'a F,
    rows: Range<usize>,
    cols: Range<usize>,
}

impl<F: Finish> Kernel for Expect<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.finish.expect(simd, self.rows, self.cols);
    }
}

/// Hands a finished tile over: once for each level and kind of [`Finish`], whatever the size of
/// the tile.
pub(crate) struct Hand<'a, 't, F> {
    pub(crate) finish: &'a mut F,
    pub(crate) row: usize,
    pub(crate) col: usize,
    pub(crate) tile: Tile<'t>,
}

impl<F: Finish> Kernel for Hand<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.finish.take(simd, self.row, self.col, self.tile);
    }
}

/// Hands tiles over transposed: the finish of a product whose operands were exchanged, so that
/// lanes run along the rows of its result.
pub(crate) struct Exchanged<F>(pub(crate) F);

impl<F: Finish> Finish for Exchanged<F> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, tile: Tile<'_>) {
        let mut turned = [[0.0; LANES]; BLOCKS * LANES];
        for (i, values) in tile.each_row().enumerate() {
            for (to, &x) in turned.iter_mut().zip(values) {
                to[i] = x;
            }
        }
        let values = turned.as_flattened_mut();
        let tile = Tile { values, rows: tile.cols, cols: tile.rows, pitch: LANES };
        self.0.take(simd, col, row, tile);
    }

    fn split_rows(self, _: usize) -> (Self, Self) {
        unreachable!("threads were given their parts before operands were exchanged")
    }
}

/// Where a range of leaves is cut: the left half has the odd one.
pub(crate) fn middle(range: &Range<usize>) -> usize {
    range.start + range.len().div_ceil(2)
}
