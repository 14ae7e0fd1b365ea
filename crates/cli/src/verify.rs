//! `ravine verify`: does this machine keep the numeric contract?

mod difference;
mod junit;
mod outcome;
mod tally;
mod way;

mod function;
mod product;
mod sum;
mod training;
mod update;

use std::path::PathBuf;

use ravine::simd::CONTRACT;
use ravine_conformance::Extent;

use self::outcome::Outcome;
use self::tally::Tally;
use self::way::THREADS;
use crate::error::Error;
use crate::output;
use crate::pool;

/// Prove that every level, thread count and fusion gives the promised bits
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Compares every option at every length, and more shapes and forms
    #[arg(long)]
    full: bool,
    /// Prints one line: CPU, system, compiler, contract version and digest of all results
    #[arg(long, conflicts_with = "json")]
    report: bool,
    /// Writes the results as JUnit's XML too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  # Does this machine give the promised bits? (Seconds)
  ravine verify
  # Every option at every length (minutes), for continuous integration
  ravine verify --full --junit verify.xml
  # One line to send along with a report
  ravine verify --report

What is compared:
  Updates, sums and products with their formulas in plain scalar code;
  functions with f64 on the scalar level; functions, derivatives and whole
  training runs with the scalar level on one thread. On every level of this
  CPU, with 1, 2, 3, 5 and 8 threads, fused and not, at every short length,
  each operand at an offset of its own between numbers that must stay.
  A case is a combination of form, Nesterov, level, threads, fusion and length
  or shape, each compared in every element. The digest is that of the scalar
  level's results, and the same on every machine.

Exit status:
  0  all bits are as promised
  1  some differ; the first difference is named";

impl Verify {
    /// Compares, and fails on any difference.
    pub(crate) fn run(self) -> Result<(), Error> {
        if let Some(file) = &self.junit {
            output::writable(file)?;
        }
        let extent = if self.full { Extent::Full } else { Extent::Quick };
        let tally = pool::install(THREADS[4], |_| matrix(extent))?;
        if let Some(file) = &self.junit {
            junit::write(file, &tally)?;
        }
        let outcome = Outcome::from(&tally);
        if self.report {
            output::line(&report(&outcome.digest))?;
        } else {
            output::print(self.json, &outcome)?;
        }
        match (outcome.mismatches, outcome.cases) {
            (0, _) => Ok(()),
            (n, cases) => Err(Error::Check(format!("{n} of {cases} cases differ").into())),
        }
    }
}

/// Holds the program's own kernels to every case in every way.
fn matrix(extent: Extent) -> Tally {
    let counts = [update::count, sum::count, product::count, function::count, training::count];
    let families = [update::run, sum::run, product::run, function::run, training::run];
    let total = counts.iter().map(|count| count(extent)).sum();
    let mut tally = Tally::new(total);
    families.iter().for_each(|family| family(&mut tally, extent));
    debug_assert_eq!(tally.cases(), total, "the bar is as long as the work");
    tally
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
