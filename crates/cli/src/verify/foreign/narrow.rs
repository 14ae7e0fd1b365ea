//! Steps of momentum and of an average, kept in 16 bits, as arrays.

use ravine::data::npz::Entry;
use ravine_conformance::narrow::{self, Case, Kept, Kernel, Setting, Step, Trial};
use ravine_conformance::{Agreement, Extent, Failure};

use super::{Family, Replay, steps, update};
use crate::verify::difference::Place;

pub(super) enum Narrow {}

impl Family for Narrow {
    const NAME: &'static str = "narrow";
    const ANSWERS: &'static [(&'static str, &'static str)] =
        &[("params", "<f4"), ("velocity", "<f4"), ("average", "<f4")];
    type Case = Case;
    type Trial = Trial;

    fn cases(extent: Extent) -> impl Iterator<Item = Case> {
        narrow::cases(extent)
    }

    fn trial(case: Case, _: Option<Agreement>) -> Trial {
        case.trial()
    }

    fn place(case: &Case) -> Place<'_> {
        crate::verify::narrow::place(case)
    }

    fn question(trials: &[Trial]) -> Vec<(&'static str, Entry)> {
        let cases = trials.iter().map(|trial| (&trial.start.params[..], &trial.grads[..]));
        let rows = trials.iter().flat_map(|trial| &trial.steps).map(row);
        let kept = trials.iter().flat_map(|trial| {
            let Setting { velocity, average, .. } = trial.case.setting;
            [kept(velocity), kept(average)]
        });
        let (kept, seeds): (Vec<_>, Vec<_>) = kept.unzip();
        let mut question = steps::question(cases, rows);
        question.push(("kept", Entry::integers(kept).shaped(&[trials.len(), 2])));
        question.push(("seeds", Entry::integers(seeds.concat()).shaped(&[trials.len(), 2, 2])));
        question
    }

    fn numbers(trial: &Trial) -> usize {
        trial.steps.len() * trial.start.params.len()
    }

    fn hold(
        trial: &Trial,
        mut answer: Replay<'_, '_>,
        agreement: Option<Agreement>,
    ) -> Result<(), Failure> {
        trial.run(&mut answer, agreement.unwrap_or(Agreement::Bits))
    }
}

/// The options of a step, and its numbers s, e, a, b, c, d and those of the average.
fn row(step: &Step) -> ([usize; 3], [f32; 8]) {
    let (options, [s, e, a, b, c, d]) = update::row(&step.update);
    let [keep, take] = step.shares;
    (options, [s, e, a, b, c, d, keep, take])
}

/// How numbers are kept, and both halves of the seed, the lower one first.
fn kept(kept: Kept) -> (usize, [usize; 2]) {
    match kept {
        Kept::Wide => (0, [0; 2]),
        Kept::Nearest => (1, [0; 2]),
        Kept::Stochastic { seed } => {
            let half = |bits: u64| usize::try_from(bits).expect("a half of a seed is an index");
            (2, [half(seed & 0xffff_ffff), half(seed >> 32)])
        }
    }
}

impl Kernel for Replay<'_, '_> {
    fn step(
        &mut self,
        _: &Step,
        params: &mut [f32],
        velocity: &mut [f32],
        average: &mut [f32],
        _: &[f32],
    ) {
        let len = params.len();
        for (array, slice) in [params, velocity, average].into_iter().enumerate() {
            self.write(array, len, slice);
        }
    }
}
