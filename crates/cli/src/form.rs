//! Forms of momentum by the names of the command line.

use std::fmt;

use clap::ValueEnum;
use ravine::momentum::Form;
use serde::Serialize;

/// A form's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FormName {
    /// w ← w − αg
    Plain,
    /// v ← βv + g; w ← w − αv
    Classic,
    /// v ← βv + (1 − τ)g, the first step undampened; w ← w − αv
    Dampened,
    /// v ← βv − αg; w ← w + v
    Sutskever,
    /// v ← βv + (1 − β)g; w ← w − αv
    Ema,
    /// v as in ema; w ← w − αv/(1 − Πβ)
    EmaUnbiased,
    /// v as in ema; w ← w − α(νv + (1 − ν)g)
    QuasiHyperbolic,
}

/// The numbers of their own that some forms have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FormNumbers {
    /// Nesterov's variant.
    pub(crate) nesterov: bool,
    /// Dampening τ.
    pub(crate) dampening: f64,
    /// Weight ν of the average.
    pub(crate) nu: f64,
}

impl Default for FormNumbers {
    fn default() -> Self {
        Self { nesterov: false, dampening: 0.0, nu: 0.7 }
    }
}

impl FormName {
    /// The form with its numbers; those that it does not have are passed over.
    pub(crate) fn with(self, numbers: FormNumbers) -> Form {
        let FormNumbers { nesterov, dampening, nu } = numbers;
        match self {
            Self::Plain => Form::Plain,
            Self::Classic => Form::Classic { nesterov },
            Self::Dampened => Form::Dampened { dampening, nesterov },
            Self::Sutskever => Form::Sutskever { nesterov },
            Self::Ema => Form::Ema { nesterov },
            Self::EmaUnbiased => Form::EmaUnbiased,
            Self::QuasiHyperbolic => Form::QuasiHyperbolic { nu },
        }
    }

    /// Whether the form has Nesterov's variant.
    pub(crate) fn has_nesterov(self) -> bool {
        matches!(self, Self::Classic | Self::Dampened | Self::Sutskever | Self::Ema)
    }
}

impl From<Form> for FormName {
    fn from(form: Form) -> Self {
        match form {
            Form::Plain => Self::Plain,
            Form::Classic { .. } => Self::Classic,
            Form::Dampened { .. } => Self::Dampened,
            Form::Sutskever { .. } => Self::Sutskever,
            Form::Ema { .. } => Self::Ema,
            Form::EmaUnbiased => Self::EmaUnbiased,
            Form::QuasiHyperbolic { .. } => Self::QuasiHyperbolic,
        }
    }
}

impl fmt::Display for FormName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no form is hidden from the command line");
        f.pad(value.get_name())
    }
}
