//! One step by its definition, one element at a time.

use std::fmt;

use super::Kept;
use crate::update::{self, Rates};
use crate::{flushed, round};

/// All options of a step that do not change from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Setting {
    /// The step itself.
    pub update: update::Setting,
    /// How its velocity is kept; [`Kept::Wide`] where the form has none.
    pub velocity: Kept,
    /// How the average of the parameters is kept.
    pub average: Kept,
    /// The decay β of the average.
    pub average_decay: f64,
}

/// One step with all its numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Steps taken before.
    pub index: usize,
    /// The options of the case.
    pub setting: Setting,
    /// What moves the parameters.
    pub update: update::Step,
    /// What the average keeps, and what it takes of the new parameters, rounded.
    pub shares: [f32; 2],
}

impl Setting {
    /// The steps of a schedule.
    pub fn steps(self, schedule: &[Rates]) -> impl Iterator<Item = Step> {
        let shares = [round(self.average_decay), round(1.0 - self.average_decay)];
        let steps = self.update.steps(schedule);
        steps.map(move |update| Step { index: update.index, setting: self, update, shares })
    }
}

impl Step {
    /// Takes the step by its definition.
    ///
    /// # Panics
    ///
    /// If the slices differ in length; `velocity` is empty where the form has none.
    pub fn apply(
        &self,
        params: &mut [f32],
        velocity: &mut [f32],
        average: &mut [f32],
        grads: &[f32],
    ) {
        assert_eq!(params.len(), average.len(), "the average is of another length");
        let count = self.index as u64 + 1;
        self.update.apply(params, velocity, grads);
        for (i, v) in velocity.iter_mut().enumerate() {
            *v = self.setting.velocity.round(count, i, *v);
        }
        let [keep, take] = self.shares;
        for (i, (m, w)) in average.iter_mut().zip(params).enumerate() {
            *m = self.setting.average.round(count, i, flushed(keep * *m + take * *w));
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { update, velocity, average, .. } = self;
        write!(f, "{update}, velocity {velocity}, average {average}")
    }
}
