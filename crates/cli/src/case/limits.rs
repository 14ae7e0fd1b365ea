//! What the machine allows.

use std::hint::black_box;

use ravine::simd::limit::{self, Slices};
use ravine::simd::{Buffer, Level, Par};

use super::{Case, Cost, Fastest, Mismatch, Timing, measure, number};

/// Length of the slices of the memory limits: beyond any cache.
const LEN: usize = 1 << 26;
/// Rounds of the arithmetic limit: about a millisecond.
const FMA_ROUNDS: usize = 200_000;

/// A limit as a case of its own: it is its own limit.
struct Alone<F> {
    id: &'static str,
    cost: Cost,
    run: F,
}

impl<F: FnMut()> Case for Alone<F> {
    fn id(&self) -> String {
        self.id.into()
    }
    fn cost(&self) -> Cost {
        self.cost
    }
    fn check(&mut self) -> Result<(), Mismatch> {
        Ok(())
    }
    fn run(&mut self) {
        (self.run)();
    }
    fn limit(&mut self) -> f64 {
        (self.run)();
        1.0
    }
}

/// Speeds of the machine, medians of several rounds.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Limits {
    /// Memory traffic of an update, reads and writes counted, in 10⁹ bytes a second.
    pub update_gb_per_s: f64,
    /// Reading from memory, in 10⁹ bytes a second.
    pub read_gb_per_s: f64,
    /// Fused multiply-adds, each two operations, in 10⁹ a second.
    pub fma_gflops: f64,
}

impl Limits {
    /// The speeds that [`limits`] timed.
    #[must_use]
    pub fn new([read, update, fma]: &[Timing; 3]) -> Self {
        Self {
            update_gb_per_s: update.cost.bytes / update.us / 1e3,
            read_gb_per_s: read.cost.bytes / read.us / 1e3,
            fma_gflops: fma.cost.flops / fma.us / 1e3,
        }
    }
}

/// Times the limits of the machine: reading and an update's traffic at the levels where they are
/// fastest, arithmetic at the widest.
///
/// # Errors
///
/// None: limits check nothing.
pub fn limits(par: Par) -> Result<[Timing; 3], Mismatch> {
    let level = Level::detect();
    let bytes = |bytes| Cost { bytes, flops: 0.0 };
    let [mut w, mut v, mut g] = [(); 3].map(|()| Buffer::zeroed(LEN));
    for buffer in [&mut w, &mut v, &mut g] {
        buffer.fill(1e-3);
    }
    let [mut reading, mut updating] = [(); 2].map(|()| Fastest::default());
    let read = measure(&mut Alone {
        id: "limit/read",
        cost: bytes(4.0 * number(LEN)),
        run: || {
            reading.run(|level| {
                black_box(limit::read(level, par, &g));
            });
        },
    })?;
    let update = measure(&mut Alone {
        id: "limit/update",
        cost: bytes(20.0 * number(LEN)),
        run: || {
            updating.run(|level| limit::update(level, par, Slices::Two([&mut w, &mut v]), &g));
        },
    })?;
    let fma = measure(&mut Alone {
        id: "limit/fma",
        cost: Cost { bytes: 0.0, flops: fma_flops(level, par) },
        run: || {
            black_box(limit::fma(level, par, FMA_ROUNDS));
        },
    })?;
    Ok([read, update, fma])
}

/// Runs the arithmetic limit of the machine, and gives back how many runs of so many operations it
/// was worth.
pub(super) fn arithmetic(par: Par, flops: f64) -> f64 {
    let level = Level::detect();
    black_box(limit::fma(level, par, FMA_ROUNDS));
    fma_flops(level, par) / flops
}

/// Operations of one call of the arithmetic limit.
fn fma_flops(level: Level, par: Par) -> f64 {
    number(2 * FMA_ROUNDS * limit::fma_per_round(level) * par.count())
}
