//! The micro-kernel: a tile of the product that stays in registers while k runs.

use ravine_simd::{Fused, Kernel, LANES, Lanes, Simd};

/// Continues the chains of a tile: `acc ← fma(aₚᵢ, bₚⱼ, acc)` for p in order.
///
/// It knows nothing of what becomes of the tile, so that it is compiled once for each level and
/// size.
pub(crate) struct Tile<'a> {
    /// The chains, row after row: where they end, and where they begin unless they begin at zero.
    pub(crate) values: &'a mut [[f32; LANES]],
    /// Whether the chains were begun before.
    pub(crate) resumes: bool,
    /// Rows of the tile, at most the level's.
    pub(crate) height: usize,
    /// Blocks in a row, at most the level's.
    pub(crate) n_blocks: usize,
    /// k × height.
    pub(crate) a: &'a [f32],
    /// k × blocks.
    pub(crate) b: &'a [f32],
}

impl Kernel for Tile<'_> {
    type Output = ();

    /// Finds the loop of the tile's size. Sizes beyond the level's are never compiled.
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        match (self.height, self.n_blocks) {
            (12, 2) if const { fits::<S>(12, 2) } => self.advance::<S, 12, 2>(simd),
            (8, 2) if const { fits::<S>(8, 2) } => self.advance::<S, 8, 2>(simd),
            (6, 2) if const { fits::<S>(6, 2) } => self.advance::<S, 6, 2>(simd),
            (4, 2) if const { fits::<S>(4, 2) } => self.advance::<S, 4, 2>(simd),
            (2, 2) if const { fits::<S>(2, 2) } => self.advance::<S, 2, 2>(simd),
            (1, 2) if const { fits::<S>(1, 2) } => self.advance::<S, 1, 2>(simd),
            (12, _) if const { fits::<S>(12, 1) } => self.advance::<S, 12, 1>(simd),
            (8, _) if const { fits::<S>(8, 1) } => self.advance::<S, 8, 1>(simd),
            (6, _) if const { fits::<S>(6, 1) } => self.advance::<S, 6, 1>(simd),
            (4, _) if const { fits::<S>(4, 1) } => self.advance::<S, 4, 1>(simd),
            (2, _) if const { fits::<S>(2, 1) } => self.advance::<S, 2, 1>(simd),
            _ => self.advance::<S, 1, 1>(simd),
        }
    }
}

/// Whether a level has tiles of the size.
const fn fits<S: Simd>(height: usize, n_blocks: usize) -> bool {
    height <= S::TILE_ROWS && n_blocks <= S::TILE_BLOCKS
}

impl Tile<'_> {
    #[inline(always)]
    fn advance<S: Simd, const MR: usize, const NB: usize>(self, simd: S) {
        let mut tile = [[simd.splat(0.0); NB]; MR];
        let values = self.values.as_chunks_mut::<NB>().0;
        if self.resumes {
            for (row, from) in tile.iter_mut().zip(&*values) {
                for (acc, from) in row.iter_mut().zip(from) {
                    *acc = simd.load(from);
                }
            }
        }
        let a = self.a.as_chunks::<MR>().0;
        let b = self.b.as_chunks::<LANES>().0.as_chunks::<NB>().0;
        for (a, b) in a.iter().zip(b) {
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
        for (row, to) in tile.iter().zip(values) {
            for (&acc, to) in row.iter().zip(to) {
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
