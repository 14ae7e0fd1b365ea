//! A case of maps, with its operands and what comes of them.

use std::fmt;

use super::{Function, Kernel};
use crate::deck;
use crate::failure::hold;
use crate::values::Words;
use crate::{Agreement, Draw, Extent, Failure, Guarded, lengths};

/// A map, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// The function.
    pub function: Function,
    /// Number of elements.
    pub length: usize,
    /// Where `y` and `x` lie past a cache line, in elements.
    pub offsets: [usize; 2],
    /// Which numbers: at places that are drawn hostile ones, at others some between −20 and 20.
    pub seed: u64,
}

/// A case with its operands, and what comes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The case.
    pub case: Case,
    /// What `y` holds before: NaN, or ∂L/∂y.
    pub y: Vec<f32>,
    /// The arguments.
    pub x: Vec<f32>,
    /// The truth, rounded.
    pub expected: Vec<f32>,
}

/// The cases of an extent: every function at all [`lengths`].
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    let kinds = Function::ALL.into_iter().flat_map(move |function| {
        lengths(extent, 4096).chain([100_003]).map(move |length| (function, length))
    });
    let mut offsets = deck::offsets();
    kinds.zip(0..).map(move |((function, length), seed)| Case {
        function,
        length,
        offsets: offsets(),
        seed,
    })
}

impl Case {
    /// Draws the operands, and maps them in `f64`.
    #[must_use]
    pub fn trial(self) -> Trial {
        let draw = |draw: Draw, operand| draw.values(16 * self.seed + operand, self.length);
        let (near, far) = (draw(Draw::Ordinary, 0), draw(Draw::Hostile, 1));
        // Drawn and not in turn, so that every lane meets both.
        let mut sides = Words::new(16 * self.seed + 4);
        let x = near.iter().zip(far).map(|(&near, far)| {
            self.function.argument(if sides.word() >> 63 == 0 { far } else { 1.25 * near })
        });
        let x: Vec<f32> = x.collect();
        let y = draw(Draw::Hostile, 2).into_iter().map(|y| self.function.before(y));
        let y: Vec<f32> = y.collect();
        let expected = x.iter().zip(&y).map(|(&x, &y)| self.function.truth(x, y)).collect();
        Trial { case: self, y, x, expected }
    }
}

impl Trial {
    /// Runs a kernel on slices at the case's offsets, `y` between canaries.
    ///
    /// # Errors
    ///
    /// If an element is not as expected, or was written outside `y`.
    pub fn run(&self, kernel: &mut impl Kernel, agreement: Agreement) -> Result<(), Failure> {
        let [at_y, at_x] = self.case.offsets;
        let (mut y, x) = (Guarded::new(&self.y, at_y), Guarded::new(&self.x, at_x));
        kernel.map(self.case.function, y.values_mut(), x.values());
        hold(&y, &self.expected, agreement)
            .map_err(|cause| Failure::new(&self.case, None, "y", cause))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, length, offsets: [y, x], seed } = self;
        write!(f, "function {function}, length {length}, offsets {y} {x}, seed {seed}")
    }
}
