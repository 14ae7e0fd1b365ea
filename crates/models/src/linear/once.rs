//! Loss and gradients of a linear model with one output, in one reading of its inputs.

use std::ops::Range;

use ravine_simd::{
    Fused, Kernel, LANES, Lanes, Level, Par, Simd, load_square, middle, turn, unroll,
};
use ravine_tensor::{LEAF_ROWS, View, ViewMut, add};

use super::abreast;
use crate::{BatchLoss, Target};

/// Elements of the inputs that are read a second time before the next are read: half of the
/// nearest cache.
const NEAR: usize = 1 << 13;
/// Rows of sixteen that one kernel asks for, and the other.
const HALF: usize = LANES / 2;
/// Elements of the inputs that are worth a thread's attention.
pub(super) const WORTH: usize = 1 << 15;

/// What a pass reads.
#[derive(Clone, Copy)]
pub(super) struct Once<'a> {
    pub(super) level: Level,
    /// One a column.
    pub(super) w: &'a [f32],
    pub(super) b: Option<f32>,
    /// Samples × columns, the columns neighbours.
    pub(super) x: View<'a>,
    pub(super) target: Target<'a>,
    pub(super) loss: &'a BatchLoss,
}

/// More threads than this share no leaves.
const THREADS: usize = 64;

/// The threads that share so many leaves.
pub(super) fn shared(par: Par, n_leaves: usize) -> Par {
    Par::threads(par.count().min(n_leaves).min(THREADS))
}

/// The `f32`s that [`Once::node`] keeps gradients in while it adds up leaves of so many columns.
pub(super) fn spare_len(par: Par, n_leaves: usize, [cols, params]: [usize; 2]) -> usize {
    if par == Par::Seq || n_leaves < 2 {
        // One for each level of the tree. A leaf alone has its slopes, for fewer threads may come.
        let levels = (usize::BITS - n_leaves.saturating_sub(1).leading_zeros()) as usize;
        return params.saturating_mul(levels).saturating_add(abreast::spare_len(n_leaves, cols));
    }
    let ([left, right], at) = (par.halves(), middle(&(0..n_leaves)));
    let part = |par, n_leaves| spare_len(par, n_leaves, [cols, params]);
    part(left, at).saturating_add(part(right, n_leaves - at)).saturating_add(params)
}

impl Once<'_> {
    /// Writes the gradients of the samples of some leaves, and gives back the sum of their losses.
    pub(super) fn node(
        self,
        par: Par,
        leaves: Range<usize>,
        grads: &mut [f32],
        spare: &mut [f32],
    ) -> f64 {
        let n = leaves.len();
        if n < 2 {
            let from = leaves.start * LEAF_ROWS;
            return self.leaf(from..self.x.rows().min(from + LEAF_ROWS), grads);
        }
        let neighbours = self.x.cols() == 1 && self.x.row_stride() == 1;
        if neighbours && n <= LANES && par == Par::Seq {
            return self.abreast(leaves, grads, spare);
        }
        let at = middle(&leaves);
        let ([left, right], params) = (par.halves(), grads.len());
        let (others, spare) = spare.split_at_mut(params);
        let shared = par != Par::Seq;
        let cut = match shared {
            true => spare_len(left, at - leaves.start, [self.w.len(), params]),
            false => 0,
        };
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
    pub(super) fn leaf(self, samples: Range<usize>, grads: &mut [f32]) -> f64 {
        let Self { level, w, b, x, target, loss } = self;
        let (mut y, mut dy) = ([0.0; LEAF_ROWS], [0.0; LEAF_ROWS]);
        grads.fill(0.0);
        let rows = (NEAR / w.len().max(1)).next_multiple_of(LANES).min(LEAF_ROWS);
        for at in samples.clone().step_by(rows) {
            let range = at..samples.end.min(at + rows);
            let next = range.end..x.rows().min(range.end + rows);
            let (x, next) = (x.row_range(range.clone()), x.row_range(next));
            let places = range.start - samples.start..range.end - samples.start;
            let (y, dy) = (&mut y[places.clone()], &mut dy[places]);
            level.run(Predict { y, x, w, b, next });
            let (y, target) = (View::from_col(y), target.row_range(range));
            loss.backward(level, Par::Seq, &mut ViewMut::from_col(dy), y, target);
            level.run(Accumulate { grads, x, dy, next });
        }
        loss.sum_of(level, View::from_col(&y[..samples.len()]), target.row_range(samples))
    }
}

/// `y ← x·w + b`, lanes along the samples.
pub(super) struct Predict<'a> {
    pub(super) y: &'a mut [f32],
    pub(super) x: View<'a>,
    pub(super) w: &'a [f32],
    pub(super) b: Option<f32>,
    /// What is read next: the upper half of every sixteen rows is asked for here, and the lower
    /// half by [`Accumulate`], so that memory is idle in neither.
    pub(super) next: View<'a>,
}

impl Kernel for Predict<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (x, next) = ((self.x.data(), self.x.row_stride()), self.next.data());
        let (whole, rest) = self.y.as_chunks_mut::<LANES>();
        let top = whole.len() * LANES;
        for (y, top) in whole.iter_mut().zip((0..).step_by(LANES)) {
            predictions(simd, x, [top, LANES], self.w, self.b, next).store(y);
        }
        if !rest.is_empty() {
            let mut lanes = [0.0; LANES];
            predictions(simd, x, [top, rest.len()], self.w, self.b, next).store(&mut lanes);
            rest.copy_from_slice(&lanes[..rest.len()]);
        }
    }
}

