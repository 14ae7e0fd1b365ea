//! The loops of one thread's part of a product.

use std::ops::Range;

use ravine_simd::{Buffer, Kernel, LANES, Simd};

use crate::pack::{self, Scratch};
use crate::tile::{Merge, Tile};
use crate::{Finish, View};

/// Products of this many terms stay in registers; longer ones are cut into sections.
pub(crate) const SECTION: usize = 4096;
/// Elements of A that stay in the second-level cache beside a panel of B.
const NEAR: usize = 1 << 18;
/// Blocks of the largest tile.
const TILE: usize = 24;
/// Heights of a tile. The last rows take the lowest that holds them.
const HEIGHTS: [usize; 6] = [1, 2, 4, 6, 8, 12];

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
}

/// `finish ← A·B`, by one thread. With `SWAPPED`, lanes run along the rows of the result: A and B
/// are its operands transposed and exchanged, and tiles are handed over transposed.
pub(crate) struct Block<'a, F, const SWAPPED: bool> {
    pub(crate) finish: F,
    pub(crate) operands: Operands<'a>,
}

impl<F: Finish, const SWAPPED: bool> Kernel for Block<'_, F, SWAPPED> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let Operands { a, b, join } = self.operands;
        let (m, k, n) = (a.rows(), a.cols(), b.cols());
        let width = S::TILE_BLOCKS * LANES;
        let n_sections = k.div_ceil(SECTION).max(1);
        let section_len = k.min(SECTION);
        let near_rows = (NEAR / section_len.max(1)).next_multiple_of(S::TILE_ROWS);
        let near_rows = near_rows.min(m.next_multiple_of(S::TILE_ROWS));
        let n_panels = n.div_ceil(width);
        let n_kept = match join {
            _ if n_sections == 1 => 0,
            Join::Chain => 1,
            Join::Tree => n_sections.next_power_of_two().ilog2() as usize,
        };
        let mut scratch = Scratch {
            a: Buffer::zeroed(near_rows * section_len),
            b: Buffer::zeroed(section_len * n.next_multiple_of(LANES)),
            kept: Buffer::zeroed(near_rows * n_panels * width * n_kept),
        };
        for top in (0..m).step_by(near_rows.max(1)) {
            let rows = top..m.min(top + near_rows);
            for section in 0..n_sections {
                let section = Section::new(section, k, join);
                let pack_b = top == 0 || n_sections > 1;
                for left in (0..n).step_by(width) {
                    let cols = left..n.min(left + width);
                    let mut row = rows.start;
                    while row < rows.end {
                        let height = height::<S>(rows.end - row);
                        let spot = Spot {
                            rows: row..rows.end.min(row + height),
                            cols: cols.clone(),
                            height,
                            top,
                            pack_a: left == 0,
                            pack_b: pack_b && row == top,
                            kept: near_rows * left + (row - top) * width,
                            n_kept,
                        };
                        row += height;
                        let mut values = [[0.0; LANES]; TILE];
                        let n_blocks = cols.len().div_ceil(LANES);
                        if S::TILE_BLOCKS > 1 && n_blocks > 1 {
                            self.operands.tall::<S, 2>(simd, &mut values, &mut scratch, &section, &spot);
                        } else {
                            self.operands.tall::<S, 1>(simd, &mut values, &mut scratch, &section, &spot);
                        }
                        if section.last {
                            let (finish, values) = (&mut self.finish, values.as_flattened());
                            let hand = Hand::<_, SWAPPED> { finish, values, n_blocks, spot: &spot };
                            simd.vectorize(hand);
                        }
                    }
                }
            }
        }
    }
}

/// Hands a finished tile over, row by row: once for each level and kind of [`Finish`], whatever
/// the size of the tile.
struct Hand<'a, F, const SWAPPED: bool> {
    finish: &'a mut F,
    values: &'a [f32],
    /// Blocks in a row of the tile.
    n_blocks: usize,
    spot: &'a Spot,
}

