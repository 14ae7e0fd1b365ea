//! What becomes of a finished tile of a product.

use std::ops::Range;

use ravine_simd::Simd;

use crate::ViewMut;

/// Takes the tiles of a product while they are in the nearest cache.
///
/// A product hands over every element exactly once, its chain complete, in no promised order of
/// tiles. So whatever is done to a finished element (a bias, an activation, an update) costs no
/// second pass over memory.
pub trait Finish: Send + Sized {
    /// How the values of a tile lie.
    const ORDER: Order = Order::Rows;

    /// Takes the tile whose first element is that of row `row` and column `col`. Mark every
    /// implementation `#[inline(always)]`: it runs inside the product's kernel.
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, tile: Tile<'_>);

    /// Whether [`expect`](Self::expect) does anything.
    const EXPECTS: bool = false;

    /// Asks for the memory that [`take`](Self::take) is going to touch for the tile that is run now,
    /// or for one that is soon: a result that is larger than the caches is there when its chains
    /// are complete.
    #[inline(always)]
    fn expect<S: Simd>(&self, simd: S, rows: Range<usize>, cols: Range<usize>) {
        let _ = (simd, rows, cols);
    }

    /// What takes the rows before `row`, and what takes those from it on, renumbered from zero.
    fn split_rows(self, row: usize) -> (Self, Self);
}

/// How the values of a tile lie in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Row after row, each of [`Tile::pitch`] values.
    Rows,
    /// Panel after panel of sixteen columns, and in a panel row after row.
    Panels,
}

/// A finished tile; it may be changed, for it is memory of the product's own.
#[derive(Debug)]
pub struct Tile<'a> {
    /// The values in the finish's [order](Finish::ORDER), of whole blocks of sixteen; those beyond
    /// the result's last column are of no meaning.
    pub values: &'a mut [f32],
    /// Rows of the tile.
    pub rows: usize,
    /// Columns of the tile that the result has.
    pub cols: usize,
    /// Values from a row to the next, where they lie in rows.
    pub pitch: usize,
}

impl Tile<'_> {
    /// The values of each row, where they lie in rows.
    #[inline(always)]
    pub fn each_row(&self) -> impl Iterator<Item = &[f32]> {
        let rows = self.values.chunks(self.pitch.max(1)).take(self.rows);
        rows.map(
            #[inline(always)]
            |row| &row[..self.cols],
        )
    }
}

/// Writes the product: `C ← values`.
#[derive(Debug)]
pub struct Write<'a>(pub ViewMut<'a>);

impl Finish for Write<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, row: usize, col: usize, tile: Tile<'_>) {
        for (i, values) in tile.each_row().enumerate() {
            self.0.row_mut(row + i)[col..col + values.len()].copy_from_slice(values);
        }
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (above, below) = self.0.split_rows(row);
        (Self(above), Self(below))
    }
}