/// The predictions for `rows` samples from `top` on.
#[inline(always)]
fn predictions<S: Simd>(
    simd: S,
    (data, stride): (&[f32], usize),
    [top, rows]: [usize; 2],
    w: &[f32],
    b: Option<f32>,
    next: &[f32],
) -> S::F32 {
    let data = &data[top * stride..];
    let mut sums = simd.splat(0.0);
    // One column: its elements are lanes as they lie.
    let lanes = data.first_chunk().filter(|_| stride == 1 && rows == LANES);
    if let (Some(lanes), &[w]) = (lanes, w) {
        sums = simd.load(lanes).mul_add(simd.splat(w), sums);
    } else {
        for (w, col) in w.chunks(LANES).zip((0..).step_by(LANES)) {
            let square = load_square(simd, &data[col..], stride, rows, w.len());
            for i in top..top + HALF {
                simd.prefetch(next.get(i * stride + col..).unwrap_or_default());
            }
            let terms = turn::<S>(square);
            unroll!(I < LANES {
                if let Some(&w) = w.get(I) {
                    sums = terms[I].mul_add(simd.splat(w), sums);
                }
            });
        }
    }
    if let Some(b) = b { sums + simd.splat(b) } else { sums }
}

/// `dw ← dw + dyᵀ·x` and, where there is a bias, `db ← db + Σ dy`, in the order of the samples:
/// lanes along the columns.
struct Accumulate<'a> {
    grads: &'a mut [f32],
    x: View<'a>,
    dy: &'a [f32],
    /// What is read next.
    next: View<'a>,
}

impl Kernel for Accumulate<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { grads, x, dy, next } = self;
        let next = next.data();
        let cols = x.cols();
        let (dw, db) = grads.split_at_mut(cols);
        // The bias's chain runs beside the first columns', or both wait for each addition.
        let mut db = db.first_mut();
        let (data, stride) = (x.data(), x.row_stride());
        let (blocks, rest) = dw.as_chunks_mut::<LANES>();
        let n_whole = blocks.len() * LANES;
        let (fours, few) = blocks.as_chunks_mut::<4>();
        let n_fours = fours.len() * 4 * LANES;
        for (dw, col) in fours.iter_mut().zip((0..).step_by(4 * LANES)) {
            let next = next.get(col..).unwrap_or_default();
            chains(simd, (dw, db.take()), &data[col..], stride, dy, next);
        }
        for (dw, col) in few.chunks_mut(2).zip((n_fours..).step_by(2 * LANES)) {
            match dw {
                [a, b] => {
                    let mut two = [*a, *b];
                    let next = next.get(col..).unwrap_or_default();
                    chains(simd, (&mut two, db.take()), &data[col..], stride, dy, next);
                    [*a, *b] = two;
                }
                [one] => {
                    let next = next.get(col..).unwrap_or_default();
                    let one = std::array::from_mut(one);
                    chains(simd, (one, db.take()), &data[col..], stride, dy, next);
                }
                _ => {}
            }
        }
        if let ([sum], 1) = (&mut *rest, stride) {
            let mut sums = simd.splat(*sum);
            let data = &data[n_whole..];
            in_order(
                db.take(),
                dy,
                #[inline(always)]
                |i, dy| sums = simd.splat(dy).mul_add(simd.splat(data[i]), sums),
            );
            let mut lanes = [0.0; LANES];
            sums.store(&mut lanes);
            *sum = lanes[0];
        } else if !rest.is_empty() {
            let mut sums = simd.load_short(rest);
            in_order(
                db.take(),
                dy,
                #[inline(always)]
                |i, dy| {
                    if i % LANES >= HALF {
                        simd.prefetch(next.get(i * stride + n_whole..).unwrap_or_default());
                    }
                    let row = &data[i * stride + n_whole..][..rest.len()];
                    sums = simd.splat(dy).mul_add(simd.load_short(row), sums);
                },
            );
            let mut lanes = [0.0; LANES];
            sums.store(&mut lanes);
            rest.copy_from_slice(&lanes[..rest.len()]);
        }
        // There was no column to run beside.
        if let Some(db) = db {
            in_order(Some(db), dy, |_, _| {});
        }
    }
}

/// Goes through the samples in their order, with the chain of the bias where it is yet to run.
#[inline(always)]
fn in_order(db: Option<&mut f32>, dy: &[f32], mut each: impl FnMut(usize, f32)) {
    let mut none = 0.0;
    let db = db.unwrap_or(&mut none);
    let mut sum = *db;
    for (i, &dy) in dy.iter().enumerate() {
        sum += dy;
        each(i, dy);
    }
    *db = sum;
}

/// Continues the chains of `NB` blocks of columns, and of the bias where it is yet to run.
#[inline(always)]
fn chains<S: Simd, const NB: usize>(
    simd: S,
    (dw, db): (&mut [[f32; LANES]; NB], Option<&mut f32>),
    data: &[f32],
    stride: usize,
    dy: &[f32],
    next: &[f32],
) {
    let mut sums = [simd.splat(0.0); NB];
    unroll!(J < NB {
        sums[J] = simd.load(&dw[J]);
    });
    in_order(
        db,
        dy,
        #[inline(always)]
        |i, dy| {
            let dy = simd.splat(dy);
            let row = data[i * stride..][..NB * LANES].as_chunks::<LANES>().0;
            if i % LANES >= HALF {
                unroll!(J < NB {
                    simd.prefetch(next.get(i * stride + J * LANES..).unwrap_or_default());
                });
            }
            unroll!(J < NB {
                sums[J] = dy.mul_add(simd.load(&row[J]), sums[J]);
            });
        },
    );
    unroll!(J < NB {
        sums[J].store(&mut dw[J]);
    });
}
