//! Velocities, and averages of the parameters, that are kept in 16 bits.

use half::bf16;
use ravine::momentum::{Gradient, Precision, Rates, Rounding, Sgd, State, VectorEma};
use ravine_conformance::narrow::{self, Case, Kept, Kernel, Step};
use ravine_conformance::{Agreement, Extent};

use super::difference::Place;
use super::tally::{Results, Tally};
use super::tensors::{CUTS, cut};
use super::update::{gradient, rates, sgd};
use super::way::Way;

/// One tensor and many, the average a further output of the step; and a pass of its own.
const MANNERS: [&str; 3] = [CUTS[0], CUTS[1], "averaged apart"];

/// Ways of each case, times cases.
pub(super) fn count(extent: Extent) -> u64 {
    (narrow::cases(extent).count() * Way::all(&MANNERS).count()) as u64
}

/// Compares steps with their formula.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    tally.family("narrow");
    for case in narrow::cases(extent) {
        let trial = case.trial();
        tally.case(&place(&case), Way::all(&MANNERS), |way, results| {
            trial.run(&mut Ours { way, run: None, results }, Agreement::Bits)
        });
    }
}

/// A case as differences name it.
pub(super) fn place(case: &Case) -> Place<'_> {
    Place { case, length: case.length, offsets: &case.offsets }
}

/// The program's own steps, their numbers and states included.
struct Ours<'a> {
    way: &'a Way,
    run: Option<Box<dyn Run>>,
    results: &'a mut Results,
}

/// A run whose velocity and average are of any precision.
trait Run {
    /// Takes one step.
    fn step(&mut self, manner: &str, options: (Rates, Gradient), params: &mut [f32], grads: &[f32]);

    /// Writes velocity and average as `f32`.
    fn write(&self, velocity: &mut [f32], average: &mut [f32]);
}

struct Kind<V: Precision, A: Precision> {
    sgd: Sgd,
    state: State<V>,
    average: VectorEma<A>,
}

impl<V: Precision + Into<f32>, A: Precision + Into<f32>> Run for Kind<V, A> {
    fn step(
        &mut self,
        manner: &str,
        (rates, gradient): (Rates, Gradient),
        params: &mut [f32],
        grads: &[f32],
    ) {
        let Self { sgd, state, average } = self;
        let tensors = &mut cut(manner, params, grads);
        if manner == MANNERS[2] {
            sgd.step_tensors(state, rates, gradient, tensors);
            average.push(params);
        } else {
            sgd.step_averaged(state, rates, gradient, tensors, average);
        }
    }

    fn write(&self, velocity: &mut [f32], average: &mut [f32]) {
        widen(velocity, self.state.velocity());
        widen(average, self.average.value());
    }
}

fn widen<T: Copy + Into<f32>>(wide: &mut [f32], values: &[T]) {
    assert_eq!(wide.len(), values.len(), "a state is of another length");
    wide.iter_mut().zip(values).for_each(|(wide, &value)| *wide = value.into());
}

/// The run of a case before its first step; `average` is where its average begins.
fn begun(way: &Way, step: &Step, average: &[f32]) -> Box<dyn Run> {
    let (level, par) = way.on();
    let (sgd, len) = (sgd(step.setting.update), average.len());
    match rounding(step.setting.velocity) {
        None => with(way, step, average, sgd, sgd.init_on(level, par, len).expect("in range")),
        Some(rounding) => {
            let state = sgd.init_narrow(level, par, len, rounding).expect("in range");
            with(way, step, average, sgd, state)
        }
    }
}

fn with<V: Precision + Into<f32>>(
    way: &Way,
    step: &Step,
    average: &[f32],
    sgd: Sgd,
    state: State<V>,
) -> Box<dyn Run> {
    let ((level, par), decay) = (way.on(), step.setting.average_decay);
    match rounding(step.setting.average) {
        None => {
            let average = VectorEma::new(level, par, decay, average).expect("in range");
            Box::new(Kind { sgd, state, average })
        }
        Some(rounding) => {
            let average = VectorEma::narrow(level, par, decay, average, rounding);
            Box::new(Kind::<V, bf16> { sgd, state, average: average.expect("in range") })
        }
    }
}

/// None where nothing is rounded.
fn rounding(kept: Kept) -> Option<Rounding> {
    match kept {
        Kept::Wide => None,
        Kept::Nearest => Some(Rounding::Nearest),
        Kept::Stochastic { seed } => Some(Rounding::Stochastic { seed }),
    }
}

impl Kernel for Ours<'_> {
    fn step(
        &mut self,
        step: &Step,
        params: &mut [f32],
        velocity: &mut [f32],
        average: &mut [f32],
        grads: &[f32],
    ) {
        if step.index == 0 {
            self.run = Some(begun(self.way, step, average));
        }
        let run = self.run.as_mut().expect("the first step makes it");
        let options = (rates(step.update.rates), gradient(step.setting.update.gradient));
        run.step(self.way.manner(), options, params, grads);
        run.write(velocity, average);
        self.results.add(params);
        self.results.add(velocity);
        self.results.add(average);
    }
}
