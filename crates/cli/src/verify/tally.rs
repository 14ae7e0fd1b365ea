//! What was compared, and what differed.

use std::fmt;

use ravine::simd::Level;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::progress::Progress;

/// Counts cases and differences, and digests what was expected.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) cases: u64,
    pub(super) mismatches: u64,
    pub(super) first: Option<Difference>,
    hash: Sha256,
    progress: Progress,
}

/// A combination that is compared.
pub(super) struct Case<'a> {
    /// Kernel and options.
    pub(super) what: &'a dyn fmt::Display,
    pub(super) level: Level,
    pub(super) threads: usize,
}

/// Where two results part.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    what: String,
    level: &'static str,
    threads: usize,
    length: usize,
    step: usize,
    index: usize,
    /// Bits in hexadecimal.
    expected: String,
    /// Bits in hexadecimal.
    found: String,
}

/// A float as bits, every NaN as one pattern.
pub(super) trait Bits: Copy {
    fn bits(self) -> u64;
}

impl Bits for f32 {
    fn bits(self) -> u64 {
        u64::from(if self.is_nan() { Self::NAN.to_bits() } else { self.to_bits() })
    }
}

impl Bits for f64 {
    fn bits(self) -> u64 {
        if self.is_nan() { Self::NAN.to_bits() } else { self.to_bits() }
    }
}

impl Tally {
    /// Nothing compared yet, of `total` cases.
    pub(super) fn new(total: u64) -> Self {
        let progress = Progress::new(total);
        Self { cases: 0, mismatches: 0, first: None, hash: Sha256::new(), progress }
    }

    /// Adds what a family expects to the digest.
    pub(super) fn expect<T: Bits>(&mut self, values: &[T]) {
        for value in values {
            self.hash.update(value.bits().to_le_bytes());
        }
    }

    /// Compares a result's tensors, or the results of its steps, in every element.
    pub(super) fn compare<'t, T: Bits + 't>(
        &mut self,
        case: &Case<'_>,
        steps: impl IntoIterator<Item = (&'t [T], &'t [T])>,
    ) {
        self.cases += 1;
        self.progress.tick();
        for (step, (expected, found)) in steps.into_iter().enumerate() {
            assert_eq!(expected.len(), found.len(), "results differ in length");
            let index = expected.iter().zip(found).position(|(a, b)| a.bits() != b.bits());
            let Some(index) = index else { continue };
            self.mismatches += 1;
            self.first.get_or_insert_with(|| Difference {
                what: case.what.to_string(),
                level: case.level.name(),
                threads: case.threads,
                length: expected.len(),
                step,
                index,
                expected: format!("{:08x}", expected[index].bits()),
                found: format!("{:08x}", found[index].bits()),
            });
            return;
        }
    }

    /// SHA-256, in hexadecimal, over all that was expected.
    pub(super) fn digest(&self) -> String {
        self.hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, level, threads, length, step, index, expected, found } = self;
        write!(
            f,
            "{what}, level {level}, threads {threads}, length {length}, step {step}, \
             index {index}: expected {expected}, found {found}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_and_each_case_counts_once() {
        let mut tally = Tally::new(1);
        let case = Case { what: &"sum", level: Level::scalar(), threads: 3 };
        tally.compare(&case, [(&[1.0_f32, f32::NAN][..], &[1.0, -f32::NAN][..])]);
        let (same, wanted, found) = ([1.0_f32], [0.0, 0.0, 2.0], [0.0, -0.0, 3.0]);
        let differs = (&wanted[..], &found[..]);
        tally.compare(&case, [(&same[..], &same[..]), differs, differs]);
        assert_eq!((tally.cases, tally.mismatches), (2, 1));
        let first = tally.first.unwrap();
        assert_eq!((first.step, first.index, first.length, first.threads), (1, 1, 3, 3));
        assert_eq!((&*first.expected, &*first.found), ("00000000", "80000000"));
    }

    #[test]
    fn the_digest_depends_on_what_was_expected() {
        let digest = |values: &[f32]| {
            let mut tally = Tally::new(1);
            tally.expect(values);
            tally.digest()
        };
        assert_eq!(digest(&[1.0, f32::NAN]), digest(&[1.0, -f32::NAN]));
        assert_ne!(digest(&[1.0, 0.0]), digest(&[1.0, -0.0]));
    }
}
