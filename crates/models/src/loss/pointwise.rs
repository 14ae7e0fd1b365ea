//! Losses that are sums over elements.

use ravine_simd::{
    BitLanes, IntLanes, Kernel, LANES, Lanes, Level, MaskLanes, Par, Simd, stream, sum,
};
use ravine_tensor::{View, ViewMut, exp};

use super::rows::{self, column, row};
use super::scale;
use super::short::Short;

/// Elements that are worth a thread's attention.
const WORTH: usize = 1 << 14;
/// Rows of one column that are worked on at a time.
const STAGE: usize = 256;

/// A term of an element's prediction and target, and its derivative by the prediction.
///
/// Mark every implementation `#[inline(always)]`.
pub(crate) trait Pointwise: Copy + Send + Sync {
    /// What [`slope`](Self::slope) is multiplied by to be the derivative.
    const FACTOR: f64;

    /// Whether a row has one output at most.
    const ALONE: bool;

    /// The term.
    fn term<S: Simd>(self, simd: S, y: S::F32, t: S::F32) -> S::F64;
    /// Its derivative, or a fixed multiple of it.
    fn slope<S: Simd>(self, simd: S, y: S::F32, t: S::F32) -> S::F32;
}

/// `(y − t)²`, and half its derivative.
#[derive(Clone, Copy)]
pub(super) struct Squared;

impl Pointwise for Squared {
    const FACTOR: f64 = 2.0;
    const ALONE: bool = false;

    #[inline(always)]
    fn term<S: Simd>(self, _: S, y: S::F32, t: S::F32) -> S::F64 {
        let d = y.widen() - t.widen();
        d * d
    }

    #[inline(always)]
    fn slope<S: Simd>(self, _: S, y: S::F32, t: S::F32) -> S::F32 {
        y - t
    }
}

/// `max(z, 0) − z·t + ln(1 + e)` with `e = exp(−|z|)`; with `CLASSES` the targets are the bits of
/// integers.
#[derive(Clone, Copy)]
pub(super) struct Logistic<const CLASSES: bool>;

impl<const CLASSES: bool> Logistic<CLASSES> {
    #[inline(always)]
    fn target<S: Simd>(t: S::F32) -> S::F32 {
        if CLASSES { t.to_bits().to_i32().to_f32() } else { t }
    }
}

impl<const CLASSES: bool> Pointwise for Logistic<CLASSES> {
    const FACTOR: f64 = 1.0;
    const ALONE: bool = true;

    #[inline(always)]
    fn term<S: Simd>(self, simd: S, z: S::F32, t: S::F32) -> S::F64 {
        let t = Self::target::<S>(t);
        let [zero, one] = [0.0, 1.0].map(|x| simd.splat(x));
        let e = exp::exp(simd, -z.abs());
        // ln(1 + e) loses the low bits of a small e; the quotient puts them back (Kahan).
        let u = one + e;
        let d = u - one;
        let log = d.eq(zero).select(e, exp::ln(simd, u) * e / d);
        let positive = zero.lt(z).select(z, zero);
        (positive.widen() - z.widen() * t.widen()) + log.widen()
    }

    /// `σ(z) − t` as `(1 − t)·σ(z) − t·σ(−z)`, which cancels nowhere for classes.
    #[inline(always)]
    fn slope<S: Simd>(self, simd: S, z: S::F32, t: S::F32) -> S::F32 {
        let t = Self::target::<S>(t);
        let [zero, one] = [0.0, 1.0].map(|x| simd.splat(x));
        let e = exp::exp(simd, -z.abs());
        let (large, small) = (one / (one + e), e / (one + e));
        let negative = z.lt(zero);
        (one - t) * negative.select(small, large) - t * negative.select(large, small)
    }
}

/// A pass over predictions that is the same for every loss of elements.
pub(crate) trait ByTerm<'a> {
    /// What the pass gives back.
    type Output;

    /// The pass, by the terms of a loss and the targets.
    fn run<P: Pointwise>(self, loss: P, t: View<'a>) -> Self::Output;
}

/// The sum of the terms: of a single column in one go, else row by row.
pub(super) struct Sum<'a> {
    pub(super) level: Level,
    pub(super) par: Par,
    pub(super) y: View<'a>,
}

