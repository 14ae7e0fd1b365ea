//! `ravine bench`: times of our work beside what the machine allows.

mod against;
mod update;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use ravine::data::Source;
use ravine::simd::{Level, Par};
use serde_json::{Value, json};

use crate::bench::against::Record;
use crate::bench::update::UpdateArgs;
use crate::case::{Case, Epoch, Read, Step, Timing, Update, limits, measure, timed};
use crate::error::Error;
use crate::output::line;
use crate::progress::Progress;
use crate::{memory, origin, pool};

/// Time updates, steps and epochs beside what this machine allows
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
    /// Keeps every round, and the machine, in this JSON file
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
  # A record, and whether anything became slower since
  ravine bench --record before.json
  ravine bench --against before.json
  # The reading of a file, beside a plain reading of the same bytes
  ravine bench read --data data/diabetes.csv

What is told:
  A ratio is the share of the limit that is reached: time at the limit over
  time taken, medians of interleaved rounds of the same run.";

#[derive(Debug, Subcommand)]
enum What {
    /// Memory bandwidth and arithmetic of this machine
    Limits,
    /// An update of a vector or of many tensors, by any rule
    Update(UpdateArgs),
    /// A training step of a perceptron with ReLU, mean squared error and momentum 0.9
    Step(StepArgs),
    /// A full-batch step of linear regression
    Linear(LinearArgs),
    /// An epoch of shuffled batches, from shuffling to update
    Train(TrainArgs),
    /// The reading of a file of data, as train reads it
    Read(ReadArgs),
}

#[derive(Debug, Args)]
struct StepArgs {
    /// Widths: inputs, hidden layers, outputs
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "784,128,10")]
    layers: Vec<usize>,
    /// Rows of the batch
    #[arg(long, value_name = "N", default_value = "64")]
    batch: NonZeroUsize,
    /// Whether the update may run where the gradient is made
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    fused: bool,
}

#[derive(Debug, Args)]
struct LinearArgs {
    /// Rows of the data
    #[arg(long, value_name = "N", default_value = "1000000")]
    rows: NonZeroUsize,
    /// Columns of the data
    #[arg(long, value_name = "D", default_value = "32")]
    cols: NonZeroUsize,
}

#[derive(Debug, Args)]
struct TrainArgs {
    /// Rows of the data
    #[arg(long, value_name = "N", default_value = "60000")]
    rows: NonZeroUsize,
    #[command(flatten)]
    step: StepArgs,
}

#[derive(Debug, Args)]
struct ReadArgs {
    /// Table to read: .csv, .npy, .npz or IDX (*-ubyte)
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// Labels of a .npy or IDX table
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// Column of a .csv table to predict [default: the last]
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
}

