//! Sums whose bits depend on the length alone.
//!
//! A sum runs in `f64` over 32 lanes: element `i` of a leaf of [`LEAF`] elements is added to lane
//! `i mod 32`; the lanes are folded 16 + 16, 8 + 8, 4 + 4, 2 + 2, 1 + 1; the leaves are added in a
//! balanced binary tree over their index, whose left half has the odd leaf. The product of two
//! `f32`s is exact in `f64`, so it does not matter whether a level fuses.

use crate::{Kernel, LANES, Lanes, Level, Par, Simd, WideLanes, unroll};

/// Elements of a leaf.
pub const LEAF: usize = 4096;
/// Elements that are worth a thread's attention: four leaves.
const WORTH: usize = 16_384;

/// What a sum adds up: a term for each element of `R` slices.
pub trait Term<const R: usize>: Copy + Sync {
    /// The terms of one block. Mark every implementation `#[inline(always)]`.
    fn of<S: Simd>(self, simd: S, x: [S::F32; R]) -> S::F64;
}

/// `Σ term(xᵢ, …)` over slices of one length; zero where they are empty.
///
/// # Panics
///
/// If the slices differ in length.
#[must_use]
pub fn run<const R: usize>(level: Level, par: Par, x: [&[f32]; R], term: impl Term<R>) -> f64 {
    let len = x.first().map_or(0, |first| first.len());
    for slice in &x {
        assert_eq!(slice.len(), len, "slices differ in length");
    }
    tree(level, par, x, term)
}

/// `Σ xᵢ`.
#[must_use]
pub fn sum(level: Level, par: Par, x: &[f32]) -> f64 {
    #[derive(Clone, Copy)]
    struct Plain;
    impl Term<1> for Plain {
        #[inline(always)]
        fn of<S: Simd>(self, _: S, [x]: [S::F32; 1]) -> S::F64 {
            x.widen()
        }
    }
    run(level, par, [x], Plain)
}

/// `Σ xᵢ²`. It is finite exactly where every element is.
#[must_use]
pub fn squares(level: Level, par: Par, x: &[f32]) -> f64 {
    run(level, par, [x], Square)
}

/// The term of [`squares`].
#[derive(Clone, Copy, Debug)]
pub struct Square;

impl Term<1> for Square {
    #[inline(always)]
    fn of<S: Simd>(self, _: S, [x]: [S::F32; 1]) -> S::F64 {
        let x = x.widen();
        x * x
    }
}

/// `Σ xᵢ·yᵢ`.
///
/// # Panics
///
/// If the slices differ in length.
#[must_use]
pub fn dot(level: Level, par: Par, x: &[f32], y: &[f32]) -> f64 {
    #[derive(Clone, Copy)]
    struct Product;
    impl Term<2> for Product {
        #[inline(always)]
        fn of<S: Simd>(self, _: S, [x, y]: [S::F32; 2]) -> S::F64 {
            x.widen() * y.widen()
        }
    }
    run(level, par, [x, y], Product)
}

/// Where a sum of more than [`LEAF`] elements is cut in two, and the threads that are worth it.
/// Whoever sums what lies in pieces cuts as a sum of one slice does, and gets its bits.
#[must_use]
pub fn cut(par: Par, len: usize) -> (usize, Par) {
    (LEAF * len.div_ceil(LEAF).div_ceil(2), par.worth(len, WORTH))
}

fn tree<const R: usize>(level: Level, par: Par, x: [&[f32]; R], term: impl Term<R>) -> f64 {
    let len = x[0].len();
    if len <= LEAF {
        return level.run(Leaf { x, term });
    }
    let (at, par) = cut(par, len);
    let (left, right) = (x.map(|slice| &slice[..at]), x.map(|slice| &slice[at..]));
    let (a, b) = par.join(|| tree(level, par, left, term), || tree(level, par, right, term));
    a + b
}

