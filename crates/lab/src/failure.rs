//! Why an experiment has no result.

use ravine::data::{NotPositive, RavineError, SpectrumError, SplitError, UnknownClass};
use ravine::models::WidthError;
use ravine::momentum::HyperError;
use ravine::{NonFinite, TrainError};

/// Why an experiment has no result; each message is one line.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
#[non_exhaustive]
pub enum Failure {
    /// A hyper-parameter is outside its range.
    Hyper(#[from] HyperError),
    /// A ravine cannot be made as asked.
    Ravine(#[from] RavineError),
    /// No spectrum is as asked.
    Spectrum(#[from] SpectrumError),
    /// The columns of a regression depend on each other.
    Dependent(#[from] NotPositive),
    /// A table cannot be split as asked.
    Split(#[from] SplitError),
    /// A held-out row has a class that no training row has.
    Class(#[from] UnknownClass),
    /// A perceptron cannot have such widths.
    Width(#[from] WidthError),
    /// A step diverged.
    NonFinite(#[from] NonFinite),
    /// A run ended before its time.
    Train(#[from] TrainError),
}

impl Failure {
    /// Whether it is a step whose loss or gradient was not finite.
    #[must_use]
    pub fn diverged(&self) -> bool {
        matches!(self, Self::NonFinite(_) | Self::Train(TrainError::NonFinite(_)))
    }
}
