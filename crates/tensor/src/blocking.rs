//! How a product is cut for registers and caches.

use ravine_simd::{Kernel, LANES, Level, Simd};

/// Heights of a tile. The last rows take the lowest that holds them.
const HEIGHTS: [usize; 6] = [1, 2, 4, 6, 8, 12];

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
    /// Rows of a tile (MR), from 1. A level that has no tile so high takes the highest below.
    pub rows: usize,
    /// Blocks of 16 columns in a tile (NR/16), from 1. A level that has fewer takes what it has.
    pub blocks: usize,
    /// Terms of a chain that run before the tile is put away and another begins (KC), from 1. A sum
    /// over samples is put away after each leaf alone.
    pub terms: usize,
    /// Elements of A that are packed at a time (MC·KC), from 1; whole tiles at least.
    pub near: usize,
}

impl Blocking {
    /// What is fast on a level.
    #[must_use]
    pub fn of(level: Level) -> Self {
        let Tile { rows, blocks } = level.run(Ask);
        // Products of so many terms stay in registers, and so much of A in the second-level cache
        // beside a panel of B.
        Self { rows, blocks, terms: 4096, near: 1 << 18 }
    }

    /// What of it the level can do.
    pub(crate) fn on(self, level: Level) -> Self {
        let has = level.run(Ask);
        let most = self.rows.min(has.rows);
        let rows = HEIGHTS.into_iter().rev().find(|&height| height <= most).unwrap_or(1);
        Self {
            rows,
            blocks: self.blocks.clamp(1, has.blocks),
            terms: self.terms.max(1),
            near: self.near.max(1),
        }
    }

    /// The height of the next tile where `left` rows are left.
    pub(crate) fn height(self, left: usize) -> usize {
        let fits = |height: &usize| *height >= left && *height < self.rows;
        HEIGHTS.into_iter().find(fits).unwrap_or(self.rows)
    }

    /// Columns of a tile.
    pub(crate) fn width(self) -> usize {
        self.blocks * LANES
    }
}

/// The size of a level's tile.
struct Tile {
    rows: usize,
    blocks: usize,
}

/// Asks a level for its tile.
struct Ask;

impl Kernel for Ask {
    type Output = Tile;

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> Tile {
        Tile { rows: S::TILE_ROWS, blocks: S::TILE_BLOCKS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_does_what_it_can_of_any_blocking() {
        for level in Level::available() {
            let best = Blocking::of(level);
            assert_eq!(best.on(level), best, "{level}");
            let most = usize::MAX;
            let all = Blocking { rows: most, blocks: most, terms: most, near: most }.on(level);
            assert_eq!((all.rows, all.blocks), (best.rows, best.blocks), "{level}");
            let least = Blocking { rows: 0, blocks: 0, terms: 0, near: 0 }.on(level);
            assert_eq!(least, Blocking { rows: 1, blocks: 1, terms: 1, near: 1 }, "{level}");
            let odd = Blocking { rows: 3, ..best }.on(level);
            assert_eq!(odd.rows, 2, "{level}");
        }
    }

    #[test]
    fn the_last_rows_take_the_lowest_tile_that_holds_them() {
        let blocking = Blocking { rows: 6, blocks: 1, terms: 1, near: 1 };
        let heights = [1, 2, 3, 4, 5, 6, 7, 100].map(|left| blocking.height(left));
        assert_eq!(heights, [1, 2, 4, 4, 6, 6, 6, 6]);
    }
}
