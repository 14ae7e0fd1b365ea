//! `accuracy`: every function of `f32` at all its arguments: the widest level of this CPU against
//! functions of `f64`, and the baseline against the widest.

use std::f64::consts::FRAC_1_SQRT_2;
use std::fs;
use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Args;
use ravine_simd::{CONTRACT, Level, Par};
use ravine_tensor::{Activation, function};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde_json::{Value, json};

use crate::error::Error;
use crate::process;

/// Arguments that are worked on at a time: those whose bits agree but for the low thirteen.
const BLOCK: u32 = 1 << 13;
/// Blocks of all arguments.
const BLOCKS: u32 = 1 << (32 - 13);
/// Parts of the work after which progress is reported.
const SHARES: u32 = 32;
/// Where the record lies in the workspace.
const RECORD: &str = "docs/accuracy.json";

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Accuracy {
    /// Look at one block of 8192 arguments out of N, and leave the record as it is
    #[arg(long, value_name = "N", default_value = "1")]
    every: NonZeroUsize,
}

/// A function, what it should be, and the error that its documentation states.
struct Subject {
    name: &'static str,
    ours: fn(Level, Par, &mut [f32], &[f32]),
    truth: fn(f64) -> f64,
    bound: f64,
}

/// The oracles share nothing with the kernels: exp, ln and tanh are the platform's, erf is that of
/// the crate `libm`. They are off by less than 2⁻⁴⁰ of the value, which is 2⁻¹⁶ ulp of `f32`.
const SUBJECTS: [Subject; 6] = [
    Subject { name: "exp", ours: function::exp, truth: f64::exp, bound: 1.0 },
    Subject { name: "ln", ours: function::ln, truth: f64::ln, bound: 0.83 },
    Subject { name: "tanh", ours: function::tanh, truth: f64::tanh, bound: 1.34 },
    Subject { name: "sigmoid", ours: function::sigmoid, truth: sigmoid, bound: 1.68 },
    Subject { name: "erf", ours: function::erf, truth: libm::erf, bound: 1.43 },
    Subject {
        name: "gelu",
        ours: |level, par, y, x| Activation::Gelu.forward(level, par, y, x),
        truth: gelu,
        bound: 4.3,
    },
];

fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

fn gelu(x: f64) -> f64 {
    // At −∞ the formula has ∞·0.
    if x == f64::NEG_INFINITY { -0.0 } else { x * (0.5 * libm::erfc(-x * FRAC_1_SQRT_2)) }
}

/// What was seen of a function.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// The largest error in ulp, and where.
    worst: (f64, f32),
    /// Results that are NaN, infinite or of a sign where the truth is not, or the reverse.
    faults: u64,
    /// Results of the baseline that differ in bits from those of the widest level.
    unequal: u64,
}

/// Measures every function, prints a table, and writes the record.
///
/// # Errors
///
/// If the record cannot be written.
pub(crate) fn run(args: &Accuracy) -> Result<ExitCode, Error> {
    let levels = [Level::detect(), Level::baseline()].map(Level::name);
    println!("{:8} {:>8} {:>7} {:>16} {:>8} {:>8}", "", "ulp", "bound", "at", "faults", "unequal");
    let mut entries = Vec::new();
    let mut good = true;
    for subject in &SUBJECTS {
        let Tally { worst: (ulp, at), faults, unequal } = sweep(subject, args.every.get());
        let Subject { name, bound, .. } = *subject;
        println!("{name:8} {ulp:8.4} {bound:7} {at:16e} {faults:8} {unequal:8}");
        good &= ulp <= bound && faults == 0 && unequal == 0;
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
            "levels": levels,
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
        tally.take(x, y, (subject.truth)(f64::from(x)));
    }
    let mut other = vec![f32::NAN; x.len()];
    (subject.ours)(Level::baseline(), Par::Seq, &mut other, &x);
    let differ = |a: f32, b: f32| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan());
    let unequal = y.iter().zip(&other).filter(|(a, b)| differ(**a, **b));
    tally.unequal = unequal.count() as u64;
    tally
}

impl Tally {
    /// Counts one result.
    #[expect(clippy::cast_possible_truncation, reason = "the truth is rounded to see its kind")]
    fn take(&mut self, x: f32, y: f32, truth: f64) {
        let rounded = truth as f32;
        let alike = y.is_nan() == truth.is_nan()
            && y.is_infinite() == rounded.is_infinite()
            && (y.is_nan() || y.is_sign_negative() == truth.is_sign_negative());
        self.faults += u64::from(!alike);
        if alike && y.is_finite() {
            let ulp = (f64::from(y) - truth).abs() * places(truth);
            if self.worst.0 < ulp {
                self.worst = (ulp, x);
            }
        }
    }

    fn and(self, other: Self) -> Self {
        let worst = if self.worst.0 < other.worst.0 { other.worst } else { self.worst };
        let (faults, unequal) = (self.faults + other.faults, self.unequal + other.unequal);
        Self { worst, faults, unequal }
    }
}

/// How many units in the last place of an `f32` near `truth` make 1: a power of two.
fn places(truth: f64) -> f64 {
    const BIAS: u64 = 1023;
    const SMALLEST: u64 = BIAS - 126;
    let exponent = (truth.abs().to_bits() >> 52).max(SMALLEST);
    f64::from_bits((2 * BIAS + 23 - exponent) << 52)
}
