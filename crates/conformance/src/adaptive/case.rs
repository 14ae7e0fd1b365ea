//! A case of steps, with its operands and what comes of them.

use std::fmt;

use super::{Kernel, SCHEDULE, Setting, Step};
use crate::written::Written;
use crate::{Agreement, Draw, Failure, Guarded};

/// A few steps on some parameters, as data: everything follows from these numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// Rule, decay and treatment of the gradient.
    pub setting: Setting,
    /// Number of parameters.
    pub length: usize,
    /// Where parameters, mean square, mean, velocity and gradients lie past a cache line, in
    /// elements.
    pub offsets: [usize; 5],
    /// What kind of numbers parameters and gradients are.
    pub draw: Draw,
    /// Which of that kind: parameters are those of seed 16·`seed`, the gradients of step t those
    /// of 16·`seed` + 1 + t.
    pub seed: u64,
}

/// Parameters and states after a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The parameters.
    pub params: Vec<f32>,
    /// Mean square, mean and velocity, each empty where the rule has none.
    pub states: [Vec<f32>; 3],
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
    /// Parameters and states after every step.
    pub expected: Vec<Course>,
}

impl Case {
    /// Draws the operands, and takes the steps by their definition.
    #[must_use]
    pub fn trial(self) -> Trial {
        let steps: Vec<Step> = self.setting.steps(&SCHEDULE).collect();
        let draw = |operand| self.draw.values(16 * self.seed + operand, self.length);
        let grads: Vec<_> = (1..).take(steps.len()).map(draw).collect();
        let params = draw(0);
        let mut now = Course { params: params.clone(), states: self.zeros() };
        let expected = steps.iter().zip(&grads).map(|(step, grads)| {
            step.apply(&mut now.params, now.states.each_mut().map(|state| &mut state[..]), grads);
            now.clone()
        });
        let expected = expected.collect();
        Trial { case: self, params, steps, grads, expected }
    }

    /// The states before the first step.
    fn zeros(&self) -> [Vec<f32>; 3] {
        self.setting.rule.has().map(|has| vec![0.0; if has { self.length } else { 0 }])
    }
}

impl Trial {
    /// Runs a kernel through the steps, on slices at the case's offsets between canaries.
    ///
    /// # Errors
    ///
    /// At the first step after which an element is not as expected, or was written outside a
    /// slice.
    pub fn run(&self, kernel: &mut impl Kernel, agreement: Agreement) -> Result<(), Failure> {
        let [places @ .., at_grads] = self.case.offsets;
        let [square, mean, velocity] = &self.case.zeros();
        let names = ["params", "square", "mean", "velocity"];
        let mut written = Written::new(names, [&self.params, square, mean, velocity], places);
        for ((step, grads), expected) in self.steps.iter().zip(&self.grads).zip(&self.expected) {
            let grads = Guarded::new(grads, at_grads);
            let [params, states @ ..] = written.values_mut();
            kernel.step(step, params, states, grads.values());
            let [square, mean, velocity] = &expected.states;
            let expected = [&expected.params[..], square, mean, velocity];
            written.hold((&self.case, step.index), expected, agreement)?;
        }
        Ok(())
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, length, offsets: [params, square, mean, velocity, grads], .. } = self;
        let Self { draw, seed, .. } = self;
        write!(
            f,
            "adaptive {setting}, length {length}, offsets {params} {square} {mean} {velocity} \
             {grads}, {draw} seed {seed}"
        )
    }
}
