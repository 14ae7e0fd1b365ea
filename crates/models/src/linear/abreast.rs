//! Leaves of one column, side by side.

use std::mem;

use ravine_simd::{Fused, Kernel, LANES, Lanes, Simd, WideLanes, sum, unroll};
use ravine_tensor::LEAF_ROWS;

use crate::loss::Pointwise;

/// Blocks of a leaf.
const BLOCKS: usize = LEAF_ROWS / LANES;
/// Blocks that are asked for in one go: memory answers neighbours faster.
const RUN: usize = 4;
/// Blocks of a leaf between what is read and what is asked for.
const AHEAD: usize = 4;
/// Samples that are read at a time.
const FOUR: usize = 4;

/// Gives back the gradients by the weight and the bias and the sum of the losses of up to sixteen
/// whole leaves of one column, a lane each: alone, each chain would wait for every addition.
///
/// | operand | shape                                   | use  |
/// |---------|-----------------------------------------|------|
/// | `x`     | leaves × 4096 samples, and any behind   | read |
/// | `t`     | leaves × 4096 samples                   | read |
pub(super) struct Abreast<'a, P> {
    pub(super) x: &'a [f32],
    pub(super) t: &'a [f32],
    pub(super) w: f32,
    pub(super) b: Option<f32>,
    pub(super) loss: P,
    pub(super) scale: f32,
}

/// Gradients by the weights and the biases, and sums of losses, a lane for each leaf.
pub(super) struct Sums {
    pub(super) dw: [f32; LANES],
    pub(super) db: [f32; LANES],
    pub(super) loss: [f64; LANES],
}

/// Blocks that are whole cache lines: a store across two takes several times as long.
#[repr(align(64))]
struct Lines<T>(T);

impl<P: Pointwise> Kernel for Abreast<'_, P> {
    type Output = Sums;

    #[expect(clippy::out_of_bounds_indexing, reason = "no index from four on is run")]
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Sums {
        let Self { x, t, w, b, loss, scale } = self;
        let n_leaves = t.len() / LEAF_ROWS;
        let read = [x, t].map(|elements| elements.as_chunks::<LANES>().0);
        let [w, scale] = [w, scale].map(|value| simd.splat(value));
        let zero = simd.splat(0.0);
        let [mut dw, mut db] = [zero; 2];
        // A block of every leaf, samples of `x` and of `t`, and the next: lines of all leaves fall
        // on the same few places of the nearest cache, so each is read once, and early.
        let mut squares = Lines([[[[0.0; LANES]; LANES]; 2]; 2]);
        let [now, next] = &mut squares.0;
        let (mut now, mut next) = (now, next);
        for leaf in 0..n_leaves {
            copy(simd, now, read, leaf, 0);
        }
        // Lane `i` of the even, and of the odd, blocks of every leaf: see [`sum`].
        let mut terms = Lines([[[0.0; LANES]; LANES]; 2]);
        for block in 0..BLOCKS {
            let terms = &mut terms.0[block % 2];
            for (at, terms) in (0..LANES).step_by(FOUR).zip(terms.as_chunks_mut::<FOUR>().0) {
                if block + 1 < BLOCKS {
                    for leaf in at..n_leaves.min(at + FOUR) {
                        copy(simd, next, read, leaf, block + 1);
                    }
                }
                let [x, t] = now
                    .each_ref()
                    .map(|square| simd.load_columns(&square.as_flattened()[at..], LANES));
                unroll!(I < FOUR {
                    let mut y = x[I].mul_add(w, zero);
                    if let Some(b) = b {
                        y = y + simd.splat(b);
                    }
                    (simd.load_f64(&terms[I]) + loss.term(simd, y, t[I])).store(&mut terms[I]);
                    let dy = loss.slope(simd, y, t[I]) * scale;
                    dw = dy.mul_add(x[I], dw);
                    db = db + dy;
                });
            }
            mem::swap(&mut now, &mut next);
        }
        let mut sums = Sums { dw: [0.0; LANES], db: [0.0; LANES], loss: [0.0; LANES] };
        dw.store(&mut sums.dw);
        db.store(&mut sums.db);
        let [mut even, odd] = terms.0;
        for (even, odd) in even.iter_mut().zip(&odd) {
            (simd.load_f64(even) + simd.load_f64(odd)).store(even);
        }
        sum::fold_abreast(simd, &even).store(&mut sums.loss);
        sums
    }
}

/// Copies a leaf's block of samples and of targets, and asks for later ones in its turn.
#[inline(always)]
fn copy<S: Simd>(
    simd: S,
    to: &mut [[[f32; LANES]; LANES]; 2],
    from: [&[[f32; LANES]]; 2],
    leaf: usize,
    block: usize,
) {
    let at = leaf * BLOCKS + block;
    for (to, blocks) in to.iter_mut().zip(from) {
        to[leaf] = blocks[at];
        if leaf % RUN == block % RUN
            && let Some(run) = blocks.get(at + AHEAD..at + AHEAD + RUN)
        {
            for line in run {
                simd.prefetch_far(line);
            }
        }
    }
}
