//! The loops of one thread's part of a product.

use std::ops::Range;

use ravine_simd::{Buffer, Kernel, LANES, Level, Simd};

use crate::pack::{self, Scratch};
use crate::tile::{Merge, Tile};
use crate::{Blocking, Finish, View};

/// Rows in a leaf of a sum over samples.
pub const LEAF_ROWS: usize = 4096;

/// Blocks of the largest tile.
pub(crate) const TILE: usize = 24;

/// How the sections of a product's k are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Join {
    /// One chain runs through all.
    Chain,
    /// Each is a chain of its own; they are added in a balanced tree.
    Tree,
}

/// The operands of one thread's part.
#[derive(Clone, Copy)]
pub(crate) struct Operands<'a> {
    /// m × k.
    pub(crate) a: View<'a>,
    /// k × n.
    pub(crate) b: View<'a>,
    pub(crate) join: Join,
    pub(crate) blocking: Blocking,
}

/// `finish ← A·B`, by one thread. Where `swapped`, lanes run along the rows of the result: A and B
/// are its operands transposed and exchanged, and tiles are handed over transposed.
pub(crate) fn block<F: Finish>(level: Level, mut finish: F, operands: Operands<'_>, swapped: bool) {
    let Operands { a, b, join, blocking } = operands;
    let (m, k, n) = (a.rows(), a.cols(), b.cols());
    let blocking = blocking.on(level);
    let room = Room::of(blocking, [m, k, n], join);
    let Room { section_len, n_sections, near_rows, n_kept, keeps_b, lens } = room;
    let width = blocking.width();
    let [a_len, b_len, kept_len] = lens;
    let mut scratch = Scratch {
        a: Buffer::zeroed(a_len),
        b: Buffer::zeroed(b_len),
        kept: Buffer::zeroed(kept_len),
        values: [[0.0; LANES]; TILE],
    };
    for top in (0..m).step_by(near_rows.max(1)) {
        let rows = top..m.min(top + near_rows);
        for section in 0..n_sections {
            let section = Section::new(section, section_len, k, join);
            let pack_b = top == 0 || n_sections > 1;
            for left in (0..n).step_by(width) {
                let cols = left..n.min(left + width);
                let b = if keeps_b { left * section.range.len() } else { 0 };
                let mut row = rows.start;
                while row < rows.end {
                    let height = blocking.height(rows.end - row);
                    let spot = Spot {
                        rows: row..rows.end.min(row + height),
                        n_blocks: cols.len().div_ceil(LANES),
                        cols: cols.clone(),
                        height,
                        top,
                        pack_a: left == 0,
                        pack_b: pack_b && row == top,
                        b,
                        kept: near_rows * left + (row - top) * width,
                        n_kept,
                    };
                    row += height;
                    operands.tile(level, &mut scratch, &section, &spot);
                    if section.last {
                        let values = scratch.values.as_flattened();
                        level.run(Hand { finish: &mut finish, values, spot: &spot, swapped });
                    }
                }
            }
        }
    }
}

/// How one thread's part of a product is cut, and the memory that it takes.
struct Room {
    /// Terms of a section, but for the last.
    section_len: usize,
    n_sections: usize,
    /// Rows of A that are packed at a time.
    near_rows: usize,
    /// Unfinished tiles that are kept at a place.
    n_kept: usize,
    /// Whether all panels of B are kept packed, because rows of A come back to them.
    keeps_b: bool,
    /// `f32`s of [`Scratch`]: packed A, packed B, kept tiles.
    lens: [usize; 3],
}

impl Room {
    /// For m × k by k × n; a length that no memory has is `usize::MAX`.
    fn of(blocking: Blocking, [m, k, n]: [usize; 3], join: Join) -> Self {
        let Blocking { rows, near, .. } = blocking;
        let section_len = match join {
            Join::Chain => k.min(blocking.terms),
            Join::Tree => k.min(LEAF_ROWS),
        };
        let n_sections = k.div_ceil(section_len.max(1)).max(1);
        let near_rows = (near / section_len.max(1)).max(1).div_ceil(rows).saturating_mul(rows);
        let near_rows = near_rows.min(m.div_ceil(rows).saturating_mul(rows));
        let n_kept = match join {
            _ if n_sections == 1 => 0,
            Join::Chain => 1,
            Join::Tree => n_sections.next_power_of_two().ilog2() as usize,
        };
        let keeps_b = near_rows < m && n_sections == 1;
        let width = blocking.width();
        let columns = |width: usize| n.div_ceil(width).saturating_mul(width);
        let kept = near_rows.saturating_mul(n_kept);
        let lens = [
            near_rows * section_len,
            section_len.saturating_mul(if keeps_b { columns(LANES) } else { width }),
            kept.saturating_mul(columns(width)),
        ];
        Self { section_len, n_sections, near_rows, n_kept, keeps_b, lens }
    }
}

