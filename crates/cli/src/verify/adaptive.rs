//! Adam and RMSProp, with every decay and treatment of the gradient.

use ravine::momentum::{Adam, AdamState, Rates, RmsProp, RmsPropState};
use ravine_conformance::adaptive::{self, Case, Kernel, Rule, Setting, Step};
use ravine_conformance::{Agreement, Extent};

use super::difference::Place;
use super::tally::{Results, Tally};
use super::tensors::{CUTS, cut};
use super::update::{gradient, weight_decay};
use super::way::Way;

/// Ways of each case, times cases.
pub(super) fn count(extent: Extent) -> u64 {
    (adaptive::cases(extent).count() * Way::all(&CUTS).count()) as u64
}

/// Compares steps with their formula.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    tally.family("adaptive");
    for case in adaptive::cases(extent) {
        let trial = case.trial();
        tally.case(&place(&case), Way::all(&CUTS), |way, results| {
            trial.run(&mut Ours { way, rule: None, results }, Agreement::Bits)
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
    rule: Option<Running>,
    results: &'a mut Results,
}

/// A rule with the states of its run.
enum Running {
    Adam(Adam, AdamState),
    RmsProp(RmsProp, RmsPropState),
}

impl Running {
    /// The rule before its first step on `len` parameters.
    fn new(way: &Way, setting: Setting, len: usize) -> Self {
        let (level, par) = way.on();
        let weight_decay = weight_decay(setting.decay);
        match setting.rule {
            Rule::Adam { square_decay, epsilon } => {
                let adam = Adam { square_decay, epsilon, weight_decay };
                Self::Adam(adam, adam.init_on(level, par, len).expect("in range"))
            }
            Rule::RmsProp { square_decay, epsilon, centered, momentum } => {
                let rule = RmsProp { square_decay, epsilon, centered, momentum, weight_decay };
                Self::RmsProp(rule, rule.init_on(level, par, len).expect("in range"))
            }
        }
    }

    /// Mean square, mean and velocity.
    fn states(&self) -> [&[f32]; 3] {
        match self {
            Self::Adam(_, state) => [state.square(), state.mean(), &[]],
            Self::RmsProp(_, state) => [state.square(), state.mean(), state.velocity()],
        }
    }
}

impl Kernel for Ours<'_> {
    fn step(&mut self, step: &Step, params: &mut [f32], states: [&mut [f32]; 3], grads: &[f32]) {
        if step.index == 0 {
            self.rule = Some(Running::new(self.way, step.setting, params.len()));
        }
        let rule = self.rule.as_mut().expect("the first step makes it");
        let adaptive::Rates { lr, momentum } = step.rates;
        let rates = Rates::new(lr, momentum).expect("in range");
        let gradient = gradient(step.setting.gradient);
        let tensors = &mut cut(self.way.manner(), params, grads);
        match rule {
            Running::Adam(adam, state) => adam.step_tensors(state, rates, gradient, tensors),
            Running::RmsProp(rule, state) => rule.step_tensors(state, rates, gradient, tensors),
        }
        self.results.add(params);
        for (state, found) in states.into_iter().zip(rule.states()) {
            state.copy_from_slice(found);
            self.results.add(state);
        }
    }
}
