//! Where gradients and momentum meet.

use std::sync::atomic::{AtomicBool, Ordering};

use ravine_models::Sink;
use ravine_momentum::{Rows, Step};
use ravine_simd::{LANES, Lanes, Level, MaskLanes, Simd};
use ravine_tensor::Tile;

/// A sink that applies a step of momentum to each stretch of the gradient as it is finished.
///
/// Reads and writes parameters and velocity, 16 bytes a parameter; the gradient itself is never
/// stored.
#[derive(Debug)]
pub struct Update<'a> {
    /// Parameters, changed by the step.
    pub params: &'a mut [f32],
    /// Velocity of the same layout; empty where the form has none.
    pub velocity: &'a mut [f32],
    /// The numbers of the step.
    pub step: Step,
    /// Where it runs.
    pub level: Level,
}

impl Sink for Update<'_> {
    fn params(&self) -> &[f32] {
        self.params
    }

    #[inline(always)]
    fn take<S: Simd>(&mut self, _: S, at: usize, stride: usize, grads: Tile<'_>) {
        let Tile { values, rows: count, cols: len, pitch } = grads;
        let velocity = self.velocity.get_mut(at..).unwrap_or_default();
        let rows = Rows { count, len, stride, pitch };
        // By the level and not by the token: the loops are compiled once, beside the rule.
        self.step.run_rows(self.level, rows, &mut self.params[at..], velocity, values);
    }

    const EXPECTS: bool = true;

    #[inline(always)]
    fn expect<S: Simd>(&self, simd: S, at: usize, stride: usize, [rows, len]: [usize; 2]) {
        for row in 0..rows {
            let range = at + row * stride..at + row * stride + len;
            for values in [&*self.params, &*self.velocity] {
                for line in values.get(range.clone()).unwrap_or_default().chunks(LANES) {
                    simd.prefetch_to_write(line);
                }
            }
        }
    }

    #[inline]
    fn split_at(self, at: usize) -> (Self, Self) {
        let (params, more_params) = self.params.split_at_mut(at);
        let (velocity, more_velocity) = self.velocity.split_at_mut(at.min(self.velocity.len()));
        let Self { step, level, .. } = self;
        (
            Self { params, velocity, step, level },
            Self { params: more_params, velocity: more_velocity, step, level },
        )
    }
}

/// A sink that looks at each stretch for infinities and NaNs on its way to another sink.
#[derive(Debug)]
pub struct Watched<'a, T> {
    /// Where the stretches go.
    pub sink: T,
    /// Cleared when an element is not finite.
    pub finite: &'a AtomicBool,
}

impl<T: Sink> Sink for Watched<'_, T> {
    fn params(&self) -> &[f32] {
        self.sink.params()
    }

    #[inline(always)]
    fn take<S: Simd>(&mut self, simd: S, at: usize, stride: usize, grads: Tile<'_>) {
        for row in grads.each_row() {
            if !all_finite(simd, row) {
                self.finite.store(false, Ordering::Relaxed);
            }
        }
        self.sink.take(simd, at, stride, grads);
    }

    const EXPECTS: bool = T::EXPECTS;

    #[inline(always)]
    fn expect<S: Simd>(&self, simd: S, at: usize, stride: usize, shape: [usize; 2]) {
        self.sink.expect(simd, at, stride, shape);
    }

    #[inline]
    fn split_at(self, at: usize) -> (Self, Self) {
        let (sink, more) = self.sink.split_at(at);
        (Self { sink, finite: self.finite }, Self { sink: more, finite: self.finite })
    }
}

/// Zero times what is not finite is NaN, and so is a sum that has it among its terms.
#[inline(always)]
fn all_finite<S: Simd>(simd: S, grads: &[f32]) -> bool {
    let (zero, (blocks, rest)) = (simd.splat(0.0), grads.as_chunks::<LANES>());
    let mut sum = if rest.is_empty() { zero } else { simd.load_short(rest) * zero };
    for block in blocks {
        sum = sum + simd.load(block) * zero;
    }
    !(!sum.eq(zero)).any()
}
