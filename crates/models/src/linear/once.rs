//! Loss and gradients of a linear model with one output, in one reading of its inputs.

use std::ops::Range;

use ravine_simd::{LANES, Level, Par, Tree, middle};
use ravine_tensor::{LEAF_ROWS, View, add};

use super::abreast::Abreast;
use super::leaf::Leaf;
use crate::loss::{ByTerm, Pointwise, column, scale};

/// Elements of the inputs that are worth a thread's attention.
pub(super) const WORTH: usize = 1 << 15;

/// More threads than this share no leaves.
const THREADS: usize = 64;

/// The threads that share so many leaves.
pub(super) fn shared(par: Par, n_leaves: usize) -> Par {
    par.at_most(n_leaves.min(THREADS))
}

/// The `f32`s that [`Once`] keeps gradients in while it adds up so many leaves of `params`
/// gradients.
pub(super) fn spare_len(par: Par, n_leaves: usize, params: usize) -> usize {
    if par == Par::Seq || n_leaves < 2 {
        // One for each level of the tree.
        let levels = (usize::BITS - n_leaves.saturating_sub(1).leading_zeros()) as usize;
        return params.saturating_mul(levels);
    }
    let ([left, right], at) = (par.halves(), middle(&(0..n_leaves)));
    let part = |par, n_leaves| spare_len(par, n_leaves, params);
    part(left, at).saturating_add(part(right, n_leaves - at)).saturating_add(params)
}

/// Writes the gradients of all samples, and gives back the sum of their losses.
pub(super) struct Once<'a> {
    pub(super) level: Level,
    pub(super) par: Par,
    /// One a column.
    pub(super) w: &'a [f32],
    pub(super) b: Option<f32>,
    /// Samples × columns, the columns neighbours.
    pub(super) x: View<'a>,
    /// What the mean divides the sum of the losses by.
    pub(super) count: f64,
    pub(super) grads: &'a mut [f32],
    pub(super) spare: &'a mut [f32],
}

impl<'a> ByTerm<'a> for Once<'_> {
    type Output = f64;

    fn run<P: Pointwise>(self, loss: P, t: View<'a>) -> f64 {
        let Self { level, par, w, b, x, count, grads, spare } = self;
        let (t, scale) = (column(t), scale(P::FACTOR, count));
        let leaves = 0..x.rows().div_ceil(LEAF_ROWS);
        Pass { level, w, b, x, t, loss, scale }.node(par, leaves, grads, spare)
    }
}

/// What a pass reads.
#[derive(Clone, Copy)]
struct Pass<'a, P> {
    level: Level,
    w: &'a [f32],
    b: Option<f32>,
    x: View<'a>,
    t: &'a [f32],
    loss: P,
    scale: f32,
}

impl<P: Pointwise> Pass<'_, P> {
    /// Writes the gradients of the samples of some leaves, and gives back the sum of their losses.
    fn node(self, par: Par, leaves: Range<usize>, grads: &mut [f32], spare: &mut [f32]) -> f64 {
        let n = leaves.len();
        if n < 2 {
            return self.leaf(leaves.start, grads);
        }
        let neighbours = self.x.cols() == 1 && self.x.row_stride() == 1;
        if neighbours && n <= LANES && par == Par::Seq {
            return self.abreast(leaves, grads);
        }
        let at = middle(&leaves);
        let ([left, right], params) = (par.halves(), grads.len());
        let (others, spare) = spare.split_at_mut(params);
        let shared = par != Par::Seq;
        let cut = if shared { spare_len(left, at - leaves.start, params) } else { 0 };
        let (ours, theirs) = spare.split_at_mut(cut);
        let (first, second) = if shared {
            par.join(
                || self.node(left, leaves.start..at, grads, ours),
                || self.node(right, at..leaves.end, others, theirs),
            )
        } else {
            let first = self.node(left, leaves.start..at, grads, theirs);
            (first, self.node(right, at..leaves.end, others, theirs))
        };
        add(self.level, grads, others);
        first + second
    }

    /// The same for the samples of one leaf.
    fn leaf(self, leaf: usize, grads: &mut [f32]) -> f64 {
        let Self { level, w, b, x, t, loss, scale } = self;
        let from = leaf * LEAF_ROWS;
        let (x, t) = (x.row_range(from..x.rows()), &t[from..t.len().min(from + LEAF_ROWS)]);
        level.run(Leaf { grads, x, t, w, b, loss, scale })
    }

    /// The same for up to sixteen leaves of one column.
    fn abreast(self, leaves: Range<usize>, grads: &mut [f32]) -> f64 {
        let Self { level, w, b, x, t, loss, scale } = self;
        let n_whole = (t.len() / LEAF_ROWS).min(leaves.end) - leaves.start;
        let from = leaves.start * LEAF_ROWS;
        let t = &t[from..from + n_whole * LEAF_ROWS];
        let sums = level.run(Abreast { x: &x.data()[from..], t, w: w[0], b, loss, scale });
        let mut tree = Tree::new(leaves.len());
        for leaf in 0..leaves.len() {
            let sums = if leaf < n_whole {
                (sums.dw[leaf], sums.db[leaf], sums.loss[leaf])
            } else {
                let loss = self.leaf(leaves.start + leaf, grads);
                (grads[0], grads.get(1).copied().unwrap_or_default(), loss)
            };
            tree.push(1, sums, |a, b| (a.0 + b.0, a.1 + b.1, a.2 + b.2));
        }
        let (dw, db, loss) = tree.finish().expect("a node has leaves");
        grads[0] = dw;
        if let Some(to) = grads.get_mut(1) {
            *to = db;
        }
        loss
    }
}
