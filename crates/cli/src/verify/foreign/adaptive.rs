//! Steps of Adam and RMSProp as arrays.

use ravine::data::npz::Entry;
use ravine_conformance::adaptive::{self, Case, Kernel, Numbers, Rule, Step, Trial};
use ravine_conformance::{Agreement, Extent, Failure};

use super::update::treatment;
use super::{Family, Replay, steps};
use crate::verify::difference::Place;

pub(super) enum Adaptive {}

impl Family for Adaptive {
    const NAME: &'static str = "adaptive";
    const ANSWERS: &'static [(&'static str, &'static str)] =
        &[("params", "<f4"), ("square", "<f4"), ("mean", "<f4"), ("velocity", "<f4")];
    type Case = Case;
    type Trial = Trial;

    fn cases(extent: Extent) -> impl Iterator<Item = Case> {
        adaptive::cases(extent)
    }

    fn trial(case: Case, _: Option<Agreement>) -> Trial {
        case.trial()
    }

    fn place(case: &Case) -> Place<'_> {
        crate::verify::adaptive::place(case)
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

/// The options of a step, and its numbers s, e, square, mean, momentum, c, ε.
fn row(step: &Step) -> ([usize; 3], [f32; 9]) {
    let ([gradient, decay], [s, e]) = treatment(step.setting.gradient, step.decay);
    let rule = match step.setting.rule {
        Rule::Adam { .. } => 0,
        Rule::RmsProp { centered, momentum, .. } => {
            1 + usize::from(momentum) + 2 * usize::from(centered)
        }
    };
    let Numbers { square: [keep, take], mean: [keep_mean, take_mean], momentum, c, epsilon } =
        step.numbers;
    ([gradient, decay, rule], [s, e, keep, take, keep_mean, take_mean, momentum, c, epsilon])
}

impl Kernel for Replay<'_, '_> {
    fn step(&mut self, _: &Step, params: &mut [f32], states: [&mut [f32]; 3], _: &[f32]) {
        let [square, mean, velocity] = states;
        let len = params.len();
        for (array, slice) in [params, square, mean, velocity].into_iter().enumerate() {
            self.write(array, len, slice);
        }
    }
}