struct Leaf<'a, const R: usize, T> {
    x: [&'a [f32]; R],
    term: T,
}

impl<const R: usize, T: Term<R>> Kernel for Leaf<'_, R, T> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f64 {
        let n = self.x[0].len();
        let mut sum = Chains::new(simd);
        let chunks = self.x.map(|slice| &slice.as_chunks::<LANES>().0[..n / LANES]);
        let mut x = [simd.splat(0.0); R];
        for pair in 0..n / (2 * LANES) {
            for (x, chunk) in x.iter_mut().zip(chunks) {
                *x = simd.load(&chunk[2 * pair]);
            }
            sum.even = sum.even + self.term.of(simd, x);
            for (x, chunk) in x.iter_mut().zip(chunks) {
                *x = simd.load(&chunk[2 * pair + 1]);
            }
            sum.odd = sum.odd + self.term.of(simd, x);
        }
        if !(n / LANES).is_multiple_of(2) {
            for (x, chunk) in x.iter_mut().zip(chunks) {
                *x = simd.load(&chunk[n / LANES - 1]);
            }
            sum.even = sum.even + self.term.of(simd, x);
        }
        let ragged = n % LANES;
        if ragged > 0 {
            for (x, slice) in x.iter_mut().zip(self.x) {
                *x = simd.load_short(&slice[n - ragged..]);
            }
            let last = first(simd, self.term.of(simd, x), ragged);
            if (n / LANES).is_multiple_of(2) {
                sum.even = sum.even + last;
            } else {
                sum.odd = sum.odd + last;
            }
        }
        sum.fold()
    }
}

/// The 32 lanes that the terms of a leaf are added to, for kernels that make terms as they go.
#[derive(Clone, Copy, Debug)]
pub struct Chains<S: Simd> {
    /// The lanes of the leaf's first sixteen elements, of its third, and so on.
    pub even: S::F64,
    /// The lanes of the sixteen after each of those.
    pub odd: S::F64,
}

impl<S: Simd> Chains<S> {
    /// Nothing yet.
    #[inline(always)]
    #[must_use]
    pub fn new(simd: S) -> Self {
        Self { even: simd.splat_f64(0.0), odd: simd.splat_f64(0.0) }
    }

    /// The leaf's sum.
    #[inline(always)]
    #[must_use]
    pub fn fold(self) -> f64 {
        let mut lanes = [0.0; LANES];
        (self.even + self.odd).store(&mut lanes);
        fold(lanes)
    }
}

/// The sums of sixteen leaves side by side: block `i` is lane `i` of every leaf.
#[expect(clippy::out_of_bounds_indexing, reason = "no index from half a square on is run")]
#[inline(always)]
#[must_use]
pub fn fold_abreast<S: Simd>(simd: S, lanes: &[[f64; LANES]; LANES]) -> S::F64 {
    const HALF: usize = LANES / 2;
    const QUARTER: usize = LANES / 4;
    let mut sums = [simd.splat_f64(0.0); LANES];
    unroll!(I < HALF {
        sums[I] = simd.load_f64(&lanes[I]) + simd.load_f64(&lanes[HALF + I]);
    });
    unroll!(I < QUARTER {
        sums[I] = sums[I] + sums[QUARTER + I];
    });
    (sums[0] + sums[2]) + (sums[1] + sums[3])
}

/// The first `n` of sixteen terms, zeros behind them.
#[inline(always)]
#[must_use]
pub fn first<S: Simd>(simd: S, terms: S::F64, n: usize) -> S::F64 {
    let mut lanes = [0.0; LANES];
    terms.store(&mut lanes);
    lanes[n..].fill(0.0);
    simd.load_f64(&lanes)
}

/// Folds 8 + 8, 4 + 4, 2 + 2, 1 + 1. Once a leaf, and over numbers in memory: a call would do.
#[inline]
fn fold(mut lanes: [f64; LANES]) -> f64 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}
