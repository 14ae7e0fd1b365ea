//! Pieces of work to time, and how they are timed.
//!
//! `ravine bench` and the workspace's criterion benches are two front ends of the same cases.

use std::time::Instant;

use ravine::data::{Purpose, Stream};
use ravine::simd::{Buffer, Level};
use serde::Serialize;

mod epoch;
mod input;
mod layer;
mod limits;
mod mismatch;
mod product;
mod read;
mod step;
mod truth;
mod update;

pub use epoch::Epoch;
pub use input::Input;
pub use layer::{Layer, Pass};
pub use limits::{Limits, limits};
pub use mismatch::Mismatch;
pub use product::{Product, Shape, Transposed};
pub use read::Read;
pub use step::{Step, timed};
pub use update::{Rule, Spec, Update};

/// Rounds of a measurement, each of work and limit in turn.
const ROUNDS: usize = 9;
/// Seconds that a round of each takes at least.
const SECONDS: f64 = 0.05;

/// A piece of work, written once for `ravine bench` and criterion.
pub trait Case {
    /// What, size, level and threads: `update/4096x1/avx2/1t`. Cases that do other work have other
    /// ids.
    fn id(&self) -> String;

    /// Bytes of memory and floating-point operations that a run cannot do without.
    fn cost(&self) -> Cost;

    /// Holds the result of a run against one made by other means.
    ///
    /// # Errors
    ///
    /// If they differ; nothing should be timed then.
    fn check(&mut self) -> Result<(), Mismatch>;

    /// The work.
    fn run(&mut self);

    /// The work of so many runs. A case whose work is short chooses by its flags what to call once
    /// and not in each run.
    fn run_times(&mut self, times: u32) {
        (0..times).for_each(|_| self.run());
    }

    /// Looks at what the runs left.
    ///
    /// # Errors
    ///
    /// If it is no longer finite: then other work was timed than was asked for.
    fn left(&self) -> Result<(), Mismatch> {
        Ok(())
    }

    /// The same bytes or arithmetic as fast as this machine can, at the level that does them
    /// fastest. Gives back how many runs of the case the loop was worth.
    fn limit(&mut self) -> f64;
}

/// What a run cannot do without.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Cost {
    /// Bytes read and written.
    pub bytes: f64,
    /// Floating-point operations, a multiply-add is two; 0 where bytes alone are counted.
    pub flops: f64,
}

/// Times of a case and of its limit, in microseconds a run.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    /// The case.
    pub id: String,
    /// What a run costs at least.
    pub cost: Cost,
    /// Median of the rounds.
    pub us: f64,
    /// Best round.
    pub us_min: f64,
    /// Median of the limit's rounds.
    pub limit_us: f64,
    /// The limit's best round.
    pub limit_us_min: f64,
    /// Share of the limit that is reached: `limit_us / us`.
    pub ratio: f64,
    /// Whether the case beat its limit by over 5 %: then the limit is wrong.
    pub limit_exceeded: bool,
    /// Every round: the case and its limit.
    pub rounds: Vec<(f64, f64)>,
}

/// Checks a case, then times it and its limit in interleaved rounds.
///
/// # Errors
///
/// If the case gives a wrong result, or one that is no longer finite after all rounds.
pub fn measure(case: &mut (impl Case + ?Sized)) -> Result<Timing, Mismatch> {
    measured(case, ROUNDS, SECONDS)
}

/// The same in a tenth of the time: enough to draw a curve, not to compare.
///
/// # Errors
///
/// If the case gives a wrong result, or one that is no longer finite after all rounds.
pub fn glance(case: &mut (impl Case + ?Sized)) -> Result<Timing, Mismatch> {
    measured(case, ROUNDS / 2 + 1, SECONDS / 10.0)
}

/// The same in a fiftieth of the time: enough to find one of a thousand cases to look at again.
///
/// # Errors
///
/// If the case gives a wrong result, or one that is no longer finite after all rounds.
pub fn peek(case: &mut (impl Case + ?Sized)) -> Result<Timing, Mismatch> {
    measured(case, ROUNDS / 2 + 1, SECONDS / 50.0)
}

fn measured(
    case: &mut (impl Case + ?Sized),
    rounds: usize,
    seconds: f64,
) -> Result<Timing, Mismatch> {
    case.check()?;
    let runs = repetitions(seconds, |times| case.run_times(times));
    let limits = repetitions(seconds, |times| {
        (0..times).for_each(|_| {
            case.limit();
        });
    });
    let rounds: Vec<(f64, f64)> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            case.run_times(runs);
            let us = micros(start) / f64::from(runs);
            let start = Instant::now();
            let worth: f64 = (0..limits).map(|_| case.limit()).sum();
            (us, micros(start) / worth)
        })
        .collect();
    case.left()?;
    let us: Vec<f64> = rounds.iter().map(|round| round.0).collect();
    let limit: Vec<f64> = rounds.iter().map(|round| round.1).collect();
    let ((us, us_min), (limit_us, limit_us_min)) = (middle(us), middle(limit));
    let ratio = limit_us / us;
    let (id, cost, limit_exceeded) = (case.id(), case.cost(), ratio > 1.05);
    Ok(Timing { id, cost, us, us_min, limit_us, limit_us_min, ratio, limit_exceeded, rounds })
}

/// How often to run in a round of `least` seconds, after a warm-up.
fn repetitions(least: f64, mut run: impl FnMut(u32)) -> u32 {
    run(3);
    let mut n = 1_u32;
    loop {
        let start = Instant::now();
        run(n);
        let seconds = micros(start) / 1e6;
        if seconds >= least || n > u32::MAX / 4 {
            return n;
        }
        n *= if seconds < least / 20.0 { 8 } else { 2 };
    }
}

/// The level at which a limit's loop is fastest on this machine, found when it first runs: a wider
/// one may be slower.
#[derive(Debug, Default)]
struct Fastest(Option<Level>);

impl Fastest {
    /// Runs the loop at that level: the one for which the best of several rounds takes the least time.
    fn run(&mut self, mut run: impl FnMut(Level)) {
        let mut least = |level| {
            let runs = repetitions(1e-3, |times| (0..times).for_each(|_| run(level)));
            let round = |_| {
                let start = Instant::now();
                (0..runs).for_each(|_| run(level));
                micros(start) / f64::from(runs)
            };
            (0..5).map(round).fold(f64::INFINITY, f64::min)
        };
        let level = *self.0.get_or_insert_with(|| {
            // Plain arrays, the first, are never the fastest, and slow to try.
            let timed = Level::available().skip(1).map(|level| (level, least(level)));
            timed.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(Level::detect(), |(level, _)| level)
        });
        run(level);
    }
}

fn micros(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e6
}

/// Median and least.
pub(crate) fn middle(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[0])
}

/// Buffers of normal draws of a fixed seed.
fn normals<const N: usize>(lens: [usize; N]) -> [Buffer; N] {
    let mut draws = Stream::new(0, Purpose::Design, 0);
    lens.map(|len| {
        let mut buffer = Buffer::zeroed(len);
        fill(&mut draws, &mut buffer);
        buffer
    })
}

/// The normal draws that come next.
fn fill(draws: &mut Stream, values: &mut [f32]) {
    values.fill_with(|| narrow(draws.normal()));
}

/// A draw as data.
#[expect(clippy::cast_possible_truncation, reason = "data are rounded to f32")]
fn narrow(draw: f64) -> f32 {
    draw as f32
}

/// A number of things that are counted.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³")]
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}
