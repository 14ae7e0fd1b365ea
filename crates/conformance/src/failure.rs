//! What comes of holding a kernel to a law.

use std::fmt;

use crate::guarded::Guarded;
use crate::{Agreement, Mismatch, Trespass, compare};

/// A kernel kept the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "no cases are no proof"]
pub struct Checked {
    /// In how many cases.
    pub cases: u64,
}

/// A kernel broke the law.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The case, with all its options.
    pub case: String,
    /// The step of the case, counted from 0, where it has several.
    pub step: Option<usize>,
    /// The tensor that is wrong.
    pub tensor: &'static str,
    /// What is wrong with it.
    pub cause: Cause,
}

/// What is wrong with a tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cause {
    /// It holds other numbers than it should.
    Mismatch(Mismatch),
    /// Its neighbors were written to.
    Trespass(Trespass),
}

impl From<Mismatch> for Cause {
    fn from(mismatch: Mismatch) -> Self {
        Self::Mismatch(mismatch)
    }
}

impl From<Trespass> for Cause {
    fn from(trespass: Trespass) -> Self {
        Self::Trespass(trespass)
    }
}

impl Checked {
    /// Counts the cases that `run` passes.
    pub(crate) fn count<C>(
        cases: impl IntoIterator<Item = C>,
        mut run: impl FnMut(C) -> Result<(), Failure>,
    ) -> Result<Self, Failure> {
        let mut checked = Self { cases: 0 };
        for case in cases {
            run(case)?;
            checked.cases += 1;
        }
        Ok(checked)
    }
}

impl Failure {
    /// A cause with its place.
    pub(crate) fn new(
        case: &dyn fmt::Display,
        step: Option<usize>,
        tensor: &'static str,
        cause: impl Into<Cause>,
    ) -> Self {
        Self { case: case.to_string(), step, tensor, cause: cause.into() }
    }
}

/// Holds a slice that a kernel wrote to what was expected, and its canaries to their place.
pub(crate) fn hold(found: &Guarded, expected: &[f32], agreement: Agreement) -> Result<(), Cause> {
    found.check()?;
    Ok(compare(expected, found.values(), agreement)?)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.case)?;
        if let Some(step) = self.step {
            write!(f, "step {step}, ")?;
        }
        write!(f, "{}: {}", self.tensor, self.cause)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch(mismatch) => mismatch.fmt(f),
            Self::Trespass(trespass) => trespass.fmt(f),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(match &self.cause {
            Cause::Mismatch(mismatch) => mismatch,
            Cause::Trespass(trespass) => trespass,
        })
    }
}
