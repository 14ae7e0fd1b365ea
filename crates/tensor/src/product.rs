//! Products of matrices, and their threads.

use std::ops::Range;

use ravine_simd::{Kernel, Level, Par, Simd, stream};

use crate::block::{Join, LEAF_ROWS, Operands, block, middle, room};
use crate::{Blocking, Finish, View, ViewMut, Write};

/// Rows of C that threads are cut at: a multiple of every tile's height.
const GRAIN: usize = 24;
/// Multiply-adds that are worth a thread's attention.
const WORTH: usize = 1 << 17;
/// Fewer columns of C than this leave most lanes of a block empty.
const NARROW: usize = 8;

/// Multiplies matrices: `C = A·B`, each element one chain of fused multiply-adds in the order
/// of k.
///
/// ```text
/// c = 0;  for p in 0..k:  c ← fma(aᵢₚ, bₚⱼ, c)
/// ```
///
/// | operand  | shape   | use                       |
/// |----------|---------|---------------------------|
/// | `finish` | m × n   | takes each element once   |
/// | `a`      | m × k   | read                      |
/// | `b`      | k × n   | read                      |
///
/// Bits depend on the operands alone: not on level, threads, strides or how the rows of `a` are
/// cut into calls. The error of an element is at most `k·ε·Σ |aᵢₚ·bₚⱼ|` with ε = 2⁻²⁴, to first
/// order. `k = 0` gives zeros.
///
/// # Panics
///
/// If `a` has another number of columns than `b` has rows.
///
/// # Examples
///
/// ```
/// use ravine_simd::{Level, Par};
/// use ravine_tensor::{View, ViewMut, Write, product};
///
/// let a = [1.0, 2.0, 3.0, 4.0];
/// let (a, mut c) = (View::new(&a, 2, 2), [f32::NAN; 4]);
/// product(Level::detect(), Par::Seq, Write(ViewMut::new(&mut c, 2, 2)), a, a.t());
/// assert_eq!(c, [5.0, 11.0, 11.0, 25.0]);
/// ```
///
/// # References
///
/// Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008; Van Zee and
/// van de Geijn, "BLIS: A framework for rapidly instantiating BLAS functionality", 2015.
pub fn product(level: Level, par: Par, finish: impl Finish, a: View<'_>, b: View<'_>) {
    product_in(Blocking::of(level), level, par, finish, a, b);
}

/// [`product`], cut otherwise.
///
/// # Panics
///
/// As [`product`].
pub fn product_in(
    blocking: Blocking,
    level: Level,
    par: Par,
    finish: impl Finish,
    a: View<'_>,
    b: View<'_>,
) {
    let (k, terms) = (a.cols(), b.rows());
    assert_eq!(k, terms, "a has {k} columns, but b has {terms} rows");
    rows(level, worth(par, a, b), finish, Operands { a, b, join: Join::Chain, blocking });
}

/// Multiplies over samples: `C = Aᵀ·B`, in leaves of [`LEAF_ROWS`] samples.
///
/// | operand  | shape       | use                     |
/// |----------|-------------|-------------------------|
/// | `finish` | m × n       | takes each element once |
/// | `a`      | samples × m | read                    |
/// | `b`      | samples × n | read                    |
///
/// Each leaf is one chain as in [`product`]; the leaves are added in a balanced binary tree over
/// their index, whose left half has the odd leaf. Up to [`LEAF_ROWS`] samples the bits are those
/// of `product(a.t(), b)`; above, the error is smaller, at most `(4096 + log₂ leaves)·ε·Σ |a·b|`,
/// and threads find work where C is small.
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
    let par = worth(par, a.t(), b);
    let operands = Operands { a: a.t(), b, join: Join::Tree, blocking };
    if by_leaves(par, a.cols(), samples) {
        leaves(level, par, finish, operands);
    } else {
        rows(level, par, finish, operands);
    }
}

/// Sums the columns over the rows: `c = 1ᵀ·A`, 1 × n.
///
/// The same chains and leaves as [`over_samples`] with a column of ones: a fused multiply-add
/// by one is a plain addition.
pub fn column_sums(level: Level, par: Par, finish: impl Finish, a: View<'_>) {
    let ones = View::repeated(&[1.0], a.rows(), 1);
    over_samples(level, par, finish, ones, a);
}

