//! The micro-kernel: a tile of the product that stays in registers while k runs.

use ravine_simd::{Fused, LANES, Lanes, Simd};

/// `MR` rows of `NB` blocks, each lane one chain of `mul_add`.
#[derive(Clone, Copy)]
pub(crate) struct Tile<S: Simd, const MR: usize, const NB: usize>([[S::F32; NB]; MR]);

impl<S: Simd, const MR: usize, const NB: usize> Tile<S, MR, NB> {
    /// All chains at their start.
    #[inline(always)]
    pub(crate) fn zero(simd: S) -> Self {
        Self([[simd.splat(0.0); NB]; MR])
    }

    /// Chains stored before.
    #[inline(always)]
    pub(crate) fn load(simd: S, from: &[[f32; LANES]]) -> Self {
        let mut tile = Self::zero(simd);
        for (row, from) in tile.0.iter_mut().zip(from.as_chunks::<NB>().0) {
            for (block, from) in row.iter_mut().zip(from) {
                *block = simd.load(from);
            }
        }
        tile
    }

    /// Writes the chains.
    #[inline(always)]
    pub(crate) fn store(self, to: &mut [[f32; LANES]]) {
        for (row, to) in self.0.into_iter().zip(to.as_chunks_mut::<NB>().0) {
            for (block, to) in row.into_iter().zip(to) {
                block.store(to);
            }
        }
    }

    /// Continues every chain: `acc ← fma(aₚᵢ, bₚⱼ, acc)` for p in order.
    #[inline(always)]
    pub(crate) fn advance(mut self, simd: S, a: &[[f32; MR]], b: &[[[f32; LANES]; NB]]) -> Self {
        for (a, b) in a.iter().zip(b) {
            let mut blocks = [simd.splat(0.0); NB];
            for (block, b) in blocks.iter_mut().zip(b) {
                *block = simd.load(b);
            }
            for (row, &a) in self.0.iter_mut().zip(a) {
                let a = simd.splat(a);
                for (acc, &b) in row.iter_mut().zip(&blocks) {
                    *acc = a.mul_add(b, *acc);
                }
            }
        }
        self
    }

    /// The sum of two tiles, in one rounding a lane.
    #[inline(always)]
    pub(crate) fn plus(mut self, other: Self) -> Self {
        for (row, other) in self.0.iter_mut().zip(other.0) {
            for (acc, other) in row.iter_mut().zip(other) {
                *acc = *acc + other;
            }
        }
        self
    }
}
