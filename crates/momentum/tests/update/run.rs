//! A run from its configuration: the numbers of every step, and what comes of them.

use ravine_conformance::update::{self, Case, Gradient, Kernel, SCHEDULE};
use ravine_conformance::{Agreement, Extent};
use ravine_momentum::{Sgd, State};
use ravine_simd::{Level, Par};

use crate::kernel::numbers;
use crate::{THREADS, ours};

#[test]
fn every_form_takes_the_steps_of_the_table() {
    for setting in update::settings() {
        let sgd = ours::sgd(setting);
        let mut state = sgd.init(1).unwrap();
        for step in setting.steps(&SCHEDULE) {
            let rates = ours::rates(step.rates);
            let found = sgd.begin(&mut state, rates, ours::gradient(step.setting.gradient));
            assert_eq!(found, numbers(&step), "{setting}, step {}", step.index);
            assert_eq!(state.step_count(), step.index as u64 + 1, "{setting}");
            let product = state.beta_product();
            assert_eq!(product.to_bits(), step.momentum_product.to_bits(), "{setting}");
        }
    }
}

/// A run of its own, whose velocity is shown to the law after every step.
struct Run {
    level: Level,
    par: Par,
    state: Option<State>,
}

impl Run {
    /// The state, new where the law begins.
    fn state(&mut self, sgd: Sgd, first: bool, len: usize) -> &mut State {
        if first {
            self.state = None;
        }
        let Self { level, par, .. } = *self;
        self.state.get_or_insert_with(|| sgd.init_on(level, par, len).unwrap())
    }
}

impl Kernel for Run {
    fn step(&mut self, step: &update::Step, params: &mut [f32], velocity: &mut [f32], g: &[f32]) {
        let (sgd, rates) = (ours::sgd(step.setting), ours::rates(step.rates));
        let state = self.state(sgd, step.index == 0, params.len());
        sgd.step(state, rates, params, g);
        velocity.copy_from_slice(state.velocity());
    }
}

#[test]
fn a_run_gives_the_bits_of_the_formula_on_every_level_by_any_number_of_threads() {
    let as_is = |case: &Case| case.setting.gradient == Gradient::AsIs;
    let cases = update::cases(Extent::Quick).filter(|case| case.length == 47);
    for (case, threads) in cases.filter(as_is).zip(THREADS.into_iter().cycle()) {
        let trial = case.trial();
        for level in Level::available() {
            let par = Par::threads(threads);
            let kept = trial.run(&mut Run { level, par, state: None }, Agreement::Bits);
            assert_eq!(kept, Ok(()), "{level}, {threads} threads");
        }
    }
}
