//! Sums over samples: chains in leaves, leaves in a tree.

use std::ops::Range;

use ravine_simd::{Kernel, LANES, Level, Par, Simd, middle, stream};

use crate::block::Hand;
use crate::product::worth;
use crate::{Blocking, Finish, Tile, View, ViewMut, Write, product_in, product_room};

/// Rows in a leaf of a sum over samples.
pub const LEAF_ROWS: usize = 4096;

/// Multiplies over samples: `C = Aᵀ·B`, in leaves of [`LEAF_ROWS`] samples.
///
/// | operand  | shape       | use                     |
/// |----------|-------------|-------------------------|
/// | `finish` | m × n       | takes each element once |
/// | `a`      | samples × m | read                    |
/// | `b`      | samples × n | read                    |
///
/// Each leaf is one chain as in [`product`](crate::product); the leaves are added in a balanced
/// binary tree over their index, whose left half has the odd leaf. Up to [`LEAF_ROWS`] samples the
/// bits are those of `product(a.t(), b)`; above, the error is smaller, at most
/// `(4096 + log₂ leaves)·ε·Σ |a·b|`, and threads find work where C is small.
///
/// # Panics
///
/// If `a` and `b` differ in their number of rows.
pub fn over_samples(level: Level, par: Par, finish: impl Finish, a: View<'_>, b: View<'_>) {
    over_samples_in(Blocking::of(level), level, par, finish, a, b);
}

/// [`over_samples`], cut otherwise.
///
/// # Panics
///
/// As [`over_samples`].
pub fn over_samples_in(
    blocking: Blocking,
    level: Level,
    par: Par,
    finish: impl Finish,
    a: View<'_>,
    b: View<'_>,
) {
    let (samples, others) = (a.rows(), b.rows());
    assert_eq!(samples, others, "a has {samples} rows, but b has {others}");
    if samples <= LEAF_ROWS {
        return product_in(blocking, level, par, finish, a.t(), b);
    }
    let (m, n) = (a.cols(), b.cols());
    sum_leaves(level, worth(par, [m, samples, n]), finish, [m, n], samples, &|par, to, leaf| {
        let (a, b) = (a.row_range(leaf.clone()), b.row_range(leaf));
        product_in(blocking, level, par, Write(to), a.t(), b);
    });
}

/// Adds matrices, m × n, one for each [`LEAF_ROWS`] samples, in the tree of [`over_samples`]:
/// `write` makes the one of the samples that it is told.
pub fn sum_leaves(
    level: Level,
    par: Par,
    mut finish: impl Finish,
    [m, n]: [usize; 2],
    samples: usize,
    write: &(impl Fn(Par, ViewMut<'_>, Range<usize>) + Sync),
) {
    let mut sums = vec![0.0; m * n];
    let leaf = |par, to: &mut [f32], leaf: usize| {
        let range = leaf * LEAF_ROWS..samples.min((leaf + 1) * LEAF_ROWS);
        write(par, ViewMut::new(to, m, n), range);
    };
    tree(level, par, &mut sums, 0..samples.div_ceil(LEAF_ROWS), &leaf);
    // A row of whole blocks lies alike in both orders.
    let pitch = n.next_multiple_of(LANES);
    let mut values = vec![0.0; pitch];
    for (row, sums) in sums.chunks_exact(n.max(1)).enumerate() {
        values[..n].copy_from_slice(sums);
        let tile = Tile { values: &mut values, rows: 1, cols: n, pitch };
        level.run(Hand { finish: &mut finish, row, col: 0, tile });
    }
}

/// The sum of a range of leaves.
fn tree(
    level: Level,
    par: Par,
    sums: &mut [f32],
    leaves: Range<usize>,
    leaf: &(impl Fn(Par, &mut [f32], usize) + Sync),
) {
    if leaves.len() < 2 {
        return leaf(par, sums, leaves.start);
    }
    let mut others = vec![0.0; sums.len()];
    let at = middle(&leaves);
    let [left, right] = par.halves();
    par.join(
        || tree(level, left, sums, leaves.start..at, leaf),
        || tree(level, right, &mut others, at..leaves.end, leaf),
    );
    add(level, sums, &others);
}

/// Sums the columns over the rows: `c = 1ᵀ·A`, 1 × n.
///
/// The same chains and leaves as [`over_samples`] with a column of ones: a fused multiply-add
/// by one is a plain addition.
pub fn column_sums(level: Level, par: Par, finish: impl Finish, a: View<'_>) {
    let ones = View::repeated(&[1.0], a.rows(), 1);
    over_samples(level, par, finish, ones, a);
}

/// The `f32`s that [`over_samples`] makes memory for while it runs, at most: `shape` is
/// `[m, samples, n]`.
#[must_use]
pub fn over_samples_room(level: Level, par: Par, shape: [usize; 3]) -> usize {
    let [m, samples, n] = shape;
    if samples <= LEAF_ROWS {
        return product_room(level, par, shape);
    }
    // A path down the tree for each thread, with a sum on each of its levels.
    let levels = samples.div_ceil(LEAF_ROWS).next_power_of_two().ilog2() as usize + 1;
    // Rows are handed over from a place of their own.
    let sums = m.saturating_mul(n).saturating_mul(levels).saturating_add(n.saturating_add(LANES));
    let leaf = product_room(level, Par::Seq, [m, LEAF_ROWS, n]).saturating_add(sums);
    par.count().saturating_mul(leaf)
}

/// Adds matrices, or anything of one length: `sums ← sums + others`.
///
/// # Panics
///
/// If the slices differ in length.
pub fn add(level: Level, sums: &mut [f32], others: &[f32]) {
    level.run(Add { sums, others });
}

/// `sums ← sums + others`.
struct Add<'a> {
    sums: &'a mut [f32],
    others: &'a [f32],
}

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        stream::run(
            simd,
            [self.sums],
            [self.others],
            #[inline(always)]
            |[sum], [other]| [sum + other],
        );
    }
}
