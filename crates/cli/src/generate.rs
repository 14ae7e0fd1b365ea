//! `ravine generate`: data whose Hessian has a prescribed spectrum.

use std::fmt;
use std::path::PathBuf;

use clap::ValueEnum;
use ravine::data::{Best, Generated, Kind, Ravine, Spectrum, csv, npz};
use serde::Serialize;

use crate::error::Error;
use crate::memory;
use crate::output;
use crate::pool;
use crate::progress::Waiting;

/// Make a ravine: data whose loss has a prescribed curvature
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub(crate) struct Generate {
    /// What is to be predicted from X
    #[arg(long, value_enum, default_value_t = KindName::Linear)]
    kind: KindName,
    /// Rows N, at least as many as columns
    #[arg(long, value_name = "N", default_value_t = 4096)]
    rows: usize,
    /// Columns D of X, at least 1
    #[arg(long, value_name = "D", default_value_t = 64)]
    cols: usize,
    /// Largest eigenvalue of the Hessian over the least, at least 1
    #[arg(long, value_name = "K", default_value_t = 1000.0)]
    condition: f64,
    /// How the eigenvalues lie between 1/K and 1
    #[arg(long, value_enum, default_value_t = SpectrumName::Log)]
    spectrum: SpectrumName,
    /// Standard deviation of the noise on the targets, at least 0
    #[arg(long, value_name = "S", default_value_t = 0.1)]
    noise: f64,
    /// Seed of all draws
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Threads; they never change a bit of the result [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Writes X, y and w_true to an .npz file, or X and y to a .csv file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  # A ravine a thousand times as steep across as along
  ravine generate --condition 1000 --out ravine.csv
  # Two classes, as arrays for Python
  ravine generate --kind logistic --rows 10000 --cols 20 --out clicks.npz
  # What theory says of other data, of which none is kept
  ravine generate --condition 1e6 --spectrum two-level --noise 0 --json

What it tells:
  The Hessian of the mean squared error, 2XᵀX/N for the model without bias,
  has the eigenvalues of the spectrum to a relative 1e-4. lr_optimal and
  momentum_optimal cross it fastest, by the factor rate_optimal a step, where
  plain descent has rate_plain; no loss is below noise_floor. The last line is
  the command that trains on the data. The same flags give the same data on
  every machine.";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindName {
    /// Numbers: y = Xw + noise
    Linear,
    /// Classes 0 and 1, drawn from the logistic function of Xw
    Logistic,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SpectrumName {
    /// Evenly in their logarithms
    Log,
    /// Evenly
    Linear,
    /// Half of them 1, half of them 1/K
    TwoLevel,
}

#[derive(Debug, Serialize)]
struct Outcome {
    /// SHA-256 over the little-endian `f32`s of X, y and w_true.
    sha256: String,
    eigenvalue_min: f64,
    eigenvalue_max: f64,
    condition: f64,
    /// Best learning rate and momentum together, their factor a step, and plain descent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    lr_optimal: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    momentum_optimal: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_optimal: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_plain: Option<f64>,
    /// Least loss on the data as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    noise_floor: Option<f64>,
    /// The command that trains on it.
    train: String,
}

impl Generate {
    /// Makes the data, writes it where asked, and prints what is known of it.
    pub(crate) fn run(self) -> Result<(), Error> {
        let threads = pool::threads(self.threads)?;
        if let Some(file) = &self.out {
            let suffix = file.extension().unwrap_or_default().to_string_lossy();
            if !["npz", "csv"].contains(&&*suffix) {
                let found = format!("the suffix .{suffix}").into();
                let wanted = ".npz or .csv".into();
                return Err(Error::Content { file: file.clone(), found, wanted });
            }
            output::writable(file)?;
        }
        self.check_memory()?;
        let ravine = self.ravine();
        let waiting = Waiting::new(format!("making {} rows of {}", self.rows, self.cols));
        let made = pool::install(threads, |par| ravine.generate(par))??;
        drop(waiting);
        if let Some(file) = &self.out {
            let _waiting = Waiting::new(format!("writing {}", file.display()));
            let written = match file.extension() {
                Some(suffix) if suffix == "npz" => npz::write(file, &made),
                _ => csv::write(file, &made.table()),
            };
            written.map_err(|source| Error::Unwritable { file: file.clone(), source })?;
        }
        output::print(self.json, &self.outcome(&made))
    }

    /// Refuses what memory does not hold: the data, twice for the columns of a `.csv`, and the
    /// matrices of the spectrum in `f64`.
    fn check_memory(&self) -> Result<(), Error> {
        let &Self { rows, cols, .. } = self;
        let data = rows.saturating_mul(cols.saturating_add(2)).saturating_mul(2);
        let matrices = cols.saturating_mul(cols).saturating_mul(12);
        if memory::holds(data.saturating_add(matrices)) {
            return Ok(());
        }
        let reason = format!("and --cols ask for {rows} × {cols} numbers, more than memory holds");
        Err(Error::misplaced("rows", reason))
    }

    fn ravine(&self) -> Ravine {
        let &Self { rows, cols, condition, noise, seed, .. } = self;
        let kind = match self.kind {
            KindName::Linear => Kind::Linear,
            KindName::Logistic => Kind::Logistic,
        };
        let spectrum = match self.spectrum {
            SpectrumName::Log => Spectrum::Log,
            SpectrumName::Linear => Spectrum::Linear,
            SpectrumName::TwoLevel => Spectrum::TwoLevel,
        };
        Ravine { kind, rows, cols, condition, spectrum, noise, seed }
    }

    fn outcome(&self, made: &Generated) -> Outcome {
        let best = made.best.as_ref();
        Outcome {
            sha256: made.sha256.to_string(),
            eigenvalue_min: made.eigenvalue_min,
            eigenvalue_max: made.eigenvalue_max,
            condition: made.condition,
            lr_optimal: best.map(|best| best.lr),
            momentum_optimal: best.map(|best| best.momentum),
            rate_optimal: best.map(|best| best.rate),
            rate_plain: best.map(|best| best.rate_plain),
            noise_floor: made.noise_floor,
            train: self.train_line(best),
        }
    }

    /// The command that sees the spectrum as made.
    fn train_line(&self, best: Option<&Best>) -> String {
        let file = self.out.as_ref().map_or("FILE".into(), |file| file.display().to_string());
        let line =
            format!("ravine train --data {file} --bias false --standardize false --batch full");
        match best {
            Some(best) => {
                let Best { lr, momentum, rate, .. } = best;
                format!("{line} --epochs {} --lr {lr} --momentum {momentum}", steps(*rate))
            }
            None => format!("{line} --task binary --lr 1 --epochs 100"),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "sha256            {}", self.sha256)?;
        let rows = [
            ("eigenvalue_min", Some(self.eigenvalue_min)),
            ("eigenvalue_max", Some(self.eigenvalue_max)),
            ("condition", Some(self.condition)),
            ("lr_optimal", self.lr_optimal),
            ("momentum_optimal", self.momentum_optimal),
            ("rate_optimal", self.rate_optimal),
            ("rate_plain", self.rate_plain),
            ("noise_floor", self.noise_floor),
        ];
        for (name, value) in rows {
            if let Some(value) = value {
                writeln!(f, "{name:<17} {value}")?;
            }
        }
        write!(f, "{}", self.train)
    }
}

/// Steps that shrink the error to a millionth.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a small positive number of steps"
)]
fn steps(rate: f64) -> u64 {
    if rate <= 0.0 { 1 } else { (1e-6_f64.ln() / rate.ln()).ceil() as u64 }
}