/// The `f32`s that [`product`] makes memory for while it runs, at most: `shape` is `[m, k, n]`.
#[must_use]
pub fn product_room(level: Level, par: Par, shape: [usize; 3]) -> usize {
    rows_room(level, par, shape, Join::Chain)
}

/// The `f32`s that [`over_samples`] makes memory for while it runs, at most: `shape` is
/// `[m, samples, n]`.
#[must_use]
pub fn over_samples_room(level: Level, par: Par, shape: [usize; 3]) -> usize {
    let [m, samples, n] = shape;
    let sums = if by_leaves(par, m, samples) {
        par.count().saturating_mul(m.saturating_mul(n))
    } else {
        0
    };
    rows_room(level, par, shape, Join::Tree).saturating_add(sums)
}

/// What [`rows`] takes: each thread at most as much as one that has it all.
fn rows_room(level: Level, par: Par, [m, k, n]: [usize; 3], join: Join) -> usize {
    let shape = if is_swapped(m, n) { [n, k, m] } else { [m, k, n] };
    par.count().saturating_mul(room(Blocking::of(level), shape, join))
}

/// Whether lanes run along the rows of a result of m × n.
fn is_swapped(m: usize, n: usize) -> bool {
    n < NARROW && n < m
}

/// Whether threads take leaves of the samples of a result of m rows.
fn by_leaves(par: Par, m: usize, samples: usize) -> bool {
    m.div_ceil(GRAIN) < par.count() && samples > LEAF_ROWS
}

/// As many of the threads as have enough to do.
fn worth(par: Par, a: View<'_>, b: View<'_>) -> Par {
    par.worth(a.rows().saturating_mul(a.cols()).saturating_mul(b.cols()), WORTH)
}

/// Threads take rows of C.
fn rows(level: Level, par: Par, finish: impl Finish, operands: Operands<'_>) {
    let Operands { a, b, .. } = operands;
    let Some(cut) = par.cut(a.rows(), GRAIN) else {
        let swapped = is_swapped(a.rows(), b.cols());
        let operands = if swapped { Operands { a: b.t(), b: a.t(), ..operands } } else { operands };
        return block(level, finish, operands, swapped);
    };
    let (above, below) = finish.split_rows(cut.at);
    let part = |range| Operands { a: a.row_range(range), ..operands };
    par.join(
        || rows(level, cut.left, above, part(0..cut.at)),
        || rows(level, cut.right, below, part(cut.at..a.rows())),
    );
}

/// Threads take leaves of the samples, by the tree that one thread follows.
fn leaves(level: Level, par: Par, finish: impl Finish, operands: Operands<'_>) {
    let (m, n) = (operands.a.rows(), operands.b.cols());
    let mut sums = vec![0.0; m * n];
    tree(level, par, &mut sums, operands);
    level.run(Hand { finish, values: View::new(&sums, m, n) });
}

/// `sums ← A·B`.
fn tree(level: Level, par: Par, sums: &mut [f32], operands: Operands<'_>) {
    let Operands { a, b, .. } = operands;
    let n_leaves = a.cols().div_ceil(LEAF_ROWS);
    if n_leaves < 2 || par == Par::Seq {
        let finish = Write(ViewMut::new(sums, a.rows(), b.cols()));
        return rows(level, Par::Seq, finish, operands);
    }
    let mut others = vec![0.0; sums.len()];
    let (left, at) = (par.count().div_ceil(2), LEAF_ROWS * middle(0, n_leaves));
    let part = |range: Range<usize>| Operands {
        a: a.col_range(range.clone()),
        b: b.row_range(range),
        ..operands
    };
    par.join(
        || tree(level, Par::threads(left), sums, part(0..at)),
        || tree(level, Par::threads(par.count() - left), &mut others, part(at..a.cols())),
    );
    add(level, sums, &others);
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

/// `finish ← values`, row after row.
struct Hand<'a, F> {
    finish: F,
    values: View<'a>,
}

impl<F: Finish> Kernel for Hand<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        for row in 0..self.values.rows() {
            let values = self.values.row(row).expect("a matrix row after row");
            self.finish.take(simd, row, 0, values);
        }
    }
}