impl<'a> ByTerm<'a> for Sum<'_> {
    type Output = f64;

    fn run<P: Pointwise>(self, loss: P, t: View<'a>) -> f64 {
        let (Self { level, par, y }, terms) = (self, Terms(loss));
        if P::ALONE || y.cols() == 1 {
            return sum::run(level, par, [column(y), column(t)], terms);
        }
        let par = par.worth(y.rows() * y.cols(), WORTH);
        let side_by_side = y.rows() >= LANES && y.cols() <= LANES;
        if side_by_side && y.col_stride() == 1 && t.col_stride() == 1 {
            return rows::sum(par, 0..y.rows(), &|rows| {
                let mut sums = [[0.0; LANES]; rows::LEAF / LANES];
                let [y, t] = [y, t].map(|view| view.row_range(rows.clone()));
                level.run(Short { sums: &mut sums, y, t, loss });
                sums.as_flattened()[..rows.len()].iter().fold(0.0, |total, sum| total + sum)
            });
        }
        rows::sum(par, 0..y.rows(), &|rows| {
            rows.fold(0.0, |total, i| {
                total + sum::run(level, Par::Seq, [row(y, i), row(t, i)], terms)
            })
        })
    }
}

/// Writes the slopes of a mean over `count` terms.
pub(super) struct Backward<'a> {
    pub(super) level: Level,
    pub(super) par: Par,
    pub(super) dy: ViewMut<'a>,
    pub(super) y: View<'a>,
    pub(super) count: f64,
}

impl<'a> ByTerm<'a> for Backward<'_> {
    type Output = ();

    fn run<P: Pointwise>(self, loss: P, t: View<'a>) {
        let Self { level, par, dy, y, count } = self;
        slopes(level, par, dy, [y, t], scale(P::FACTOR, count), loss);
    }
}

/// Writes `scale` times the slopes.
fn slopes(
    level: Level,
    par: Par,
    dy: ViewMut<'_>,
    [y, t]: [View<'_>; 2],
    scale: f32,
    loss: impl Pointwise,
) {
    let rows = dy.rows();
    let par = par.worth(rows * dy.cols(), WORTH);
    let Some(cut) = par.cut(rows, STAGE) else {
        // Rows without gaps are as good as one.
        let mut dy = dy;
        if let (Some(dy), Some(y), Some(t)) = (dy.as_slice_mut(), y.as_slice(), t.as_slice()) {
            let [y, t] = [y, t].map(View::from_row);
            return level.run(Slopes { dy: ViewMut::from_row(dy), y, t, scale, loss });
        }
        return level.run(Slopes { dy, y, t, scale, loss });
    };
    let (left, right) = dy.split_rows(cut.at);
    let [head, tail] =
        [0..cut.at, cut.at..rows].map(|range| [y, t].map(|view| view.row_range(range.clone())));
    par.join(
        || slopes(level, cut.left, left, head, scale, loss),
        || slopes(level, cut.right, right, tail, scale, loss),
    );
}

#[derive(Clone, Copy)]
struct Terms<P>(P);

impl<P: Pointwise> sum::Term<2> for Terms<P> {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, [y, t]: [S::F32; 2]) -> S::F64 {
        self.0.term(simd, y, t)
    }
}

struct Slopes<'a, P> {
    dy: ViewMut<'a>,
    y: View<'a>,
    t: View<'a>,
    scale: f32,
    loss: P,
}

impl<P: Pointwise> Kernel for Slopes<'_, P> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let (scale, loss) = (self.scale, self.loss);
        if self.y.cols() != 1 {
            for (i, dy) in self.dy.rows_mut().enumerate() {
                stretch(simd, dy, row(self.y, i), row(self.t, i), scale, loss);
            }
            return;
        }
        // Rows of one element: many at a time, then each to its place.
        let mut stage = [0.0; STAGE];
        let mut rows = self.dy.rows_mut();
        for (y, t) in column(self.y).chunks(STAGE).zip(column(self.t).chunks(STAGE)) {
            let stage = &mut stage[..y.len()];
            stretch(simd, stage, y, t, scale, loss);
            for (&slope, dy) in stage.iter().zip(rows.by_ref()) {
                dy[0] = slope;
            }
        }
    }
}

/// Writes `scale` times the slopes of a stretch of elements.
#[inline(always)]
fn stretch<S: Simd>(
    simd: S,
    dy: &mut [f32],
    y: &[f32],
    t: &[f32],
    scale: f32,
    loss: impl Pointwise,
) {
    let scale = simd.splat(scale);
    stream::run(
        simd,
        [dy],
        [y, t],
        #[inline(always)]
        |_, [y, t]| [loss.slope(simd, y, t) * scale],
    );
}
