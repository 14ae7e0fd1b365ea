//! `ravine bench`: times of our work beside what the machine allows.

mod against;
mod count;
mod one;
mod record;
mod size;
mod sweep;
mod update;
mod what;

use std::path::PathBuf;

use clap::Args;
use comfy_table::{Table, presets};
use ravine::simd::{Level, Par};
use serde_json::{Value, json};

use self::one::one;
use self::record::Record;
use self::what::{What, standard};
use crate::case::Timing;
use crate::error::Error;
use crate::output::line;
use crate::pool;
use crate::progress::Progress;

/// Time updates, products, steps and epochs beside what this machine allows
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: Option<What>,
    /// Threads, at least 1 [default: all cores]
    #[arg(long, global = true, value_name = "N")]
    threads: Option<usize>,
    /// Instruction set: auto, scalar, baseline, avx2, avx512, neon
    #[arg(long, global = true, value_name = "LEVEL", default_value = "auto")]
    level: String,
    /// Keeps every round, the machine and the commit in this JSON file
    #[arg(long, global = true, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Compares with a record: status 1 where a case became slower than noise explains
    #[arg(long, global = true, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Keeps each thread on a core of its own
    #[arg(long, global = true)]
    pin: bool,
    /// Prints one JSON object
    #[arg(long, global = true)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  # The standard set, as one table
  ravine bench
  # What this machine allows
  ravine bench limits --threads 2
  # An update and a training step beside it
  ravine bench update --len 2000000 --level avx2
  ravine bench update --rule adamw --weight-ema 0.999 --clip-norm 1
  ravine bench step --layers 784,128,10 --batch 64 --json
  # The products of a layer's passes, one by one and with what surrounds them
  ravine bench product --rows 64 --inner 784 --cols 128 --transpose right
  ravine bench layer --inputs 784 --outputs 128 --batch 64 --pass backward
  # Where products of one shape are much slower than those of the next, drawn
  ravine bench sweep --threads 1 --record sweep.json --draw sweep
  # An epoch, and its order and its batches without the steps
  ravine bench train --rows 60000 --layers 784,128,10 --batch 64
  # A record, and whether anything became slower since
  ravine bench --record before.json
  ravine bench --against before.json
  # The reading of a file, beside a plain reading of the same bytes
  ravine bench read --data data/diabetes.csv

What is told:
  A ratio is the share of the limit that is reached: time at the limit over
  time taken, medians of interleaved rounds of the same run.";

impl Bench {
    /// Runs the benchmark and prints its result.
    pub(crate) fn run(self) -> Result<(), Error> {
        let level = Level::named(&self.level)?;
        if let Some(path) = &self.record {
            crate::output::writable(path)?;
        }
        let reason = match self.what {
            Some(What::Limits) => "does not go with limits: shares of the limit are compared",
            Some(What::Sweep(_)) => "does not go with sweep: its rounds are too short",
            _ => "",
        };
        if self.against.is_some() && !reason.is_empty() {
            return Err(Error::misplaced("against", reason));
        }
        if let Some(What::Sweep(args)) = &self.what {
            args.writable()?;
        }
        let before = self.against.as_deref().map(Record::read).transpose()?;
        let threads = pool::threads(self.threads)?;
        if self.pin {
            pool::install_pinned(threads, |par| self.run_on(level, par, before))?
        } else {
            pool::install(threads, |par| self.run_on(level, par, before))?
        }
    }

    fn run_on(&self, level: Level, par: Par, before: Option<Record>) -> Result<(), Error> {
        let mut timings = Vec::new();
        let mut answer = match &self.what {
            Some(what) => one(what, level, par, &mut timings)?,
            None => {
                let mut progress = Progress::new(1 + standard().count() as u64);
                let mut next = |what| {
                    let answer = one(&what, level, par, &mut timings);
                    progress.tick();
                    answer
                };
                let limits = next(What::Limits)?;
                json!({ "limits": limits, "cases": standard().map(next).collect::<Result<Vec<_>, _>>()? })
            }
        };
        answer["level"] = json!(level.name());
        answer["threads"] = json!(par.count());
        // Limits are timed first, if they are.
        let cases = &timings[timings.partition_point(|timing| timing.id.starts_with("limit/"))..];
        let changes = before.map(|before| before.changes(cases)).transpose()?;
        if let Some(changes) = &changes {
            answer["against"] = json!(changes);
        }
        if let Some(path) = &self.record {
            record::write(path, self.pin, &answer, &timings)?;
        }
        match &self.what {
            _ if self.json => line(&answer)?,
            Some(What::Limits) => line(&told(&answer))?,
            Some(What::Sweep(_)) => line(&sweep::told(&answer))?,
            Some(_) => line(&table(cases))?,
            None => line(&format_args!("{}\n{}", told(&answer["limits"]), table(cases)))?,
        }
        against::told(changes.as_deref().unwrap_or_default(), self.json)
    }
}

/// The machine's limits in words.
fn told(limits: &Value) -> String {
    let number = |key: &str| limits[key].as_f64().unwrap_or(f64::NAN);
    format!(
        "update {:.1} GB/s, read {:.1} GB/s, fma {:.1} GFLOP/s",
        number("update_gb_per_s"),
        number("read_gb_per_s"),
        number("fma_gflops"),
    )
}

/// A line a case.
fn table(timings: &[Timing]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["case", "µs", "best µs", "limit µs", "of the limit"]);
    for timing in timings {
        let mark = if timing.limit_exceeded { " (limit exceeded)" } else { "" };
        table.add_row([
            timing.id.clone(),
            format!("{:.3}", timing.us),
            format!("{:.3}", timing.us_min),
            format!("{:.3}", timing.limit_us),
            format!("{:.0} %{mark}", 100.0 * timing.ratio),
        ]);
    }
    table.to_string()
}
