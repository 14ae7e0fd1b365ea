//! Adam and RMSProp on every level, by any number of threads, over slices that start anywhere.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravine_conformance::adaptive::{self, Case, Kernel, Rule, Setting, Step};
use ravine_conformance::{Agreement, Draw, Extent, compare};
use ravine_momentum::{
    Adam, AdamState, Gradient, Rates, RmsProp, RmsPropState, Tensor, VectorEma, WeightDecay,
};
use ravine_simd::{Buffer, Level, Par};

use crate::guard::cut;
use crate::{SHARED, THREADS, ours};

/// Lengths of tensors, again and again.
const CUT: &[usize] = &[50_001, 300, 0, 17];

/// A run of its own, whose states are shown to the law after every step.
struct Run {
    level: Level,
    par: Par,
    rule: Option<Running>,
}

enum Running {
    Adam(Adam, AdamState),
    RmsProp(RmsProp, RmsPropState),
}

fn begun(level: Level, par: Par, setting: Setting, len: usize) -> Running {
    let weight_decay = ours::weight_decay(setting.decay);
    match setting.rule {
        Rule::Adam { square_decay, epsilon } => {
            let adam = Adam { square_decay, epsilon, weight_decay };
            Running::Adam(adam, adam.init_on(level, par, len).unwrap())
        }
        Rule::RmsProp { square_decay, epsilon, centered, momentum } => {
            let rule = RmsProp { square_decay, epsilon, centered, momentum, weight_decay };
            Running::RmsProp(rule, rule.init_on(level, par, len).unwrap())
        }
    }
}

impl Kernel for Run {
    fn step(&mut self, step: &Step, params: &mut [f32], states: [&mut [f32]; 3], grads: &[f32]) {
        let Self { level, par, ref mut rule } = *self;
        if step.index == 0 {
            *rule = Some(begun(level, par, step.setting, params.len()));
        }
        let rates = Rates::new(step.rates.lr, step.rates.momentum).unwrap();
        let gradient = ours::gradient(step.setting.gradient);
        let tensors = &mut cut(params, grads, CUT);
        let found = match rule.as_mut().unwrap() {
            Running::Adam(adam, state) => {
                adam.step_tensors(state, rates, gradient, tensors);
                [state.square(), state.mean(), &[]]
            }
            Running::RmsProp(rule, state) => {
                rule.step_tensors(state, rates, gradient, tensors);
                [state.square(), state.mean(), state.velocity()]
            }
        };
        states.into_iter().zip(found).for_each(|(state, found)| state.copy_from_slice(found));
    }
}

#[test]
fn every_rule_gives_the_bits_of_the_law_on_every_level() {
    // Threads change nothing here but the way to the loop, so each case takes one number of them.
    let cases = adaptive::cases(Extent::Quick).filter(|case| case.length < SHARED);
    for (trial, threads) in cases.map(Case::trial).zip(THREADS.into_iter().cycle()) {
        for level in Level::available() {
            let run = &mut Run { level, par: Par::threads(threads), rule: None };
            assert_eq!(trial.run(run, Agreement::Bits), Ok(()), "{level}, {threads} threads");
        }
    }
}

#[test]
fn threads_change_no_bit_of_any_rule() {
    let mut n_trials = 0;
    for trial in
        adaptive::cases(Extent::Quick).filter(|case| SHARED <= case.length).map(Case::trial)
    {
        n_trials += 1;
        for level in Level::available() {
            for threads in THREADS {
                let run = &mut Run { level, par: Par::threads(threads), rule: None };
                assert_eq!(trial.run(run, Agreement::Bits), Ok(()), "{level}, {threads} threads");
            }
        }
    }
    assert_eq!(n_trials, 5, "cases that are worth a second thread");
}

