//! A case of updates, with its operands and what comes of them.

use std::fmt;

use super::{Kernel, Rates, Setting, Step};
use crate::written::Written;
use crate::{Agreement, Draw, Failure, Guarded};

/// A few steps on some parameters, as data: everything follows from these numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// Form, decay and treatment of the gradient.
    pub setting: Setting,
    /// Number of parameters.
    pub length: usize,
    /// Where parameters, velocity and gradients lie past a cache line, in elements.
    pub offsets: [usize; 3],
    /// What kind of numbers parameters and gradients are.
    pub draw: Draw,
    /// Which of that kind: parameters are those of seed 16·`seed`, the gradients of step t those
    /// of 16·`seed` + 1 + t.
    pub seed: u64,
}

/// Parameters and velocity after a step.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Course {
    /// The parameters.
    #[cfg_attr(feature = "serde", serde(with = "crate::hex::list"))]
    pub params: Vec<f32>,
    /// The velocity; empty where the form has none.
    #[cfg_attr(feature = "serde", serde(with = "crate::hex::list"))]
    pub velocity: Vec<f32>,
}

/// A case with its operands, and what comes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The case.
    pub case: Case,
    /// Parameters before the first step.
    pub params: Vec<f32>,
    /// The numbers of every step.
    pub steps: Vec<Step>,
    /// The gradients of every step.
    pub grads: Vec<Vec<f32>>,
    /// Parameters and velocity after every step.
    pub expected: Vec<Course>,
}

/// Rates of the steps of every case: both change, and a momentum of zero is among them.
pub const SCHEDULE: [Rates; 4] = [
    Rates { lr: 0.1, momentum: 0.5, next_momentum: 0.9 },
    Rates { lr: 0.1, momentum: 0.9, next_momentum: 0.0 },
    Rates { lr: 0.03, momentum: 0.0, next_momentum: 0.7 },
    Rates { lr: 0.01, momentum: 0.7, next_momentum: 0.99 },
];

impl Case {
    /// Draws the operands, and takes the steps by their definition.
    #[must_use]
    pub fn trial(self) -> Trial {
        let steps: Vec<Step> = self.setting.steps(&SCHEDULE).collect();
        let draw = |operand| self.draw.values(16 * self.seed + operand, self.length);
        let grads: Vec<_> = (1..).take(steps.len()).map(draw).collect();
        Trial::new(self, draw(0), steps, grads)
    }
}

impl Trial {
    /// Takes `steps` by their definition, from a velocity of zeros.
    pub(crate) fn new(
        case: Case,
        params: Vec<f32>,
        steps: Vec<Step>,
        grads: Vec<Vec<f32>>,
    ) -> Self {
        let len = if case.setting.form.has_velocity() { params.len() } else { 0 };
        let mut now = Course { params: params.clone(), velocity: vec![0.0; len] };
        let pairs = steps.iter().zip(&grads);
        let expected = pairs.map(|(step, grads)| {
            step.apply(&mut now.params, &mut now.velocity, grads);
            now.clone()
        });
        let expected = expected.collect();
        Self { case, params, steps, grads, expected }
    }

    /// Runs a kernel through the steps, on slices at the case's offsets between canaries.
    ///
    /// # Errors
    ///
    /// At the first step after which an element is not as expected, or was written outside a
    /// slice.
    pub fn run(&self, kernel: &mut impl Kernel, agreement: Agreement) -> Result<(), Failure> {
        let [at_params, at_velocity, at_grads] = self.case.offsets;
        let zeros = vec![0.0; self.expected.first().map_or(0, |course| course.velocity.len())];
        let (names, places) = (["params", "velocity"], [at_params, at_velocity]);
        let mut written = Written::new(names, [&self.params, &zeros], places);
        for ((step, grads), expected) in self.steps.iter().zip(&self.grads).zip(&self.expected) {
            let grads = Guarded::new(grads, at_grads);
            let [params, velocity] = written.values_mut();
            kernel.step(step, params, velocity, grads.values());
            let expected = [&expected.params[..], &expected.velocity];
            written.hold((&self.case, step.index), expected, agreement)?;
        }
        Ok(())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, length, offsets: [params, velocity, grads], draw, seed } = self;
        write!(
            f,
            "update {setting}, length {length}, offsets {params} {velocity} {grads}, \
             {draw} seed {seed}"
        )
    }
}
