//! Sums as arrays.

use ravine::data::npz::Entry;
use ravine_conformance::sum::{self, Case, Kernel, Terms, Trial};
use ravine_conformance::{Agreement, Extent, Failure};

use super::{Family, Replay};
use crate::verify::difference::Place;

pub(super) enum Sum {}

impl Family for Sum {
    const NAME: &'static str = "sum";
    const ANSWERS: &'static [(&'static str, &'static str)] = &[("sum", "<f8")];
    type Case = Case;
    type Trial = Trial;

    fn cases(extent: Extent) -> impl Iterator<Item = Case> {
        sum::cases(extent)
    }

    fn trial(case: Case, _: Option<Agreement>) -> Trial {
        case.trial()
    }

    fn place(case: &Case) -> Place<'_> {
        crate::verify::sum::place(case)
    }

    fn question(trials: &[Trial]) -> Vec<(&'static str, Entry)> {
        let terms = trials.iter().map(|trial| match trial.case.terms {
            Terms::Values => 0,
            Terms::Squares => 1,
            Terms::Products => 2,
        });
        let y = trials.iter().flat_map(|trial| {
            let mut y = trial.y.clone();
            // As long as x, so that both are found by the lengths.
            y.resize(trial.x.len(), 0.0);
            y
        });
        vec![
            ("lengths", Entry::integers(trials.iter().map(|trial| trial.case.length))),
            ("terms", Entry::integers(terms)),
            ("x", Entry::floats(trials.iter().flat_map(|trial| trial.x.clone()))),
            ("y", Entry::floats(y)),
        ]
    }

    fn numbers(_: &Trial) -> usize {
        1
    }

    fn hold(
        trial: &Trial,
        mut answer: Replay<'_, '_>,
        agreement: Option<Agreement>,
    ) -> Result<(), Failure> {
        trial.run(&mut answer, agreement.unwrap_or(Agreement::Bits))
    }
}

impl Kernel for Replay<'_, '_> {
    fn sum(&mut self, _: Terms, _: &[f32], _: &[f32]) -> f64 {
        let sum = self.answer.take(0, 1, f64::from_le_bytes);
        self.results.add(&sum);
        sum[0]
    }
}