#[test]
fn an_average_of_the_weights_is_a_further_output_of_every_rule() {
    let rates = Rates::new(0.03, 0.85).unwrap();
    for len in [1, 40, 333] {
        let start = Draw::Ordinary.values(1, len);
        let holds =
            |name: &str, step: &mut dyn FnMut(&mut [Tensor<'_>], Option<&mut VectorEma>)| {
                let average = || VectorEma::new(Level::detect(), Par::Seq, 0.75, &start).unwrap();
                let [mut wanted, mut found] =
                    [(start.clone(), average()), (start.clone(), average())];
                for t in 0..2 {
                    let grads = Draw::Ordinary.values(10 + t, len);
                    step(&mut cut(&mut wanted.0, &grads, CUT), None);
                    wanted.1.push(&wanted.0);
                    step(&mut cut(&mut found.0, &grads, CUT), Some(&mut found.1));
                }
                let agrees = |a: &[f32], b: &[f32]| compare(a, b, Agreement::Bits);
                assert_eq!(agrees(&wanted.0, &found.0), Ok(()), "params, {name}, {len}");
                assert_eq!(
                    agrees(wanted.1.value(), found.1.value()),
                    Ok(()),
                    "average, {name}, {len}"
                );
            };
        let gradient = Gradient::Scaled(0.5);
        let adam = Adam::default();
        let [mut apart, mut within] = [(); 2].map(|()| adam.init(len).unwrap());
        holds("adam", &mut |tensors, average| match average {
            None => adam.step_tensors(&mut apart, rates, gradient, tensors),
            Some(average) => adam.step_averaged(&mut within, rates, gradient, tensors, average),
        });
        for whole in [false, true] {
            let rule = RmsProp { centered: whole, momentum: whole, ..RmsProp::default() };
            let [mut apart, mut within] = [(); 2].map(|()| rule.init(len).unwrap());
            holds("rmsprop", &mut |tensors, average| match average {
                None => rule.step_tensors(&mut apart, rates, gradient, tensors),
                Some(average) => rule.step_averaged(&mut within, rates, gradient, tensors, average),
            });
        }
    }
}

#[test]
fn a_state_of_another_length_or_rule_is_refused_before_anything_is_written() {
    let (rates, grads) = (Rates::new(0.03, 0.85).unwrap(), [1.0; 40]);
    let refused = |name: &str, step: &mut dyn FnMut(&mut [f32])| {
        let mut params = [1.0; 40];
        assert!(catch_unwind(AssertUnwindSafe(|| step(&mut params))).is_err(), "{name}");
        assert_eq!(compare(&[1.0; 40], &params, Agreement::Bits), Ok(()), "{name}");
    };
    let adam = Adam::default();
    for len in [0, 39, 41] {
        let mut state = adam.init(len).unwrap();
        refused("adam", &mut |params| adam.step(&mut state, rates, params, &grads));
        assert_eq!(state.step_count(), 0);
    }
    let plain = RmsProp::default();
    let centered = RmsProp { centered: true, ..plain };
    let heavy = RmsProp { momentum: true, ..plain };
    for (of, by, len) in [
        (plain, plain, 39),
        (plain, centered, 40),
        (plain, heavy, 40),
        (centered, plain, 40),
        (heavy, plain, 40),
    ] {
        let mut state = of.init(len).unwrap();
        let name = format!("{by:?} with a state of {of:?}");
        refused(&name, &mut |params| by.step(&mut state, rates, params, &grads));
    }
}

#[test]
fn a_state_goes_on_from_its_parts() {
    let adam = Adam::default();
    let rates = Rates::new(0.03, 0.85).unwrap();
    let (start, grads) = (Draw::Ordinary.values(1, 50), Draw::Ordinary.values(2, 50));
    let (mut whole, mut params) = (start.clone(), start);
    let mut state = adam.init(50).unwrap();
    adam.step(&mut state, rates, &mut whole, &grads);
    adam.step(&mut state, rates, &mut whole, &grads);
    let mut state = adam.init(50).unwrap();
    adam.step(&mut state, rates, &mut params, &grads);
    let averages = [state.mean(), state.square()].map(Buffer::from);
    let (count, products) = (state.step_count(), state.products());
    let mut state =
        AdamState::from_parts(Level::scalar(), Par::Seq, count, products, averages).unwrap();
    adam.step(&mut state, rates, &mut params, &grads);
    assert_eq!(state.step_count(), 2);
    assert_eq!(compare(&whole, &params, Agreement::Bits), Ok(()));
}

#[test]
fn numbers_outside_their_ranges_are_refused() {
    for bad in [-0.1, 1.0, f64::NAN] {
        assert!(Adam { square_decay: bad, ..Adam::default() }.init(1).is_err(), "{bad}");
        assert!(RmsProp { square_decay: bad, ..RmsProp::default() }.init(1).is_err(), "{bad}");
    }
    for bad in [0.0, -1.0, 1e-60, 1e60, f64::NAN] {
        assert!(Adam { epsilon: bad, ..Adam::default() }.init(1).is_err(), "{bad}");
        assert!(RmsProp { epsilon: bad, ..RmsProp::default() }.init(1).is_err(), "{bad}");
    }
    // Positive, but its share of the first step is not.
    assert!(Adam { epsilon: 1e-44, ..Adam::default() }.init(1).is_err());
    assert!(RmsProp { epsilon: 1e-44, ..RmsProp::default() }.init(1).is_ok());
    let parts = || [Buffer::zeroed(1), Buffer::zeroed(1)];
    for (count, products) in [(u64::MAX, [0.5; 2]), (1, [1.5, 0.5]), (1, [0.5, f64::NAN])] {
        let state = AdamState::from_parts(Level::scalar(), Par::Seq, count, products, parts());
        assert!(state.is_err(), "{count} steps, {products:?}");
    }
    let weight_decay = WeightDecay::Coupled(-1.0);
    assert!(Adam { weight_decay, ..Adam::default() }.init(1).is_err());
    assert!(RmsProp { weight_decay, ..RmsProp::default() }.init(1).is_err());
}
