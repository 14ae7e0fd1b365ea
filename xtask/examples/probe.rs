//! One kernel of each family, on every level, for `cargo xtask codegen` to read in assembly.
//!
//! Nothing here is computed: pointers to entries, and calls whose operands are unknown, make the
//! compiler emit the kernels.
#![forbid(unsafe_code)]

use std::hint::black_box;

use ravine_momentum::Step;
use ravine_simd::{Kernel, Lanes, Level, Par, Simd, stream, sum};
use ravine_tensor::{Finish, View, ViewMut, Write, product};

/// A sweep of momentum's rule, written out.
struct Sweep {
    params: &'static mut [f32],
    velocity: &'static mut [f32],
    grads: &'static [f32],
    rule: [f32; 4],
}

impl Kernel for Sweep {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [a, b, c, d] = self.rule.map(|x| simd.splat(x));
        stream::run(
            simd,
            [self.params, self.velocity],
            [self.grads],
            #[inline(always)]
            |[w, v], [g]| {
                let v = (a * v + b * g).flushed();
                [w - (c * v + d * g), v]
            },
        );
    }
}

/// The squared distance of two slices.
#[derive(Clone, Copy)]
struct Distance;

impl sum::Term<2> for Distance {
    #[inline(always)]
    fn of<S: Simd>(self, _: S, [x, y]: [S::F32; 2]) -> S::F64 {
        let d = x.widen() - y.widen();
        d * d
    }
}

/// Applies a step to each finished row of a gradient.
struct Update<'a> {
    level: Level,
    step: Step,
    params: &'a mut [f32],
    velocity: &'a mut [f32],
    cols: usize,
}

impl Finish for Update<'_> {
    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, row: usize, col: usize, values: &[f32]) {
        let at = row * self.cols + col;
        let (params, velocity) = (&mut self.params[at..], &mut self.velocity[at..]);
        let n = values.len();
        self.step.run(self.level, Par::Seq, &mut params[..n], &mut velocity[..n], values);
    }

    fn split_rows(self, row: usize) -> (Self, Self) {
        let (params, params_below) = self.params.split_at_mut(row * self.cols);
        let (velocity, velocity_below) = self.velocity.split_at_mut(row * self.cols);
        (
            Self { params, velocity, ..self },
            Self { params: params_below, velocity: velocity_below, ..self },
        )
    }
}

fn main() {
    keep::<Sweep>();
    black_box(distance as fn(_, _, _) -> _);
    black_box(multiply as fn(_, _, _, _));
    black_box(fused as fn(_, _, _, _));
}

/// Makes the compiler emit `K` on every level.
fn keep<K: Kernel>() {
    for level in Level::available() {
        match level {
            Level::Baseline(simd) => entry::<_, K>(simd),
            #[cfg(target_arch = "x86_64")]
            Level::Avx2(simd) => entry::<_, K>(simd),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512(simd) => entry::<_, K>(simd),
            _ => {}
        }
    }
}

#[inline(always)]
fn entry<S: Simd, K: Kernel>(_: S) {
    black_box(S::vectorize::<K> as fn(S, K) -> K::Output);
}

fn distance(level: Level, x: &[f32], y: &[f32]) -> f64 {
    sum::run(level, Par::Seq, [x, y], Distance)
}

fn multiply(level: Level, c: ViewMut<'_>, a: View<'_>, b: View<'_>) {
    product(level, Par::Seq, Write(c), a, b);
}

fn fused(level: Level, update: Update<'_>, a: View<'_>, b: View<'_>) {
    product(level, Par::Seq, update, a, b);
}
