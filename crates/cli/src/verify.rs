//! `ravine verify`: does this machine keep the numeric contract?

mod activation;
mod oracle;
mod product;
mod sum;
mod tally;
mod training;
mod update;

use std::fmt;

use ravine::simd::{CONTRACT, Level};
use serde::Serialize;

use self::tally::{Difference, Tally};
use crate::error::Error;
use crate::output;
use crate::pool;

/// Compare the bits of every form, level, thread count and fusion with the formulas
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Compares more lengths and shapes
    #[arg(long)]
    full: bool,
    /// Prints one line: CPU, system, compiler, contract version and digest of all results
    #[arg(long, conflicts_with = "json")]
    report: bool,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  # Does this machine give the promised bits? (Seconds)
  ravine verify
  # The same with more forms, lengths and shapes (a minute), for a script
  ravine verify --full --json
  # One line to send along with a report
  ravine verify --report

What is compared:
  Updates, sums and products with their formulas in plain scalar code, whole
  training runs and activations with the scalar level on one thread: on every
  level of this CPU, with 1, 2, 3, 5 and 8 threads, fused and not.

Exit status:
  0  all bits are as promised
  1  some differ; the first difference is named";

/// Cases of a level, by which a person sees how far the comparison is.
const CASES: u64 = 8340;
/// The same of `--full`.
const CASES_IN_FULL: u64 = 21_940;
/// Thread counts that results are compared over.
const THREADS: [usize; 5] = [1, 2, 3, 5, 8];

#[derive(Debug, Serialize)]
struct Outcome {
    /// Combinations compared, each in every element.
    cases: u64,
    /// Combinations that differ in any element.
    mismatches: u64,
    /// The first difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Difference>,
}

impl Verify {
    /// Compares, and fails on any difference.
    pub(crate) fn run(self) -> Result<(), Error> {
        let families = [update::run, sum::run, product::run, activation::run, training::run];
        let tally = pool::install(THREADS[4], |_| {
            let of_a_level = if self.full { CASES_IN_FULL } else { CASES };
            let total = of_a_level * Level::available().count() as u64;
            let mut tally = Tally::new(total);
            families.iter().for_each(|family| family(&mut tally, self.full));
            debug_assert_eq!(tally.cases, total, "the bar is as long as the work");
            tally
        })?;
        let (digest, Tally { cases, mismatches, first, .. }) = (tally.digest(), tally);
        let outcome = Outcome { cases, mismatches, first };
        if self.report {
            output::line(&report(&digest))?;
        } else {
            output::print(self.json, &outcome)?;
        }
        match outcome.mismatches {
            0 => Ok(()),
            n => Err(Error::Check(format!("{n} of {cases} cases differ").into())),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(first) = &self.first {
            writeln!(f, "first difference: {first}")?;
        }
        write!(f, "{} cases, {} mismatches", self.cases, self.mismatches)
    }
}

/// What a person sends in to show that a machine gives the same bits.
fn report(digest: &str) -> String {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let compiler = env!("RAVINE_RUSTC");
    format!("{}; {os} {arch}; {compiler}; contract {CONTRACT}; digest {digest}", cpu())
}

/// The CPU's name where the system tells it in a file.
fn cpu() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| "unnamed CPU".into(), |(_, name)| name.trim().to_owned())
}
