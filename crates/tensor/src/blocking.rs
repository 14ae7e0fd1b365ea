//! How a product is cut for registers and caches.

use ravine_simd::{LANES, Level};

use crate::tile::{ROWS, highest};

/// Elements of a page of memory, the smallest there are.
pub(crate) const PAGE: usize = 1024;
/// Heights of a tile.
const HEIGHTS: [usize; 5] = [ROWS, 6, 4, 2, 1];

/// How one thread's part of a product is cut. It changes time, and no bit of a result.
///
/// # Examples
///
/// ```
/// use ravine_simd::{Level, Par};
/// use ravine_tensor::{Blocking, View, ViewMut, Write, product, product_in};
///
/// let (level, a) = (Level::detect(), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
/// let (a, mut c, mut d) = (View::new(&a, 3, 3), [0.0; 9], [0.0; 9]);
/// product(level, Par::Seq, Write(ViewMut::new(&mut c, 3, 3)), a, a);
/// let small = Blocking { rows: 1, blocks: 1, terms: 2, near: 1 };
/// product_in(small, level, Par::Seq, Write(ViewMut::new(&mut d, 3, 3)), a, a);
/// assert_eq!(c, d);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocking {
    /// Rows of a tile (MR), from 1. A tile is no higher than the level's registers allow.
    pub rows: usize,
    /// Blocks of 16 columns in a tile (NR/16), from 1. A level that has fewer takes what it has.
    pub blocks: usize,
    /// Terms of a chain that run before the tile is put away and another begins (KC), from 1;
    /// rounded up to a multiple of 16.
    pub terms: usize,
    /// Elements of the left operand that go through all columns before the next (MC·KC), from 1;
    /// the rows of whole tiles at least.
    pub near: usize,
}

impl Blocking {
    /// What is fast on a level.
    #[inline]
    #[must_use]
    pub fn of(level: Level) -> Self {
        // So much of the left operand stays in the second-level cache, beside a panel.
        let [_, blocks] = level.tile();
        Self { rows: ROWS, blocks, terms: 512, near: 1 << 17 }
    }

    /// The same for a left operand whose rows are neighbours and whose terms lie `stride` elements
    /// apart, where the result has `cols` columns: from a page on every term is on a page of its
    /// own, so no more of them at a time than hide that chains are put away, and as many rows as
    /// stay near with their chains. Terms whole pages apart meet in one set of a first-level cache,
    /// and where no tile has more columns than a block they are few.
    #[inline]
    #[must_use]
    pub fn for_terms_apart(self, stride: usize, cols: usize) -> Self {
        if stride < PAGE {
            return self;
        }
        let terms = match (cols, stride.is_multiple_of(PAGE)) {
            (..=LANES, true) => 32,
            (..=32, false) => 96,
            _ => 192,
        };
        let rows = (1 << 17) / cols.max(1);
        Self { terms, near: rows * terms, ..self }
    }

    /// The same for a result that is larger than what makes it, of a product of few `terms`: some
    /// rows of it are finished from end to end before the next, in low tiles, which walk along
    /// them. They are the rows of four tiles, so that three of four find their part of the right
    /// operand in the nearest cache.
    #[inline]
    #[must_use]
    pub fn along_rows(self, terms: usize) -> Self {
        let rows = self.rows.min(6);
        Self { near: terms.saturating_mul(4 * rows), rows, ..self }
    }

    /// What of it the level can do.
    #[inline]
    pub(crate) fn on(self, level: Level) -> Self {
        let [tile, blocks] = level.tile();
        let blocks = self.blocks.clamp(1, blocks);
        let terms = self.terms.max(1).div_ceil(LANES).saturating_mul(LANES);
        let rows = lower(self.rows.max(1).min(tile));
        Self { rows, blocks, terms, near: self.near.max(1) }
    }

    /// The height of the next tile where `left` rows are left.
    #[inline]
    pub(crate) fn height(self, tile: usize, left: usize, n_blocks: usize) -> usize {
        lower(left.min(self.rows).min(tile / n_blocks).min(highest(n_blocks)))
    }

    /// Columns of a tile.
    #[inline]
    pub(crate) fn width(self) -> usize {
        self.blocks * LANES
    }
}

/// The highest tile of at most so many rows.
#[inline]
fn lower(rows: usize) -> usize {
    HEIGHTS.into_iter().find(|&height| height <= rows).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_does_what_it_can_of_any_blocking() {
        for level in Level::available() {
            let best = Blocking::of(level).on(level);
            assert_eq!(best.on(level), best, "{level}");
            let most = usize::MAX;
            let all = Blocking { rows: most, blocks: most, terms: most, near: most }.on(level);
            assert_eq!((all.rows, all.blocks), (best.rows, best.blocks), "{level}");
            let least = Blocking { rows: 0, blocks: 0, terms: 0, near: 0 }.on(level);
            assert_eq!(least, Blocking { rows: 1, blocks: 1, terms: 16, near: 1 }, "{level}");
            let odd = Blocking { rows: 3, ..best }.on(level);
            assert_eq!(odd.rows, 2, "{level}");
        }
    }

    #[test]
    fn tiles_are_as_high_as_the_rows_that_are_left_and_the_registers_allow() {
        let blocking = Blocking { rows: 12, blocks: 4, terms: 1, near: 1 };
        let heights =
            |tile, n_blocks| [1, 3, 5, 7, 100].map(|left| blocking.height(tile, left, n_blocks));
        assert_eq!(heights(24, 4), [1, 2, 4, 6, 6]);
        assert_eq!(heights(24, 1), [1, 2, 4, 6, 12]);
        assert_eq!(heights(6, 1), [1, 2, 4, 6, 6]);
    }
}
