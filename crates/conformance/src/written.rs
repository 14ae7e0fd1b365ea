//! The slices that the steps of a case write, held to what is expected after each.

use std::fmt;

use crate::failure::hold;
use crate::{Agreement, Failure, Guarded};

/// Slices between canaries, with the names that failures give them.
pub(crate) struct Written<const N: usize> {
    names: [&'static str; N],
    slices: [Guarded; N],
}

impl<const N: usize> Written<N> {
    /// Copies `values`, each to its offset past a cache line.
    pub(crate) fn new(names: [&'static str; N], values: [&[f32]; N], offsets: [usize; N]) -> Self {
        Self { names, slices: std::array::from_fn(|i| Guarded::new(values[i], offsets[i])) }
    }

    /// The slices, to be written.
    pub(crate) fn values_mut(&mut self) -> [&mut [f32]; N] {
        self.slices.each_mut().map(Guarded::values_mut)
    }

    /// Holds the slices after the step `index` of a case to what is expected.
    pub(crate) fn hold(
        &self,
        (case, index): (&dyn fmt::Display, usize),
        expected: [&[f32]; N],
        agreement: Agreement,
    ) -> Result<(), Failure> {
        for ((name, found), expected) in self.names.iter().zip(&self.slices).zip(expected) {
            let held = hold(found, expected, agreement);
            held.map_err(|cause| Failure::new(case, Some(index), name, cause))?;
        }
        Ok(())
    }
}
