//! Updates as arrays.

use ravine::data::npz::Entry;
use ravine_conformance::update::{self, Case, Decay, Gradient, Kernel, Motion, Step, Trial};
use ravine_conformance::{Agreement, Extent, Failure};

use super::{Family, Replay, steps};
use crate::verify::difference::Place;

pub(super) enum Update {}

impl Family for Update {
    const NAME: &'static str = "update";
    const ANSWERS: &'static [(&'static str, &'static str)] =
        &[("params", "<f4"), ("velocity", "<f4")];
    type Case = Case;
    type Trial = Trial;

    fn cases(extent: Extent) -> impl Iterator<Item = Case> {
        update::cases(extent)
    }

    fn trial(case: Case, _: Option<Agreement>) -> Trial {
        case.trial()
    }

    fn place(case: &Case) -> Place<'_> {
        crate::verify::update::place(case)
    }

    fn question(trials: &[Trial]) -> Vec<(&'static str, Entry)> {
        let cases = trials.iter().map(|trial| (&trial.params[..], &trial.grads[..]));
        let rows = trials.iter().flat_map(|trial| &trial.steps).map(row);
        steps::question(cases, rows)
    }

    fn numbers(trial: &Trial) -> usize {
        trial.steps.len() * trial.params.len()
    }

    fn hold(
        trial: &Trial,
        mut answer: Replay<'_, '_>,
        agreement: Option<Agreement>,
    ) -> Result<(), Failure> {
        trial.run(&mut answer, agreement.unwrap_or(Agreement::Bits))
    }
}

/// The options of a step, and its numbers s, e, a, b, c, d.
pub(super) fn row(step: &Step) -> ([usize; 3], [f32; 6]) {
    let ([gradient, decay], [s, e]) = treatment(step.setting.gradient, step.decay);
    let (motion, [a, b, c, d]) = match step.motion {
        Motion::Plain { lr } => (0, [0.0, 0.0, lr, 0.0]),
        Motion::Momentum { a, b, c, d: None } => (1, [a, b, c, 0.0]),
        Motion::Momentum { a, b, c, d: Some(d) } => (2, [a, b, c, d]),
    };
    ([gradient, decay, motion], [s, e, a, b, c, d])
}

/// What is done to gradient and parameters, and its numbers s and e.
pub(super) fn treatment(gradient: Gradient, decay: Decay<f32>) -> ([usize; 2], [f32; 2]) {
    let (gradient, s) = match gradient {
        Gradient::AsIs => (0, 1.0),
        Gradient::Scaled(s) => (1, s),
        Gradient::Clamped(limit) => (2, limit),
        Gradient::FiniteScaled(s) => (3, s),
        Gradient::FiniteClamped(limit) => (4, limit),
    };
    let (decay, e) = match decay {
        Decay::None => (0, 0.0),
        Decay::Coupled(e) => (1, e),
        Decay::Decoupled(e) => (2, e),
    };
    ([gradient, decay], [s, e])
}

impl Kernel for Replay<'_, '_> {
    fn step(&mut self, _: &Step, params: &mut [f32], velocity: &mut [f32], _: &[f32]) {
        let len = params.len();
        for (array, slice) in [params, velocity].into_iter().enumerate() {
            self.write(array, len, slice);
        }
    }
}
