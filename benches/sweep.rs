//! Sweeps over flat slices: bytes a second of one update, by size, level and threads.
//!
//! Ids read `classic/64Ki/avx2/1t`: form, parameters, level, threads. The row `naive` is the loop
//! that a reader would write, compiled for the target's baseline.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::thread::available_parallelism;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use ravine_momentum::{Decay, Gradient, Motion, Rule, Step};
use ravine_simd::{Buffer, Level, Par};

/// Parameters: in a first-level cache, in a second-level cache, in memory.
const SIZES: [(&str, usize); 3] = [("2Ki", 1 << 11), ("64Ki", 1 << 16), ("16Mi", 1 << 24)];
/// Parameters from which threads are worth a row.
const MANY: usize = 1 << 16;
/// Bytes that an update moves for each parameter: it reads three numbers and writes two.
const BYTES: u64 = 20;

/// The forms, as numbers of the one rule.
const FORMS: [(&str, Rule); 2] = [
    ("classic", Rule { a: 0.9, b: 1.0, c: 0.01, d: None }),
    ("classic-nesterov", Rule { a: 0.9, b: 1.0, c: 0.009, d: Some(0.01) }),
];

/// The operands of an update.
#[derive(Clone)]
struct Operands {
    params: Buffer,
    velocity: Buffer,
    grads: Buffer,
}

impl Operands {
    /// Values without zeros or subnormals.
    fn new(len: usize) -> Self {
        let wave = |step: f32| {
            let mut buffer = Buffer::zeroed(len);
            let mut at = step;
            for value in buffer.iter_mut() {
                at = if at > 1.0 { at - 1.9 } else { at + step };
                *value = at;
            }
            buffer
        };
        Self { params: wave(0.137), velocity: wave(0.071), grads: wave(0.053) }
    }

    /// One step on a level.
    fn step(&mut self, rule: Rule, level: Level, par: Par) {
        let motion = Motion::Momentum(rule);
        let step = Step { gradient: Gradient::AsIs, decay: Decay::None, motion };
        step.run(level, par, &mut self.params, &mut self.velocity, &self.grads);
    }

    /// One step of the formula, one element at a time.
    fn naive(&mut self, rule: Rule) {
        let Rule { a, b, c, d } = rule;
        for ((w, v), g) in self.params.iter_mut().zip(self.velocity.iter_mut()).zip(&*self.grads) {
            *v = a * *v + b * g;
            if v.abs() < f32::MIN_POSITIVE {
                *v = 0.0;
            }
            *w -= match d {
                Some(d) => c * *v + d * g,
                None => c * *v,
            };
        }
    }

    /// The bits of everything written.
    fn bits(&self) -> impl Iterator<Item = u32> {
        self.params.iter().chain(self.velocity.iter()).map(|x| x.to_bits())
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (form, rule) in FORMS {
        let mut group = criterion.benchmark_group(form);
        for (size, len) in SIZES {
            group.throughput(Throughput::Bytes(BYTES * len as u64));
            rows(&mut group, size, rule, &Operands::new(len));
        }
    }
    criterion.final_summary();
}

/// The rows of one form and size, each checked against the formula before it is timed.
fn rows(group: &mut BenchmarkGroup<'_, WallTime>, size: &str, rule: Rule, start: &Operands) {
    let mut want = start.clone();
    want.naive(rule);
    let mut operands = start.clone();
    group.bench_function(BenchmarkId::new(size, "naive/1t"), |bencher| {
        bencher.iter(|| black_box(&mut operands).naive(black_box(rule)));
    });
    let cores = available_parallelism().map_or(1, Into::into);
    let threads = if start.params.len() < MANY { 1 } else { cores };
    for level in Level::available() {
        for par in [Par::Seq, Par::threads(threads)].into_iter().take(threads.min(2)) {
            let id = format!("{level}/{}t", par.count());
            let mut operands = start.clone();
            operands.step(rule, level, par);
            assert!(operands.bits().eq(want.bits()), "{size}/{id} differs from the formula");
            group.bench_function(BenchmarkId::new(size, id), |bencher| {
                bencher.iter(|| black_box(&mut operands).step(rule, level, par));
            });
        }
    }
}
