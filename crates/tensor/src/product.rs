//! Products of matrices, and their threads.

use ravine_simd::{Level, Par};

use crate::block::{Exchanged, Operands, block, kept_len};
use crate::pack::{self, packed};
use crate::{Blocking, Finish, Left, Right, View};

/// Rows of C that threads are cut at: the height of the highest tile.
const GRAIN: usize = 12;
/// Multiply-adds that are worth a thread's attention.
const WORTH: usize = 1 << 19;
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
    let par = worth(par, [a.rows(), k, b.cols()]);
    if is_narrow(a.rows(), b.cols()) {
        return narrow(blocking, level, par, finish, a, b);
    }
    let mut copy = Vec::new();
    let left = neighbours(a, &mut copy);
    let kept_len = par.count() * kept_len(level, blocking, [a.rows(), k, b.cols()]);
    packed(level, par, b, kept_len, |right, kept| {
        rows(level, par, finish, Operands { left, right, blocking }, kept);
    });
}

/// `C = A·B` with lanes along the rows of C: `Cᵀ = Bᵀ·Aᵀ`, whose tiles are handed over transposed.
fn narrow(
    blocking: Blocking,
    level: Level,
    par: Par,
    finish: impl Finish,
    a: View<'_>,
    b: View<'_>,
) {
    if let Some(cut) = par.cut(a.rows(), GRAIN) {
        let (above, below) = finish.split_rows(cut.at);
        let part = |range| a.row_range(range);
        par.join(
            || narrow(blocking, level, cut.left, above, part(0..cut.at), b),
            || narrow(blocking, level, cut.right, below, part(cut.at..a.rows()), b),
        );
        return;
    }
    let mut copy = Vec::new();
    let left = neighbours(b.t(), &mut copy);
    let kept_len = kept_len(level, blocking, [b.cols(), b.rows(), a.rows()]);
    packed(level, Par::Seq, a.t(), kept_len, |right, kept| {
        block(level, Exchanged(finish), Operands { left, right, blocking }, kept);
    });
}

/// A left operand, copied where neither its rows nor its columns are neighbours.
fn neighbours<'a>(view: View<'a>, copy: &'a mut Vec<f32>) -> Left<'a> {
    Left::of(view).unwrap_or_else(|| {
        copy.extend(view.iter());
        Left::of(View::new(copy, view.rows(), view.cols())).expect("rows of neighbours")
    })
}

/// Multiplies operands that lie as a tile reads them: [`product`] without a copy.
///
/// `kept` is memory for chains between two sections of k: [`multiply_room`], or less for fewer rows
/// at a time.
///
/// # Panics
///
/// If the operands differ in their terms, or `kept` holds not even the rows of one tile.
#[inline]
pub fn multiply(
    blocking: Blocking,
    level: Level,
    par: Par,
    finish: impl Finish,
    operands: (Left<'_>, Right<'_>),
    kept: &mut [f32],
) {
    let (left, right) = operands;
    assert_eq!(left.terms, right.terms, "terms of the operands");
    let par = worth(par, [left.rows, left.terms, right.cols]);
    rows(level, par, finish, Operands { left, right, blocking }, kept);
}

/// The `f32`s that [`multiply`] keeps chains in: `shape` is `[m, k, n]`.
#[must_use]
pub fn multiply_room(blocking: Blocking, level: Level, par: Par, shape: [usize; 3]) -> usize {
    par.count().saturating_mul(kept_len(level, blocking, shape))
}

/// The `f32`s that [`product`] makes memory for while it runs, at most, of which each thread may
/// keep up to 16 MiB for its next product: `shape` is `[m, k, n]`.
#[must_use]
pub fn product_room(level: Level, par: Par, [m, k, n]: [usize; 3]) -> usize {
    let exchanged = is_narrow(m, n);
    let shape = if exchanged { [n, k, m] } else { [m, k, n] };
    // Threads pack the rows that they exchange, up to a block more than their share.
    let more = if exchanged { par.count() * 16 } else { 0 };
    let packed = pack::len(k, shape[2].saturating_add(more));
    let copied = shape[0].saturating_mul(k);
    packed.saturating_add(copied).saturating_add(multiply_room(
        Blocking::of(level),
        level,
        par,
        shape,
    ))
}

/// Whether lanes run along the rows of a result of m × n.
fn is_narrow(m: usize, n: usize) -> bool {
    n < NARROW && n < m
}

/// As many of the threads as have enough to do.
#[inline]
pub(crate) fn worth(par: Par, [m, k, n]: [usize; 3]) -> Par {
    par.worth(m.saturating_mul(k).saturating_mul(n), WORTH)
}

/// Threads take rows of C.
fn rows(level: Level, par: Par, finish: impl Finish, operands: Operands<'_>, kept: &mut [f32]) {
    let left = operands.left;
    let Some(cut) = par.cut(left.rows, GRAIN) else {
        return block(level, finish, operands, kept);
    };
    let (above, below) = finish.split_rows(cut.at);
    let (kept, more_kept) = kept.split_at_mut(kept.len() / par.count() * cut.left.count());
    let part = |left| Operands { left, ..operands };
    par.join(
        || rows(level, cut.left, above, part(left.until(cut.at)), kept),
        || rows(level, cut.right, below, part(left.from(cut.at, 0)), more_kept),
    );
}
