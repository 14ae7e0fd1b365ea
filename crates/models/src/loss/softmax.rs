//! The cross-entropy of rows of logits.

use ravine_simd::{Kernel, LANES, Lanes, Level, Par, Simd, WideLanes, math, stream};
use ravine_tensor::{View, ViewMut, exp};

use super::rows::{self, row};

/// Logits that are worth a thread's attention.
const WORTH: usize = 1 << 12;

/// `Σ ln Σⱼ exp(zⱼ) − z of the class` over the rows.
pub(super) fn sum(level: Level, par: Par, z: View<'_>, classes: &[u32]) -> f64 {
    let par = par.worth(z.rows() * z.cols(), WORTH);
    rows::sum(par, 0..z.rows(), &|rows| {
        level.run(Sum { z: z.row_range(rows.clone()), classes: &classes[rows] })
    })
}

/// Writes `scale · (softmax(z) − onehot)`.
pub(super) fn slopes(
    level: Level,
    par: Par,
    dz: ViewMut<'_>,
    z: View<'_>,
    classes: &[u32],
    scale: f32,
) {
    let par = par.worth(z.rows() * z.cols(), WORTH);
    let Some(cut) = par.cut(z.rows(), 1) else {
        return level.run(Slopes { dz, z, classes, scale });
    };
    let (left, right) = dz.split_rows(cut.at);
    let (head, tail) = (z.row_range(0..cut.at), z.row_range(cut.at..z.rows()));
    let (first, second) = classes.split_at(cut.at);
    par.join(
        || slopes(level, cut.left, left, head, first, scale),
        || slopes(level, cut.right, right, tail, second, scale),
    );
}

struct Sum<'a> {
    z: View<'a>,
    classes: &'a [u32],
}

impl Kernel for Sum<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f64 {
        let mut total = 0.0;
        for (i, &class) in self.classes.iter().enumerate() {
            let z = row(self.z, i);
            let most = largest(z);
            let of_class = z[class as usize];
            let (wide, zero) = (simd.splat_f64(f64::from(most)), simd.splat(0.0));
            // Terms below the largest, which is 1 and stays apart: ln(1 + x) keeps a small x. The
            // difference of the logits is taken exactly, as d + r; eʳ is 1 + r.
            let below = row_sum(
                simd,
                z,
                most,
                #[inline(always)]
                |z: S::F32| {
                    let difference = z.widen() - wide;
                    let d = difference.narrow();
                    let r = (difference - d.widen()).narrow();
                    let r = r.zero_where(!r.eq(r));
                    let e = exp::exp(simd, d).zero_where(d.eq(zero)).widen();
                    e + e * r.widen()
                },
            );
            let equals = z.iter().filter(|&&z| z >= most).count() as f64;
            let loss = ln_one_plus(below + (equals - 1.0));
            total += (f64::from(most) - f64::from(of_class)) + loss;
        }
        total
    }
}

struct Slopes<'a> {
    dz: ViewMut<'a>,
    z: View<'a>,
    classes: &'a [u32],
    scale: f32,
}

impl Kernel for Slopes<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "sums in `f64` are rounded once")]
    fn run<S: Simd>(mut self, simd: S) {
        let scale = simd.splat(self.scale);
        for (i, (dz, &class)) in self.dz.rows_mut().zip(self.classes).enumerate() {
            let z = row(self.z, i);
            let most = simd.splat(largest(z));
            stream::run(
                simd,
                [&mut *dz],
                [z],
                #[inline(always)]
                |_, [z]| [exp::exp(simd, z - most)],
            );
            let total = row_sum(
                simd,
                dz,
                0.0,
                #[inline(always)]
                |e: S::F32| e.widen(),
            );
            // In f64, where the difference of the class's own probability to 1 does not cancel.
            let of_class = (f64::from(dz[class as usize]) - total) / total;
            let whole = simd.splat(total as f32);
            stream::run(
                simd,
                [&mut *dz],
                [],
                #[inline(always)]
                |[e], []| [e / whole * scale],
            );
            dz[class as usize] = of_class as f32 * self.scale;
        }
    }
}

/// The largest element, −∞ where there is none.
#[inline(always)]
fn largest(z: &[f32]) -> f32 {
    let more = |a: f32, b: f32| if b > a { b } else { a };
    let (blocks, rest) = z.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for block in blocks {
        for (lane, &z) in lanes.iter_mut().zip(block) {
            *lane = more(*lane, z);
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| more(a, b))
}

/// `Σ term(zⱼ)` over 32 lanes: element `j` is added to lane `j mod 32`, then the lanes are folded
/// 16 + 16, 8 + 8, 4 + 4, 2 + 2, 1 + 1. The term of `padding` must be zero.
#[inline(always)]
fn row_sum<S: Simd>(simd: S, z: &[f32], padding: f32, term: impl Fn(S::F32) -> S::F64) -> f64 {
    let (blocks, rest) = z.as_chunks::<LANES>();
    let (mut lanes, mut other) = (simd.splat_f64(0.0), simd.splat_f64(0.0));
    for block in blocks {
        (lanes, other) = (other, lanes + term(simd.load(block)));
    }
    if !rest.is_empty() {
        let mut last = [padding; LANES];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        lanes = lanes + term(simd.load(&last));
    }
    let mut sums = [0.0; LANES];
    (lanes + other).store(&mut sums);
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
        half /= 2;
    }
    sums[0]
}

/// `ln(1 + x)` for x ≥ 0, a small x included.
///
/// # References
///
/// William Kahan, HP-15C Advanced Functions Handbook, 1982.
#[inline]
fn ln_one_plus(x: f64) -> f64 {
    let u = 1.0 + x;
    if u > 1.0 { math::ln(u) * x / (u - 1.0) } else { x }
}
