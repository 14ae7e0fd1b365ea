//! Products as arrays.

use ravine::data::npz::Entry;
use ravine_conformance::product::{self, Case, Kernel, Kind, Shape, Trial};
use ravine_conformance::{Agreement, Extent, Failure};

use super::{Family, Replay};
use crate::verify::difference::Place;

pub(super) enum Product {}

impl Family for Product {
    const NAME: &'static str = "product";
    const ANSWERS: &'static [(&'static str, &'static str)] = &[("c", "<f4")];
    type Case = Case;
    type Trial = Trial;

    fn cases(extent: Extent) -> impl Iterator<Item = Case> {
        product::cases(extent)
    }

    fn trial(case: Case, _: Option<Agreement>) -> Trial {
        case.trial()
    }

    fn place(case: &Case) -> Place<'_> {
        crate::verify::product::place(case)
    }

    fn question(trials: &[Trial]) -> Vec<(&'static str, Entry)> {
        let kinds = trials.iter().map(|trial| match trial.case.kind {
            Kind::Plain => 0,
            Kind::OverSamples => 1,
            Kind::ColumnSums => 2,
        });
        let shapes = trials.iter().flat_map(|trial| {
            let Shape { m, k, n } = trial.case.shape;
            [m, k, n]
        });
        let a = trials.iter().flat_map(|trial| {
            // Column sums are the product of a column of ones.
            let ones = if trial.case.kind == Kind::ColumnSums { trial.case.shape.k } else { 0 };
            [trial.a.clone(), vec![1.0; ones]].concat()
        });
        vec![
            ("shapes", Entry::integers(shapes).shaped(&[trials.len(), 3])),
            ("kinds", Entry::integers(kinds)),
            ("a", Entry::floats(a)),
            ("b", Entry::floats(trials.iter().flat_map(|trial| trial.b.clone()))),
        ]
    }

    fn numbers(trial: &Trial) -> usize {
        trial.expected.len()
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
    fn product(&mut self, _: Kind, _: Shape, c: &mut [f32], _: &[f32], _: &[f32]) {
        c.copy_from_slice(&self.answer.take(0, c.len(), f32::from_le_bytes));
        self.results.add(c);
    }
}
