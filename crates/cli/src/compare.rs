//! `ravine compare`: where do two results part, and how far?

mod array;
mod distance;
mod distribution;
mod excerpt;
mod file;
mod matched;
mod model;
mod number;
mod outcome;
mod pair;
mod report;
mod tensor;
mod trace;

use std::path::PathBuf;

use self::outcome::Outcome;
use self::pair::Passing;
use crate::error::Error;
use crate::output;

/// Name the first difference between two results, and count how far apart their numbers are
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, allow_negative_numbers = true)]
pub(crate) struct Compare {
    /// A saved model (.safetensors), arrays (.npy, .npz) or a trace (.csv)
    a: PathBuf,
    /// Another file of that kind
    b: PathBuf,
    /// Elements at most so many units in the last place apart pass, 0 or more [default: equal
    /// bits alone]
    #[arg(long, value_name = "N")]
    ulps: Option<i128>,
    /// Elements with |a − b| ≤ X·max(|a|, |b|) pass, X 0 or more; with --ulps, either
    /// suffices
    #[arg(long, value_name = "X")]
    relative: Option<f64>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  # Are two runs the same, bit for bit?
  ravine compare run.safetensors again.safetensors
  # Is another program's model ours, but for the last bits?
  ravine compare run.safetensors torch.safetensors --ulps 4
  # How far are gradients from those of a kernel of one's own?
  ravine compare grads.npz mine.npz --ulps 0
  # At which step do two traces part?
  ravine compare run.csv jax.csv --relative 1e-5 --json

What is compared:
  Tensors, arrays and columns are matched by name, and a trace's rows by its
  column `step`, or by their order where a file has none. The first difference
  is that of the first row of traces, else of A's first tensor. Of two types of
  floats, the one of more significant bits is rounded to the other.

Distances:
  -0 and +0 have different bits and are 0 ulps apart. Infinity is 1 ulp from
  the largest number. All NaNs are equal, infinitely far from numbers, and what
  a blank cell holds.

Exit status:
  0  the files agree, or all their differences pass
  1  they differ
  2  bad usage, or a file that cannot be read";

impl Compare {
    /// Compares, prints what was found, and fails where the files differ beyond what passes.
    pub(crate) fn run(self) -> Result<(), Error> {
        let passing = self.passing()?;
        let outcome = Outcome::of(file::read(&self.a, &self.b)?, passing);
        output::print(self.json, &outcome)?;
        if outcome.passes {
            return Ok(());
        }
        let (a, b) = (self.a.display(), self.b.display());
        Err(Error::Check(format!("{a} and {b}: {}", outcome.verdict()).into()))
    }

    fn passing(&self) -> Result<Passing, Error> {
        let ulps = self.ulps.map(|ulps| {
            u64::try_from(ulps).map_err(|_| Error::range("ulps", ulps, "0 ≤ ulps < 2^64"))
        });
        if let Some(relative) = self.relative
            && !(0.0..f64::INFINITY).contains(&relative)
        {
            return Err(Error::range("relative", relative, "0 ≤ relative < ∞"));
        }
        Ok(Passing { ulps: ulps.transpose()?, relative: self.relative })
    }
}
