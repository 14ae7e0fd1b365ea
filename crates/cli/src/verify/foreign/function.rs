//! Functions as arrays.

use ravine::data::npz::Entry;
use ravine_conformance::function::{self, Case, Kernel, Trial};
use ravine_conformance::{Agreement, Extent, Failure};

use super::{Family, Replay};
use crate::verify::difference::Place;

pub(super) enum Function {}

impl Family for Function {
    const NAME: &'static str = "function";
    const ANSWERS: &'static [(&'static str, &'static str)] = &[("y", "<f4")];
    type Case = Case;
    type Trial = Trial;

    fn cases(extent: Extent) -> impl Iterator<Item = Case> {
        function::cases(extent)
    }

    /// Bits are those of this program's scalar level, whatever else keeps the law.
    fn trial(case: Case, agreement: Option<Agreement>) -> Trial {
        match agreement {
            Some(Agreement::Bits) => crate::verify::function::scalar(case).0,
            _ => case.trial(),
        }
    }

    fn place(case: &Case) -> Place<'_> {
        crate::verify::function::place(case)
    }

    fn question(trials: &[Trial]) -> Vec<(&'static str, Entry)> {
        let functions = trials.iter().map(|trial| {
            let all = function::Function::ALL;
            all.iter().position(|known| *known == trial.case.function).expect("it is one of all")
        });
        vec![
            ("lengths", Entry::integers(trials.iter().map(|trial| trial.case.length))),
            ("functions", Entry::integers(functions)),
            ("x", Entry::floats(trials.iter().flat_map(|trial| trial.x.clone()))),
            ("dy", Entry::floats(trials.iter().flat_map(|trial| trial.y.clone()))),
        ]
    }

    fn numbers(trial: &Trial) -> usize {
        trial.x.len()
    }

    fn hold(
        trial: &Trial,
        mut answer: Replay<'_, '_>,
        agreement: Option<Agreement>,
    ) -> Result<(), Failure> {
        let agreement = agreement.unwrap_or(trial.case.function.agreement());
        trial.run(&mut answer, agreement)
    }
}

impl Kernel for Replay<'_, '_> {
    fn map(&mut self, _: function::Function, y: &mut [f32], _: &[f32]) {
        y.copy_from_slice(&self.answer.take(0, y.len(), f32::from_le_bytes));
        self.results.add(y);
    }
}
