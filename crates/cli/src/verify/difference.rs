//! Where a result parts from what it should be.

use std::fmt;

use ravine_conformance::{Cause, Failure, Float, Side};
use serde::{Serialize, Serializer};

use super::way::Way;

/// What is known of a case before it is run.
pub(super) struct Place<'a> {
    /// The case with all its options, by which baselines know it.
    pub(super) case: &'a dyn fmt::Display,
    /// Elements of what is written, or of what is added up.
    pub(super) length: usize,
    /// Where the operands lie past a cache line, in elements.
    pub(super) offsets: &'a [usize],
}

/// The first element of a case that is not as it should be.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Difference {
    what: String,
    level: &'static str,
    /// None where a kernel from outside does not tell; a script finds 1 there.
    #[serde(serialize_with = "or_one")]
    threads: Option<usize>,
    length: usize,
    offsets: Vec<usize>,
    step: usize,
    tensor: &'static str,
    /// Negative, or `length` and more, where something outside the tensor was written to.
    index: i64,
    /// Bits in hexadecimal.
    expected: String,
    /// Bits in hexadecimal.
    found: String,
    /// Floats from the one to the other, the end included; none where one is NaN or was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    ulps: Option<u64>,
    /// Wrong elements of the tensor; none where something outside it was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<usize>,
}

impl Difference {
    /// A failure with its place.
    pub(super) fn new(place: &Place<'_>, way: &Way, failure: &Failure) -> Self {
        let (index, expected, found, ulps, wrong) = match failure.cause {
            Cause::Mismatch(mismatch) => (
                position(mismatch.index),
                bits(mismatch.expected),
                bits(mismatch.found),
                mismatch.ulps(),
                Some(mismatch.count),
            ),
            Cause::Trespass(trespass) => {
                let index = match trespass.side {
                    Side::Before => -position(trespass.distance),
                    Side::After => position(place.length + trespass.distance) - 1,
                };
                (index, "untouched".into(), format!("{:08x}", trespass.found), None, None)
            }
        };
        let manner = way.manner();
        let comma = if manner.is_empty() { "" } else { ", " };
        Self {
            what: format!("{}{comma}{manner}", place.case),
            level: way.level(),
            threads: way.threads(),
            length: place.length,
            offsets: place.offsets.to_vec(),
            step: failure.step.unwrap_or(0),
            tensor: failure.tensor,
            index,
            expected,
            found,
            ulps,
            wrong,
        }
    }
}

fn or_one<S: Serializer>(threads: &Option<usize>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(threads.unwrap_or(1) as u64)
}

fn position(index: usize) -> i64 {
    i64::try_from(index).expect("no tensor has 2⁶³ elements")
}

fn bits(x: Float) -> String {
    let digits = match x {
        Float::F32(_) => 8,
        Float::F64(_) => 16,
    };
    format!("{:0digits$x}", x.bits())
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, level, threads, length, step, tensor, index, expected, found, .. } = self;
        write!(f, "{what}, level {level}")?;
        if let Some(threads) = threads {
            write!(f, ", threads {threads}")?;
        }
        write!(f, ", step {step}, {tensor}, index {index} of {length}: ")?;
        write!(f, "expected {expected}, found {found}")?;
        if let Some(ulps) = self.ulps {
            write!(f, ", {ulps} ulp apart")?;
        }
        match self.wrong {
            Some(1) => write!(f, ", 1 such element"),
            Some(wrong) => write!(f, ", {wrong} such elements"),
            None => Ok(()),
        }
    }
}