/// The `f32`s that one thread packs its part of m × k by k × n into, at most.
pub(crate) fn room(blocking: Blocking, shape: [usize; 3], join: Join) -> usize {
    let [a, b, kept] = Room::of(blocking, shape, join).lens;
    a.saturating_add(b).saturating_add(kept)
}

/// Hands a finished tile over, row by row: once for each level and kind of [`Finish`], whatever
/// the size of the tile.
struct Hand<'a, F> {
    finish: &'a mut F,
    values: &'a [f32],
    spot: &'a Spot,
    swapped: bool,
}

impl<F: Finish> Kernel for Hand<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (rows, cols) = (&self.spot.rows, &self.spot.cols);
        let width = self.spot.n_blocks * LANES;
        let (outer, inner) = if self.swapped { (cols, rows) } else { (rows, cols) };
        // A column of a swapped tile is gathered; it is no longer than a tile is high.
        let mut column = [0.0; TILE];
        for (i, row) in outer.clone().enumerate() {
            let values = if self.swapped {
                for (to, line) in column.iter_mut().zip(self.values.chunks_exact(width)) {
                    *to = line[i];
                }
                &column[..inner.len()]
            } else {
                &self.values[i * width..][..inner.len()]
            };
            self.finish.take(simd, row, inner.start, values);
        }
    }
}

/// A stretch of k, and what is done with the tiles kept before it.
struct Section {
    range: Range<usize>,
    /// Whether the chains continue those kept last.
    resumes: bool,
    /// Whether the result is complete after it.
    last: bool,
    /// Tiles kept before it.
    n_before: usize,
    /// Kept tiles that its own is added to.
    n_merged: usize,
}

impl Section {
    /// Section `index` of `k` terms, of which each section takes `len`.
    fn new(index: usize, len: usize, k: usize, join: Join) -> Self {
        let count = k.div_ceil(len.max(1)).max(1);
        let range = index * len..k.min((index + 1) * len);
        let (resumes, last) = (join == Join::Chain && index > 0, index + 1 == count);
        if join == Join::Chain {
            return Self { range, resumes, last, n_before: 0, n_merged: 0 };
        }
        // Down the tree: a left half that was passed is kept; a node that ends here is added up.
        let (mut from, mut to, mut n_before, mut n_merged) = (0, count, 0, 0);
        while to - from > 1 {
            let middle = middle(from, to);
            n_merged += usize::from(to == index + 1);
            if index < middle {
                to = middle;
            } else {
                from = middle;
                n_before += 1;
            }
        }
        Self { range, resumes, last, n_before, n_merged }
    }
}

/// Where a range of leaves is cut: the left half has the odd one.
pub(crate) fn middle(from: usize, to: usize) -> usize {
    from + (to - from).div_ceil(2)
}

/// A tile's place.
struct Spot {
    /// Rows of its result, at most `height`.
    rows: Range<usize>,
    cols: Range<usize>,
    /// Blocks in a row of the tile.
    n_blocks: usize,
    height: usize,
    /// First of the rows whose A is packed.
    top: usize,
    pack_a: bool,
    pack_b: bool,
    /// Where its panel of B is packed.
    b: usize,
    /// Where its unfinished chains are kept, for each of `n_kept`.
    kept: usize,
    n_kept: usize,
}

impl Operands<'_> {
    /// Packs what the tile is the first to read, runs it through a section of k, and leaves it
    /// in `scratch.values`, or keeps it for the next section.
    fn tile(&self, level: Level, scratch: &mut Scratch, section: &Section, spot: &Spot) {
        let (k, height, n_blocks) = (section.range.len(), spot.height, spot.n_blocks);
        let a = &mut scratch.a[(spot.rows.start - spot.top) * k..][..k * height];
        if spot.pack_a {
            let view = self.a.row_range(spot.rows.clone());
            pack::rows(a, height, view.col_range(section.range.clone()));
        }
        let b = &mut scratch.b[spot.b..][..k * n_blocks * LANES];
        if spot.pack_b {
            let view = self.b.col_range(spot.cols.clone());
            pack::cols(b, n_blocks * LANES, view.row_range(section.range.clone()));
        }
        let size = height * n_blocks;
        let values = &mut scratch.values[..size];
        let kept = scratch.kept[spot.kept * spot.n_kept..].as_chunks_mut().0;
        if section.resumes {
            values.copy_from_slice(&kept[..size]);
        }
        level.run(Tile { values: &mut *values, resumes: section.resumes, height, n_blocks, a, b });
        let n_left = section.n_before - section.n_merged;
        for i in (n_left..section.n_before).rev() {
            level.run(Merge { values: &mut *values, kept: &kept[i * size..][..size] });
        }
        if !section.last {
            kept[n_left * size..][..size].copy_from_slice(values);
        }
    }
}
