//! `ravine verify`: does this machine keep the numeric contract?

mod baseline;
mod difference;
mod junit;
mod outcome;
mod tally;
mod tensors;
mod way;

mod adaptive;
mod foreign;
mod function;
mod narrow;
mod product;
mod sum;
mod training;
mod update;

use std::path::PathBuf;
use std::time::Duration;

use ravine::simd::CONTRACT;
use ravine_conformance::{Agreement, Extent};

use self::baseline::Baseline;
use self::foreign::{Command, FamilyName, Questions};
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
    /// Holds a program to the contract: it is started as COMMAND IN.npz OUT.npz
    #[arg(long, value_name = "COMMAND", conflicts_with = "report")]
    kernel: Option<String>,
    /// What the program of --kernel does
    #[arg(long, value_enum, default_value_t = FamilyName::Update, requires = "kernel")]
    family: FamilyName,
    /// Asks only for cases with this in their names, such as 'classic, length'
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        requires = "kernel",
        hide_default_value = true
    )]
    only: String,
    /// How close the program's answers must be: bits, ulps:N, relative:X [default: bits; for
    /// functions the bounds of the contract, near f64]
    #[arg(long, value_name = "HOW", value_parser = agreement, requires = "kernel")]
    agreement: Option<Agreement>,
    /// Seconds after which a start of the program is ended
    #[arg(long, value_name = "S", default_value_t = 600, requires = "kernel",
        value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Keeps the digest of every case in this JSON file, where nothing differs
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    bless: Option<PathBuf>,
    /// Holds the digest of every case to a file of --bless
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
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
  # Is a kernel of one's own right? The first wrong element is named
  ravine verify --kernel 'python3 update.py' --only 'classic, length'
  # Keep the bits of today, and hold tomorrow's to them
  ravine verify --bless bits.json
  ravine verify --against bits.json

What is compared:
  Updates, steps of Adam and RMSProp, steps whose velocity and average are
  kept in 16 bits, sums, products and the derivatives of ReLU, tanh and the
  sigmoid with their formulas in plain scalar code; functions and GELU's
  derivative with f64 on the scalar level; functions, derivatives and whole
  training runs with the scalar level on one thread. On every level of this
  CPU, with 1, 2, 3, 5 and 8 threads, fused and not, on one vector and on many
  tensors, at every short length, each operand at an offset of its own between
  numbers that must stay; products also with operands turned and strided, in
  tiles and blocks of several sizes.
  A case is a combination of form, Nesterov, level, threads, fusion and length
  or shape, each compared in every element. The digest is that of the scalar
  level's results, and the same on every machine.

A kernel in any language:
  IN.npz holds cases, one after another in every array, as little-endian i4
  and f4, not compressed; OUT.npz is to hold the answers in the same order.
  The command is split as by a shell, and started for some cases at a time.
  update    in: lengths, options, numbers, params, grads  out: params, velocity
  adaptive  in: lengths, options, numbers, params, grads  out: params, square,
            mean, velocity
  narrow    in: lengths, options, numbers, kept, seeds, params, grads
            out: params, velocity, average
  sum       in: lengths, terms, x, y                      out: sum (f8)
  product   in: shapes, kinds, a, b                       out: c
  function  in: lengths, functions, x, dy                 out: y
  The README of ravine-cli says what each holds, and has kernels in C and
  NumPy to begin with.

Exit status:
  0  all bits are as promised
  1  some differ, or are not as in the baseline; the first is named
  2  bad usage, or the program of --kernel gave no answer that can be read";

impl Verify {
    /// Compares, and fails on any difference.
    pub(crate) fn run(self) -> Result<(), Error> {
        self.own_files()?;
        self.junit.iter().chain(&self.bless).try_for_each(|file| output::writable(file))?;
        let extent = if self.full { Extent::Full } else { Extent::Quick };
        let read = |file: &PathBuf| Baseline::read(file, extent);
        let baseline = self.against.as_ref().map(read).transpose()?;
        let tally = match &self.kernel {
            None => pool::install(THREADS[4], |_| matrix(extent))?,
            Some(line) => {
                let command = Command::new(line, Duration::from_secs(self.timeout))?;
                let Self { only, agreement, .. } = &self;
                let questions = Questions { extent, only, agreement: *agreement };
                foreign::run(&command, self.family, &questions)?
            }
        };
        let mut outcome = Outcome::from(&tally);
        let only = self.kernel.as_ref().map(|_| &*self.only);
        outcome.against = baseline.map(|baseline| baseline.hold(&tally, only));
        if let Some(file) = &self.junit {
            junit::write(file, &tally, outcome.against.as_ref())?;
        }
        // What is wrong is no measure of anything.
        if let Some(file) = self.bless.as_ref().filter(|_| outcome.mismatches == 0) {
            Baseline::new(&tally, extent).write(file)?;
        }
        if self.report {
            output::line(&report(&outcome.digest))?;
        } else {
            output::print(self.json, &outcome)?;
        }
        outcome.check(self.bless.as_deref())
    }

    /// Refuses to write results over a baseline.
    fn own_files(&self) -> Result<(), Error> {
        let results = self.junit.as_deref().map(output::place);
        let baselines = [("bless", &self.bless), ("against", &self.against)];
        let same = |file: &Option<PathBuf>| {
            results.is_some() && file.as_deref().map(output::place) == results
        };
        match baselines.into_iter().find(|(_, file)| same(file)) {
            Some((flag, _)) => {
                Err(Error::misplaced("junit", format!("and --{flag} name the same file")))
            }
            None => Ok(()),
        }
    }
}

/// Reads `bits`, `ulps:N` or `relative:X`.
fn agreement(text: &str) -> Result<Agreement, &'static str> {
    let parsed = match text.split_once(':') {
        None if text == "bits" => Some(Agreement::Bits),
        Some(("ulps", n)) => n.parse().ok().map(Agreement::Ulps),
        Some(("relative", x)) => {
            let x = x.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
            x.map(Agreement::Relative)
        }
        _ => None,
    };
    parsed.ok_or("wanted bits, ulps:N with N < 2³², or relative:X with X ≥ 0")
}

/// Holds the program's own kernels to every case in every way.
fn matrix(extent: Extent) -> Tally {
    let counts = [
        update::count,
        adaptive::count,
        narrow::count,
        sum::count,
        product::count,
        function::count,
        training::count,
    ];
    let families = [
        update::run,
        adaptive::run,
        narrow::run,
        sum::run,
        product::run,
        function::run,
        training::run,
    ];
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
