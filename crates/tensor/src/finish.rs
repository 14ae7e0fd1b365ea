//! What becomes of a finished stretch of a product's row.

use ravine_simd::{LANES, Simd};

use crate::ViewMut;

/// Takes the rows of a product, stretch by stretch, while they are still in registers or in the
/// nearest cache.
///
/// A product hands over every element exactly once, its chain complete, in no promised order of
/// stretches. So whatever is done to a finished element (a bias, an activation, an update) costs
/// no second pass over memory.
pub trait Finish: Send + Sized {
    /// Takes the columns `col..col + values.len()` of row `row`. Mark every implementation
    /// `#[inline(always)]`: it runs inside the product's kernel.
    fn take<S: Simd>(&mut self, simd: S, row: usize, col: usize, values: &[f32]);

    /// What takes the rows before `row`, and what takes those from it on, renumbered from zero.
    fn split_rows(self, row: usize) -> (Self, Self);
}

/// Writes the product: `C ← values`.
#[derive(Debug)]
pub struct Write<'a>(pub ViewMut<'a>);

impl Finish for Write<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, row: usize, col: usize, values: &[f32]) {
        let to = &mut self.0.row_mut(row)[col..col + values.len()];
        // Whole blocks are copied at a fixed length, which needs no call.
        let (blocks, rest) = to.as_chunks_mut::<LANES>();
        let (from, from_rest) = values.as_chunks::<LANES>();
        for (to, from) in blocks.iter_mut().zip(from) {
            *to = *from;
        }
        for (to, from) in rest.iter_mut().zip(from_rest) {
            *to = *from;
        }
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (above, below) = self.0.split_rows(row);
        (Self(above), Self(below))
    }
}
