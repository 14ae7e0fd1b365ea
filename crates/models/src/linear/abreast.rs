//! Leaves of one column, side by side.

use std::ops::Range;

use ravine_simd::{Fused, Kernel, LANES, Lanes, Par, Simd, Tree, load_square, turn, unroll};
use ravine_tensor::{LEAF_ROWS, View, ViewMut};

use super::once::{Once, Predict};

/// The `f32`s that [`Once::abreast`] keeps slopes in.
pub(super) fn spare_len(n_leaves: usize, cols: usize) -> usize {
    if cols == 1 { n_leaves.min(LANES) * LEAF_ROWS } else { 0 }
}

impl Once<'_> {
    /// [`node`](Once::node) for up to sixteen leaves of one column, whose chains are lanes: alone,
    /// each would wait for every addition.
    pub(super) fn abreast(self, leaves: Range<usize>, grads: &mut [f32], spare: &mut [f32]) -> f64 {
        let Self { level, x, .. } = self;
        // The gradients by the weight and the bias, and the loss, of each leaf.
        let (mut sums, from) = ([(0.0, 0.0, 0.0); LANES], leaves.start * LEAF_ROWS);
        let n_whole = (x.rows() / LEAF_ROWS).min(leaves.end) - leaves.start;
        let samples = from..from + n_whole * LEAF_ROWS;
        let slopes = &mut spare[..samples.len()];
        for ((dy, sums), at) in
            slopes.chunks_mut(LEAF_ROWS).zip(&mut sums).zip(samples.clone().step_by(LEAF_ROWS))
        {
            sums.2 = self.slopes(at, dy);
        }
        let [mut dw, mut db] = [[0.0; LANES]; 2];
        let x = &self.x.data()[samples.clone()];
        level.run(Accumulate { x, slopes, dw: &mut dw, db: &mut db });
        for ((sums, &dw), &db) in sums.iter_mut().zip(&dw).zip(&db) {
            (sums.0, sums.1) = (dw, db);
        }
        if n_whole < leaves.len() {
            let sums = &mut sums[n_whole];
            sums.2 = self.leaf(samples.end..self.x.rows(), grads);
            (sums.0, sums.1) = (grads[0], grads.get(1).copied().unwrap_or_default());
        }
        let mut tree = Tree::new(leaves.len());
        for &sums in &sums[..leaves.len()] {
            tree.push(1, sums, |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
        }
        let (dw, db, loss) = tree.finish().expect("a node has leaves");
        grads[0] = dw;
        if let Some(to) = grads.get_mut(1) {
            *to = db;
        }
        loss
    }

    /// Writes the slopes of a whole leaf, and gives back the sum of its losses.
    fn slopes(self, at: usize, dy: &mut [f32]) -> f64 {
        let Self { level, w, b, x, target, loss } = self;
        let mut y = [0.0; LEAF_ROWS];
        let (x, target) = (x.row_range(at..at + LEAF_ROWS), target.row_range(at..at + LEAF_ROWS));
        level.run(Predict { y: &mut y, x, w, b, next: x.row_range(0..0) });
        let y = View::from_col(&y);
        loss.backward(level, Par::Seq, &mut ViewMut::from_col(dy), y, target);
        loss.sum_of(level, y, target)
    }
}

/// `dw ← Σ dy·x` and `db ← Σ dy` for each leaf, in the order of its samples: lanes along leaves.
struct Accumulate<'a> {
    /// Leaf after leaf.
    x: &'a [f32],
    slopes: &'a [f32],
    dw: &'a mut [f32; LANES],
    db: &'a mut [f32; LANES],
}

impl Kernel for Accumulate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { x, slopes, dw, db } = self;
        let n_leaves = x.len() / LEAF_ROWS;
        if n_leaves == 0 {
            return;
        }
        let [mut weights, mut biases] = [simd.splat(0.0); 2];
        for at in (0..LEAF_ROWS).step_by(LANES) {
            let x = turn::<S>(load_square(simd, &x[at..], LEAF_ROWS, n_leaves, LANES));
            let dy = turn::<S>(load_square(simd, &slopes[at..], LEAF_ROWS, n_leaves, LANES));
            unroll!(I < LANES {
                weights = dy[I].mul_add(x[I], weights);
                biases = biases + dy[I];
            });
        }
        weights.store(dw);
        biases.store(db);
    }
}
