//! A case of steps, with its operands and what comes of them.

use std::fmt;

use super::{Kept, Kernel, Setting, Step};
use crate::update::SCHEDULE;
use crate::written::Written;
use crate::{Agreement, Draw, Failure, Guarded};

/// A few steps on some parameters, as data: everything follows from these numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// The step, and how what it writes is kept.
    pub setting: Setting,
    /// Number of parameters.
    pub length: usize,
    /// Where parameters, velocity, average and gradients lie past a cache line, in elements.
    pub offsets: [usize; 4],
    /// What kind of numbers parameters and gradients are.
    pub draw: Draw,
    /// Which of that kind: parameters are those of seed 16·`seed`, the gradients of step t those
    /// of 16·`seed` + 1 + t.
    pub seed: u64,
}

/// Parameters, velocity and average after a step, or before the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The parameters.
    pub params: Vec<f32>,
    /// The velocity; empty where the form has none.
    pub velocity: Vec<f32>,
    /// The average of the parameters.
    pub average: Vec<f32>,
}

/// A case with its operands, and what comes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The case.
    pub case: Case,
    /// What the first step finds.
    pub start: Course,
    /// The numbers of every step.
    pub steps: Vec<Step>,
    /// The gradients of every step.
    pub grads: Vec<Vec<f32>>,
    /// What every step leaves.
    pub expected: Vec<Course>,
}

impl Case {
    /// Draws the operands, and takes the steps by their definition.
    #[must_use]
    pub fn trial(self) -> Trial {
        let steps: Vec<Step> = self.setting.steps(&SCHEDULE).collect();
        let draw = |operand| self.draw.values(16 * self.seed + operand, self.length);
        let grads: Vec<_> = (1..).take(steps.len()).map(draw).collect();
        let start = self.start(draw(0));
        let mut now = start.clone();
        let expected = steps.iter().zip(&grads).map(|(step, grads)| {
            step.apply(&mut now.params, &mut now.velocity, &mut now.average, grads);
            now.clone()
        });
        let expected = expected.collect();
        Trial { case: self, start, steps, grads, expected }
    }

    /// A velocity of zeros, and an average of the parameters, narrow ones at the nearest.
    fn start(&self, params: Vec<f32>) -> Course {
        let Setting { update, average, .. } = self.setting;
        let velocity = vec![0.0; if update.form.has_velocity() { params.len() } else { 0 }];
        let kept = |&w: &f32| match average {
            Kept::Wide => w,
            Kept::Nearest | Kept::Stochastic { .. } => Kept::Nearest.round(0, 0, w),
        };
        let average = params.iter().map(kept).collect();
        Course { params, velocity, average }
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
        let names = ["params", "velocity", "average"];
        let mut written = Written::new(names, self.start.slices(), places);
        for ((step, grads), expected) in self.steps.iter().zip(&self.grads).zip(&self.expected) {
            let grads = Guarded::new(grads, at_grads);
            let [params, velocity, average] = written.values_mut();
            kernel.step(step, params, velocity, average, grads.values());
            written.hold((&self.case, step.index), expected.slices(), agreement)?;
        }
        Ok(())
    }
}

impl Course {
    fn slices(&self) -> [&[f32]; 3] {
        [&self.params, &self.velocity, &self.average]
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, length, offsets: [params, velocity, average, grads], .. } = self;
        let Self { draw, seed, .. } = self;
        write!(
            f,
            "narrow {setting}, length {length}, offsets {params} {velocity} {average} {grads}, \
             {draw} seed {seed}"
        )
    }
}