impl<F: Finish, const SWAPPED: bool> Kernel for Hand<'_, F, SWAPPED> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (rows, cols) = (&self.spot.rows, &self.spot.cols);
        let width = self.n_blocks * LANES;
        // Twice the lines of a tile at most: columns of a swapped tile are gathered in one.
        let mut column = [0.0; TILE];
        let (n, len) = if SWAPPED { (cols.len(), rows.len()) } else { (rows.len(), cols.len()) };
        for i in 0..n {
            if SWAPPED {
                for (to, row) in column.iter_mut().zip(self.values.chunks_exact(width)) {
                    *to = row[i];
                }
                self.finish.take(simd, cols.start + i, rows.start, &column[..len]);
            } else {
                let values = &self.values[i * width..][..len];
                self.finish.take(simd, rows.start + i, cols.start, values);
            }
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
    /// Section `index` of `k` terms.
    #[inline(always)]
    fn new(index: usize, k: usize, join: Join) -> Self {
        let count = k.div_ceil(SECTION).max(1);
        let range = index * SECTION..k.min((index + 1) * SECTION);
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
    height: usize,
    /// First of the rows whose A is packed.
    top: usize,
    pack_a: bool,
    pack_b: bool,
    /// Where its unfinished chains are kept, for each of `n_kept`.
    kept: usize,
    n_kept: usize,
}

/// The height of the next tile where `left` rows are left.
#[inline(always)]
fn height<S: Simd>(left: usize) -> usize {
    let fits = |height: &usize| *height >= left && *height < S::TILE_ROWS;
    HEIGHTS.into_iter().find(fits).unwrap_or(S::TILE_ROWS)
}

impl Operands<'_> {
    /// A tile of any height. Arms beyond the level's tile vanish.
    fn tall<S: Simd, const NB: usize>(
        &self,
        simd: S,
        values: &mut [[f32; LANES]],
        scratch: &mut Scratch,
        section: &Section,
        spot: &Spot,
    ) {
        match spot.height {
            12 if S::TILE_ROWS >= 12 => self.tile::<S, 12, NB>(simd, values, scratch, section, spot),
            8 if S::TILE_ROWS >= 8 => self.tile::<S, 8, NB>(simd, values, scratch, section, spot),
            6 if S::TILE_ROWS >= 6 => self.tile::<S, 6, NB>(simd, values, scratch, section, spot),
            4 if S::TILE_ROWS >= 4 => self.tile::<S, 4, NB>(simd, values, scratch, section, spot),
            2 if S::TILE_ROWS >= 2 => self.tile::<S, 2, NB>(simd, values, scratch, section, spot),
            _ => self.tile::<S, 1, NB>(simd, values, scratch, section, spot),
        }
    }

    /// Packs what the tile is the first to read, runs it through a section of k, and leaves it
    /// in `values`, or keeps it for the next section.
    fn tile<S: Simd, const MR: usize, const NB: usize>(
        &self,
        simd: S,
        values: &mut [[f32; LANES]],
        scratch: &mut Scratch,
        section: &Section,
        spot: &Spot,
    ) {
        let k = section.range.len();
        let a = (spot.rows.start - spot.top) * k;
        let a = scratch.a[a..a + k * MR].as_chunks_mut::<MR>().0;
        if spot.pack_a {
            let view = self.a.row_range(spot.rows.clone());
            pack::rows(a, view.col_range(section.range.clone()));
        }
        let b = &mut scratch.b[spot.cols.start * k..][..k * NB * LANES];
        let b = b.as_chunks_mut().0.as_chunks_mut::<NB>().0;
        if spot.pack_b {
            let view = self.b.col_range(spot.cols.clone());
            pack::cols(b, view.row_range(section.range.clone()));
        }
        let size = MR * NB;
        let values = &mut values[..size];
        let kept = scratch.kept[spot.kept * spot.n_kept..].as_chunks_mut().0;
        if section.resumes {
            values.copy_from_slice(&kept[..size]);
        }
        simd.vectorize(Tile::<MR, NB> { values: &mut *values, resumes: section.resumes, a, b });
        let n_left = section.n_before - section.n_merged;
        for i in (n_left..section.n_before).rev() {
            simd.vectorize(Merge { values: &mut *values, kept: &kept[i * size..][..size] });
        }
        if !section.last {
            kept[n_left * size..][..size].copy_from_slice(values);
        }
    }
}
