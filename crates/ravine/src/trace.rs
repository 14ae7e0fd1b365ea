//! The course of a run, a line a step.

use std::fmt::Write as _;
use std::io::{self, Read, Seek, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::StepRecord;
use crate::digest::hex;

/// Writes a run's steps as comma-separated values: `step,loss,grad_norm,lr,momentum`, floats in
/// their shortest exact form.
///
/// # Examples
///
/// ```
/// use ravine::{StepRecord, Trace};
///
/// let mut trace = Trace::new(Vec::new())?;
/// let step = StepRecord { step: 0, loss: 0.5, grad_norm: None, lr: 0.1, momentum: 0.9 };
/// trace.push(&step)?;
/// let text = String::from_utf8(trace.into_inner())?;
/// assert_eq!(text, "step,loss,grad_norm,lr,momentum\n0,0.5,,0.1,0.9\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Into a [`WholeFile`](crate::data::WholeFile) a trace of any length takes no memory, and appears
/// when it is finished.
#[derive(Debug)]
pub struct Trace<W> {
    to: W,
    bytes: u64,
    hash: Sha256,
    line: String,
}

/// What a trace held at some moment, by which its beginning is known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceMark {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it, in hexadecimal.
    pub sha256: String,
}

impl<W: Write> Trace<W> {
    /// A trace without a step: its header.
    ///
    /// # Errors
    ///
    /// If `to` cannot be written.
    pub fn new(to: W) -> io::Result<Self> {
        let mut trace = Self { to, bytes: 0, hash: Sha256::new(), line: String::new() };
        trace.write(b"step,loss,grad_norm,lr,momentum\n")?;
        Ok(trace)
    }

    /// A trace that goes on after the mark in an earlier one, whose beginning it copies; `None`,
    /// and nothing written, where `earlier` does not begin with what was marked.
    ///
    /// # Errors
    ///
    /// If `earlier` cannot be read, or `to` not be written.
    pub fn after(
        to: W,
        earlier: &mut (impl Read + Seek),
        mark: &TraceMark,
    ) -> io::Result<Option<Self>> {
        let nothing = Trace { to: io::sink(), bytes: 0, hash: Sha256::new(), line: String::new() };
        let seen = nothing.copy(earlier, mark.bytes)?;
        if seen.mark() != *mark {
            return Ok(None);
        }
        let trace = Self { to, bytes: 0, hash: Sha256::new(), line: String::new() };
        trace.copy(earlier, mark.bytes).map(Some)
    }

    /// Adds a step.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn push(&mut self, record: &StepRecord) -> io::Result<()> {
        let StepRecord { step, loss, grad_norm, lr, momentum } = record;
        let norm = grad_norm.map(|norm| norm.to_string()).unwrap_or_default();
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        writeln!(line, "{step},{loss},{norm},{lr},{momentum}")
            .expect("writing to a string succeeds");
        self.write(line.as_bytes())?;
        self.line = line;
        Ok(())
    }

    /// What the trace holds now.
    #[must_use]
    pub fn mark(&self) -> TraceMark {
        TraceMark { bytes: self.bytes, sha256: hex(&self.hash.clone().finalize()) }
    }

    /// What the trace was written to.
    pub fn into_inner(self) -> W {
        self.to
    }

    /// Appends the first `bytes` of `earlier`.
    fn copy(mut self, earlier: &mut (impl Read + Seek), bytes: u64) -> io::Result<Self> {
        earlier.rewind()?;
        let mut part = vec![0; 1 << 16];
        let mut left = earlier.take(bytes);
        loop {
            match left.read(&mut part)? {
                0 => return Ok(self),
                n => self.write(&part[..n])?,
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.to.write_all(bytes)
    }
}
