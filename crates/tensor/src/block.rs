//! The loops of one thread's part of a product.

use std::ops::Range;

use ravine_simd::{Kernel, LANES, Level, Simd, load_square, store_square, turn};

use crate::operand::Steps;
use crate::pack;
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

/// Terms from which on the chains of a tile take as long as memory takes to answer.
const LONG: usize = 48;

/// Terms from which on rows that are neighbours are copied: fewer are near as they lie.
const MANY: usize = 256;

/// How one thread's part of a product is cut.
struct Cut {
    /// Terms of a section, but for the last.
    section_len: usize,
    /// Rows that go through all columns before the next.
    near_rows: usize,
    /// `f32`s for the chains of those rows between two sections.
    kept_len: usize,
    /// `f32`s for a section of sixteen rows, where they are copied.
    copied_len: usize,
}

impl Cut {
    #[inline]
    fn of(blocking: Blocking, [m, k, n]: [usize; 3]) -> Self {
        let section_len = k.min(blocking.terms);
        let near_rows = (blocking.near / section_len.max(1)).clamp(1, m.max(1));
        let near_rows = near_rows.next_multiple_of(blocking.rows).min(m);
        let columns = n.div_ceil(LANES).saturating_mul(LANES);
        let kept_len = if section_len < k { near_rows.saturating_mul(columns) } else { 0 };
        let copied_len = if section_len < MANY { 0 } else { section_len.saturating_mul(LANES) };
        Self { section_len, near_rows, kept_len, copied_len }
    }
}

/// The `f32`s that one thread keeps of its part of m × k by k × n, whatever lies how.
pub(crate) fn kept_len(level: Level, blocking: Blocking, shape: [usize; 3]) -> usize {
    let Cut { kept_len, copied_len, .. } = Cut::of(blocking.on(level), shape);
    kept_len.saturating_add(copied_len)
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
    let (blocking, [tile, _]) = (blocking.on(level), level.tile());
    let cut = Cut::of(blocking, [m, k, n]);
    let Cut { section_len, mut near_rows, kept_len, copied_len } = cut;
    // Where rows are neighbours, terms lie apart: sixteen rows are copied, and go through all
    // columns before the next.
    let copies = matches!(left.steps, Steps::Columns { .. }) && copied_len > 0;
    let copied_len = if copies { copied_len } else { 0 };
    assert!(copied_len <= kept.len(), "room for {} of {copied_len} elements", kept.len());
    let (copied, kept) = kept.split_at_mut(copied_len);
    if kept.len() < kept_len {
        // As many rows as there is room for.
        let columns = n.div_ceil(LANES) * LANES;
        near_rows = kept.len() / columns / blocking.rows * blocking.rows;
        assert_ne!(near_rows, 0, "room for {} of {kept_len} elements of chains", kept.len());
    }
    let mut values = [[0.0; LANES]; TILE];
    let mut top = 0;
    while top < m {
        let bottom = m.min(top + near_rows);
        let mut from = 0;
        loop {
            let terms = section_len.min(k - from);
            let last = from + terms == k;
            let mut row = top;
            while row < bottom {
                let end = if copies { bottom.min(row + LANES) } else { bottom };
                let left = left.from(row, from).until(end - row);
                let left = if copies { pack::left(level, copied, left, terms) } else { left };
                let mut col = 0;
                while col < n {
                    let cols = blocking.width().min(n - col);
                    let kept = (section_len < k).then(|| {
                        let at = near_rows * col + (row - top) * cols.next_multiple_of(LANES);
                        &mut kept[at..]
                    });
                    let strip = Strip {
                        row,
                        col,
                        cols,
                        terms,
                        left,
                        right: right.from(from, col),
                        resumes: from > 0,
                        whole: [m, n],
                    };
                    let finish = last.then_some(&mut finish);
                    strip.run(level, (blocking, tile), (&mut values, kept), finish);
                    col += cols;
                }
                row = end;
            }
            from += terms;
            if last {
                break;
            }
        }
        top = bottom;
    }
}

/// Some rows through the columns of a tile.
struct Strip<'a> {
    /// Of the result, the first.
    row: usize,
    col: usize,
    cols: usize,
    terms: usize,
    left: Left<'a>,
    right: Right<'a>,
    resumes: bool,
    /// Rows and columns of the result.
    whole: [usize; 2],
}

impl Strip<'_> {
    /// Runs its tiles, in `kept` where their chains go on, and hands them over where they end.
    fn run<F: Finish>(
        self,
        level: Level,
        (blocking, tile): (Blocking, usize),
        (values, mut kept): (&mut [[f32; LANES]; TILE], Option<&mut [f32]>),
        mut finish: Option<&mut F>,
    ) {
        let Self { cols, terms, left, right, resumes, .. } = self;
        let n_blocks = cols.div_ceil(LANES);
        let mut row = 0;
        while row < left.rows {
            let height = blocking.height(tile, left.rows - row, n_blocks);
            let size = height * n_blocks;
            let values = match &mut kept {
                Some(kept) => &mut kept.as_chunks_mut().0[row * n_blocks..][..size],
                None => &mut values[..size],
            };
            let (top, col) = (self.row + row, self.col);
            let [m, n] = self.whole;
            if let (Some(finish), true) = (&finish, F::EXPECTS && m * n > FAR) {
                let [rows, cols] = self.expected(row, height, blocking.width());
                level.run(Expect { finish: &**finish, rows, cols });
            }
            let (left, order) = (left.from(row, 0), F::ORDER);
            Chains { values, order, resumes, height, n_blocks, terms, left, right }.run_on(level);
            if let Some(finish) = &mut finish {
                let (values, pitch) = (values.as_flattened_mut(), n_blocks * LANES);
                let tile = Tile { values, rows: height, cols, pitch };
                level.run(Hand { finish: &mut **finish, row: top, col, tile });
            }
            row += height;
        }
    }

    /// The rows and columns of the tile of these rows and the next columns, or of as many rows
    /// behind those of the strip; and of this tile itself where its chains take long enough.
    ///
    /// Inlined, for a strip in memory is read back before its stores are through.
    #[inline(always)]
    fn expected(&self, row: usize, height: usize, width: usize) -> [Range<usize>; 2] {
        let [m, n] = self.whole;
        let (mut row, mut col) = (self.row + row, self.col);
        if self.terms < LONG {
            col += width;
        }
        if col >= n {
            (row, col) = (row + self.left.rows, 0);
        }
        [row.min(m)..m.min(row + height), col..n.min(col + width)]
    }
}

/// Tells a finish of a tile that it is about to have, or will soon have.
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
        let mut turned = [[[0.0; LANES]; LANES]; BLOCKS];
        for (to, j) in turned.iter_mut().zip((0..tile.cols).step_by(LANES)) {
            let square = load_square(simd, &tile.values[j..], tile.pitch, tile.rows, LANES);
            store_square::<S>(turn::<S>(square), to);
        }
        let values = &mut turned.as_flattened_mut().as_flattened_mut()[..tile.cols * LANES];
        let tile = Tile { values, rows: tile.cols, cols: tile.rows, pitch: LANES };
        self.0.take(simd, col, row, tile);
    }

    fn split_rows(self, _: usize) -> (Self, Self) {
        unreachable!("threads were given their parts before operands were exchanged")
    }
}
