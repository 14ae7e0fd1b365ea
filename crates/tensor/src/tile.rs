//! The micro-kernel: a tile of the product that stays in registers while k runs.

use ravine_simd::{Fused, Kernel, LANES, Lanes, Simd};

/// Continues the chains of `MR` rows of `NB` blocks: `acc ← fma(aₚᵢ, bₚⱼ, acc)` for p in order.
///
/// It knows nothing of what becomes of the tile, so that it is compiled once for each level and
/// size.
pub(crate) struct Tile<'a, const MR: usize, const NB: usize> {
    /// The chains, row after row: where they end, and where they begin unless they begin at zero.
    pub(crate) values: &'a mut [[f32; LANES]],
    /// Whether the chains were begun before.
    pub(crate) resumes: bool,
    /// k × MR.
    pub(crate) a: &'a [[f32; MR]],
    /// k × NB blocks.
    pub(crate) b: &'a [[[f32; LANES]; NB]],
}

impl<const MR: usize, const NB: usize> Kernel for Tile<'_, MR, NB> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let mut tile = [[simd.splat(0.0); NB]; MR];
        let values = self.values.as_chunks_mut::<NB>().0;
        if self.resumes {
            for (row, from) in tile.iter_mut().zip(&*values) {
                for (acc, from) in row.iter_mut().zip(from) {
                    *acc = simd.load(from);
                }
            }
        }
        for (a, b) in self.a.iter().zip(self.b) {
            let mut blocks = [simd.splat(0.0); NB];
            for (block, b) in blocks.iter_mut().zip(b) {
                *block = simd.load(b);
            }
            for (row, &a) in tile.iter_mut().zip(a) {
                let a = simd.splat(a);
                for (acc, &b) in row.iter_mut().zip(&blocks) {
                    *acc = a.mul_add(b, *acc);
                }
            }
        }
        for (row, to) in tile.into_iter().zip(values) {
            for (acc, to) in row.into_iter().zip(to) {
                acc.store(to);
            }
        }
    }
}

/// `values ← kept + values`: two nodes of a tree become one.
pub(crate) struct Merge<'a> {
    pub(crate) values: &'a mut [[f32; LANES]],
    pub(crate) kept: &'a [[f32; LANES]],
}

impl Kernel for Merge<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (value, kept) in self.values.iter_mut().zip(self.kept) {
            (simd.load(kept) + simd.load(value)).store(value);
        }
    }
}