impl Bench {
    /// Runs the benchmark and prints its result.
    pub(crate) fn run(self) -> Result<(), Error> {
        let level = Level::named(&self.level)?;
        if let Some(path) = &self.record {
            crate::output::writable(path)?;
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
        let changes = before.map(|before| before.changes(&timings)).transpose()?;
        if let Some(changes) = &changes {
            answer["against"] = json!(changes);
        }
        if let Some(path) = &self.record {
            let record = json!({
                "machine": origin::machine(), "date": origin::today(), "version": origin::version(),
                "rustc": env!("RAVINE_RUSTC"), "answer": answer, "timings": timings,
            });
            ravine::data::write_whole(path, |file| {
                Ok(serde_json::to_writer_pretty(file, &record)?)
            })
            .map_err(|source| Error::Unwritable { file: path.clone(), source })?;
        }
        match &self.what {
            _ if self.json => line(&answer)?,
            Some(What::Limits) => line(&told(&answer))?,
            Some(_) => line(&table(&timings))?,
            None => line(&format_args!("{}\n{}", told(&answer["limits"]), table(&timings)))?,
        }
        against::told(changes.as_deref().unwrap_or_default(), self.json)
    }
}

/// The standard set.
fn standard() -> impl Iterator<Item = What> {
    let some = |n: usize| NonZeroUsize::new(n).expect("the standard sizes are not zero");
    let updates = [(256, 1), (20_000, 1), (2_000_000, 1), (300_000, 1000)];
    let steps =
        [(vec![8, 64, 64, 1], 64), (vec![784, 128, 10], 64), (vec![784, 512, 512, 10], 128)];
    let updates =
        updates.map(|(len, tensors)| What::Update(UpdateArgs::plain(some(len), some(tensors))));
    let steps = steps
        .map(|(layers, batch)| What::Step(StepArgs { layers, batch: some(batch), fused: true }));
    let linear = What::Linear(LinearArgs { rows: some(1_000_000), cols: some(32) });
    updates.into_iter().chain(steps).chain([linear])
}

impl What {
    /// The flag that says most of a case's size, and about how many `f32`s it takes.
    fn size(&self) -> Option<(&'static str, usize)> {
        let product = |a: usize, b| a.saturating_mul(b);
        let step = |StepArgs { layers, batch, .. }: &StepArgs| {
            let params = layers.windows(2).map(|pair| product(pair[0], pair[1]));
            let params = params.fold(0, usize::saturating_add);
            let widths = layers.iter().copied().fold(0, usize::saturating_add);
            product(6, params).saturating_add(product(product(4, widths), batch.get()))
        };
        Some(match self {
            Self::Limits | Self::Read(_) => return None,
            Self::Update(args) => ("len", product(10, args.len.get())),
            Self::Step(args) => ("layers", step(args)),
            Self::Linear(args) => {
                ("rows", product(args.cols.get().saturating_add(2), args.rows.get()))
            }
            Self::Train(args) => {
                let ends =
                    [args.step.layers.first(), args.step.layers.last()].into_iter().flatten();
                let ends = ends.copied().fold(1, usize::saturating_add);
                ("rows", product(ends, args.rows.get()).saturating_add(step(&args.step)))
            }
        })
    }
}

/// Times one case and keeps its rounds; the answer has the keys that scripts rely on.
fn one(what: &What, level: Level, par: Par, all: &mut Vec<Timing>) -> Result<Value, Error> {
    if let Some((flag, numbers)) = what.size().filter(|(_, numbers)| !memory::holds(*numbers)) {
        let bytes = numbers.saturating_mul(4);
        let reason = format!("asks for about {bytes} bytes, more than memory holds");
        return Err(Error::misplaced(flag, reason));
    }
    match what {
        What::Limits => Ok(json!(limits(par)?)),
        What::Update(args) => keep(&mut Update::new(args.spec(level, par)?, level, par)?, all),
        What::Step(args) => {
            let options = timed(level, par, args.fused);
            let mut case = Step::mlp(&args.layers, args.batch.get(), options)?;
            let mut answer = keep(&mut case, all)?;
            answer["digest"] = json!(case.digest());
            Ok(answer)
        }
        What::Linear(args) => {
            let options = timed(level, par, true);
            keep(&mut Step::linear(args.rows.get(), args.cols.get(), options), all)
        }
        What::Train(args) => {
            let StepArgs { layers, batch, fused } = &args.step;
            let options = timed(level, par, *fused);
            let mut answer =
                keep(&mut Epoch::new((args.rows.get(), *batch), layers, options)?, all)?;
            let us = answer["us"].as_f64().unwrap_or(f64::NAN);
            answer["rows_per_s"] = json!(crate::case::number(args.rows.get()) / us * 1e6);
            Ok(answer)
        }
        What::Read(ReadArgs { data, labels, target }) => {
            let (data, labels, target) = (data.clone(), labels.clone(), target.clone());
            let mut case = Read::new(Source { data, target, labels }, par)?;
            let mut answer = keep(&mut case, all)?;
            if let Some(fault) = case.fault() {
                return Err(Error::Check(fault.into()));
            }
            let per_s = 1e6 / answer["us"].as_f64().unwrap_or(f64::NAN);
            answer["rows"] = json!(case.rows());
            answer["cols"] = json!(case.cols());
            answer["rows_per_s"] = json!(crate::case::number(case.rows()) * per_s);
            answer["bytes_per_s"] = json!(case.cost().bytes * per_s);
            Ok(answer)
        }
    }
}

/// Times a case.
fn keep(case: &mut impl Case, all: &mut Vec<Timing>) -> Result<Value, Error> {
    let timing = measure(case)?;
    let answer = json!({
        "id": timing.id, "us": timing.us, "us_min": timing.us_min,
        "limit_us": timing.limit_us, "limit_us_min": timing.limit_us_min,
        "ratio": timing.ratio, "limit_exceeded": timing.limit_exceeded,
        "gflops": timing.cost.flops / timing.us / 1e3,
        "gb_per_s": timing.cost.bytes / timing.us / 1e3,
    });
    all.push(timing);
    Ok(answer)
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
