//! `accuracy`: every function of `f32` at all its arguments: the widest level of this CPU against
//! functions of `f64`, and every other level against the widest.

mod subject;

use std::fs;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Args;
use ravine_simd::{CONTRACT, Level, Par};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::{Map, Value, json};

use self::subject::{SUBJECTS, Subject};
use crate::error::Error;
use crate::process;

/// Arguments that are worked on at a time: those whose bits agree but for the low thirteen.
const BLOCK: u32 = 1 << 13;
/// Blocks of all arguments.
const BLOCKS: u32 = 1 << (32 - 13);
/// Parts of the work after which progress is reported.
const SHARES: u32 = 32;
/// Levels beside the widest, at most.
const OTHERS: usize = 3;
/// Where the record lies in the workspace.
const RECORD: &str = "docs/accuracy.json";

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Accuracy {
    /// Look at one block of 8192 arguments out of N, and leave the record as it is
    #[arg(long, value_name = "N", default_value = "1")]
    every: NonZeroUsize,
}

/// What was seen of a function.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// The largest error in ulp, and where.
    worst: (f64, f32),
    /// Results that are NaN, infinite or of a sign where the truth is not, or the reverse.
    faults: u64,
    /// Results of each of the [`others`] that differ in bits from those of the widest level.
    unequal: [u64; OTHERS],
}

/// Every level of this CPU but the widest, narrowest first.
fn others() -> impl Iterator<Item = Level> {
    Level::available().filter(|level| level.name() != Level::detect().name())
}

/// Measures every function, prints a table, and writes the record.
///
/// # Errors
///
/// If the record cannot be written.
pub(crate) fn run(args: &Accuracy) -> Result<ExitCode, Error> {
    let names: Vec<_> = others().map(Level::name).collect();
    let column = |text: String| format!(" {text:>11}");
    let unequal: String = names.iter().map(|name| column(format!("≠ {name}"))).collect();
    println!("{:12} {:>8} {:>7} {:>16} {:>8}{unequal}", "", "ulp", "bound", "at", "faults");
    let mut entries = Vec::new();
    let mut good = true;
    for subject in &SUBJECTS {
        let Tally { worst: (ulp, at), faults, unequal } = sweep(subject, args.every.get());
        let Subject { name, bound, .. } = *subject;
        let unequal = &unequal[..names.len()];
        let columns: String = unequal.iter().map(|n| column(n.to_string())).collect();
        println!("{name:12} {ulp:8.4} {bound:7} {at:16e} {faults:8}{columns}");
        good &= ulp <= bound && faults == 0 && unequal.iter().all(|&n| n == 0);
        let unequal = names.iter().zip(unequal).map(|(&name, &n)| (name.into(), n.into()));
        let unequal: Map<String, Value> = unequal.collect();
        entries.push(json!({
            "function": name,
            "ulp": (ulp * 1e4).ceil() / 1e4,
            "at": format!("{at:e}"),
            "bound": bound,
            "faults": faults,
            "unequal": unequal,
        }));
    }
    if args.every.get() == 1 {
        let record = json!({
            "command": "cargo xtask accuracy",
            "contract": CONTRACT,
            "arguments": 1_u64 << 32,
            "level": Level::detect().name(),
            "functions": entries,
        });
        write(&record)?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(record: &Value) -> Result<(), Error> {
    let path = process::root().join(RECORD);
    fs::write(&path, format!("{record:#}\n")).map_err(|error| Error::io(path.display(), &error))
}

/// All arguments, or one block out of `every`, on all threads.
fn sweep(subject: &Subject, every: usize) -> Tally {
    const SHARE: u32 = BLOCKS / SHARES;
    let tally = (0..SHARES).fold(Tally::default(), |tally, share| {
        eprint!("\r{} {} % ", subject.name, share * 100 / SHARES);
        let blocks: Vec<u32> = (share * SHARE..(share + 1) * SHARE).step_by(every).collect();
        let seen = blocks.into_par_iter().map(|index| block(subject, index));
        tally.and(seen.reduce(Tally::default, Tally::and))
    });
    eprint!("\r");
    tally
}

/// The block of this index.
fn block(subject: &Subject, index: u32) -> Tally {
    let x: Vec<f32> = (0..BLOCK).map(|low| f32::from_bits(index * BLOCK + low)).collect();
    let mut y = vec![f32::NAN; x.len()];
    (subject.ours)(Level::detect(), Par::Seq, &mut y, &x);
    let mut tally = Tally::default();
    for (&x, &y) in x.iter().zip(&y) {
        let wide = f64::from(x);
        tally.take(x, y, (subject.truth)(wide), (subject.least)(wide));
    }
    let differ = |a: f32, b: f32| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan());
    for (level, count) in others().zip(&mut tally.unequal) {
        let mut other = vec![f32::NAN; x.len()];
        (subject.ours)(level, Par::Seq, &mut other, &x);
        let unequal = y.iter().zip(&other).filter(|(a, b)| differ(**a, **b));
        *count = unequal.count() as u64;
    }
    tally
}

impl Tally {
    /// Counts one result.
    #[expect(clippy::cast_possible_truncation, reason = "the truth is rounded to see its kind")]
    fn take(&mut self, x: f32, y: f32, truth: f64, least: f64) {
        let rounded = truth as f32;
        let (places, most) = (places(truth), 1.0 / least);
        let unsigned = y.is_nan() || most < places;
        let alike = y.is_nan() == truth.is_nan()
            && y.is_infinite() == rounded.is_infinite()
            && (unsigned || y.is_sign_negative() == truth.is_sign_negative());
        self.faults += u64::from(!alike);
        if alike && y.is_finite() {
            let ulp = (f64::from(y) - truth).abs() * places.min(most);
            if self.worst.0 < ulp {
                self.worst = (ulp, x);
            }
        }
    }

    fn and(self, other: Self) -> Self {
        let worst = if self.worst.0 < other.worst.0 { other.worst } else { self.worst };
        let unequal = std::array::from_fn(|at| self.unequal[at] + other.unequal[at]);
        Self { worst, faults: self.faults + other.faults, unequal }
    }
}

/// How many units in the last place of an `f32` near `truth` make 1: a power of two.
fn places(truth: f64) -> f64 {
    const BIAS: u64 = 1023;
    const SMALLEST: u64 = BIAS - 126;
    let exponent = (truth.abs().to_bits() >> 52).max(SMALLEST);
    f64::from_bits((2 * BIAS + 23 - exponent) << 52)
}
