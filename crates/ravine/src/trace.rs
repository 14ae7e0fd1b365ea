//! The course of a run, a line a step.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use ravine_data::write_whole;

use crate::{SaveError, StepRecord};

/// Collects a run's steps as comma-separated values:
/// `step,loss,grad_norm,lr,momentum`, floats in their shortest exact form.
#[derive(Clone, Debug)]
pub struct Trace {
    text: String,
}

impl Default for Trace {
    fn default() -> Self {
        Self { text: "step,loss,grad_norm,lr,momentum\n".into() }
    }
}

impl Trace {
    /// Adds a step.
    pub fn push(&mut self, record: &StepRecord) {
        let StepRecord { step, loss, grad_norm, lr, momentum } = record;
        write!(self.text, "{step},{loss},").expect("writing to a string succeeds");
        if let Some(norm) = grad_norm {
            write!(self.text, "{norm}").expect("writing to a string succeeds");
        }
        writeln!(self.text, ",{lr},{momentum}").expect("writing to a string succeeds");
    }

    /// The lines so far, a header first.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Writes the lines to a file, which appears whole or not at all.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), SaveError> {
        write_whole(path, |file| file.write_all(self.text.as_bytes()))
            .map_err(|source| SaveError::Write { path: path.to_path_buf(), source })
    }
}
