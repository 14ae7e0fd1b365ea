//! How often a run steps, on which rows, and how fast.

use std::num::NonZeroUsize;

use ravine::Batch;
use ravine::simd::Level;
use serde::Serialize;

use crate::error::Error;
use crate::pool;

/// Batches, epochs, and what never changes a bit.
#[derive(Debug, clap::Args, Serialize)]
#[command(next_help_heading = "Loop")]
pub(crate) struct PaceFlags {
    /// Rows of a step: full, or a number; the last batch of an epoch may be short
    #[arg(long, value_name = "full|N", default_value = "32", value_parser = parse_batch)]
    #[serde(serialize_with = "write_batch")]
    pub(crate) batch: Batch,
    /// Passes over the data
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) epochs: u64,
    /// Whether each epoch draws an order of its own
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub(crate) shuffle: bool,
    /// Seed of initial values, orders and held-out rows
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Threads; they never change a bit of the result [default: all cores]
    #[arg(long, value_name = "N")]
    #[serde(skip)]
    threads: Option<usize>,
    /// Instruction set: auto, scalar, baseline, avx2 or avx512, or neon on aarch64; it never
    /// changes a bit of the result
    #[arg(long, value_name = "LEVEL", default_value = "auto")]
    #[serde(skip)]
    level: String,
    /// Whether updates may run on gradients as they are made; it never changes a bit of the result
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    #[serde(skip)]
    pub(crate) fused: bool,
}

impl PaceFlags {
    /// Checks every range.
    pub(crate) fn check(&self) -> Result<(), Error> {
        /// Each epoch has its own stream of draws, whose index has 32 bits.
        const MOST: u64 = 1 << 32;
        if !(1..=MOST).contains(&self.epochs) {
            return Err(Error::range("epochs", self.epochs, "1 ≤ epochs ≤ 4294967296"));
        }
        self.threads()?;
        self.level().map(drop)
    }

    /// The threads asked for.
    pub(crate) fn threads(&self) -> Result<usize, Error> {
        pool::threads(self.threads)
    }

    /// The level asked for.
    pub(crate) fn level(&self) -> Result<Level, Error> {
        Ok(Level::named(&self.level)?)
    }

    /// Batches of an epoch of `rows` rows.
    pub(crate) fn batches(&self, rows: usize) -> usize {
        match self.batch {
            Batch::Full => 1,
            Batch::Rows(batch) => rows.div_ceil(batch.get()),
        }
    }

    /// The rows of a step as the command line writes them.
    pub(crate) fn batch_name(&self) -> String {
        match self.batch {
            Batch::Full => "full".into(),
            Batch::Rows(rows) => rows.to_string(),
        }
    }
}

fn parse_batch(text: &str) -> Result<Batch, &'static str> {
    match text {
        "full" => Ok(Batch::Full),
        _ => match text.parse::<NonZeroUsize>() {
            Ok(rows) => Ok(Batch::Rows(rows)),
            Err(_) => Err("wanted full, or a number of rows ≥ 1"),
        },
    }
}

fn write_batch<S: serde::Serializer>(batch: &Batch, serializer: S) -> Result<S::Ok, S::Error> {
    match batch {
        Batch::Full => serializer.serialize_str("full"),
        Batch::Rows(rows) => serializer.serialize_u64(rows.get() as u64),
    }
}
