//! What a run says when it is done.

use std::fmt;

use serde::Serialize;

/// The result of a run: a line each, or one JSON object.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Mean loss over all training rows after the last step.
    pub(crate) loss: f64,
    /// Share of training rows whose class is right.
    pub(crate) accuracy: Option<f64>,
    /// Mean loss over the held-out rows.
    pub(crate) test_loss: Option<f64>,
    /// Share of held-out rows whose class is right.
    pub(crate) test_accuracy: Option<f64>,
    /// Steps taken.
    pub(crate) steps: u64,
    /// Steps that were not finite and changed nothing.
    pub(crate) skipped: u64,
    /// Time of the loop.
    pub(crate) seconds: f64,
    /// Training rows that went through the model in a second of it.
    pub(crate) rows_per_s: f64,
    /// The level that ran.
    pub(crate) level: &'static str,
    /// The threads that ran.
    pub(crate) threads: usize,
    /// Learning rate of the last step.
    pub(crate) lr: f64,
    /// Momentum of the last step.
    pub(crate) momentum: f64,
    /// SHA-256 of parameters and velocity.
    pub(crate) digest: String,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, skipped, seconds, rows_per_s, .. } = self;
        write!(f, "{steps} steps in {seconds:.3} s, {rows_per_s:.0} rows/s")?;
        if *skipped > 0 {
            write!(f, ", {skipped} skipped")?;
        }
        writeln!(f, "\nloss {}", self.loss)?;
        let more = [
            ("accuracy", self.accuracy),
            ("test_loss", self.test_loss),
            ("test_accuracy", self.test_accuracy),
        ];
        for (name, value) in more {
            if let Some(value) = value {
                writeln!(f, "{name} {value}")?;
            }
        }
        write!(f, "digest {}", self.digest)
    }
}
