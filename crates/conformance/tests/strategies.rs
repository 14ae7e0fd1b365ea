//! Strategies reach every kind of case, stay in range, and find broken kernels.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestError, TestRunner};
use ravine_conformance::update::{Decay, Form, Kernel, Step};
use ravine_conformance::{Agreement, Draw, strategies};

/// So many values of a strategy, always the same.
fn drawn<S: Strategy>(strategy: S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn floats_are_of_every_kind() {
    let floats = drawn(strategies::float(), 2000);
    let has = |kind: fn(&f32) -> bool| floats.iter().any(kind);
    assert!(has(|x| x.is_nan()) && has(|x| x.is_infinite()) && has(|x| x.is_subnormal()));
    assert!(has(|x| x.to_bits() == 0) && has(|x| x.to_bits() == 1 << 31) && has(|x| *x < 0.0));
    assert!(drawn(strategies::moderate(), 500).iter().all(|x| (0.0625..16.0).contains(&x.abs())));
}

#[test]
fn lengths_and_shapes_stay_in_range_and_reach_edges() {
    let lengths = drawn(strategies::length(100), 1000);
    assert!(lengths.iter().all(|length| *length <= 100));
    assert!([0, 15, 16, 17, 95, 96, 97].iter().all(|edge| lengths.contains(edge)));
    assert!(drawn(strategies::vector(40), 200).iter().all(|vector| vector.len() <= 40));
    let products = drawn(strategies::product(20), 300);
    assert!(products.iter().all(|case| case.shape.m.max(case.shape.k).max(case.shape.n) <= 20));
    assert!(products.iter().any(|case| case.draw == Draw::Hostile && case.shape.k == 0));
    assert!(drawn(strategies::sum(50), 100).iter().any(|case| case.length == 0));
}

#[test]
fn settings_are_defined_and_of_every_form() {
    let settings = drawn(strategies::setting(), 1000);
    assert!(settings.iter().all(|s| !s.nesterov || s.form.can_look_ahead()));
    for form in [Form::Plain, Form::Classic, Form::Sutskever, Form::Ema, Form::EmaUnbiased] {
        let of = || settings.iter().filter(|s| s.form == form);
        assert_eq!(of().any(|s| s.nesterov), form.can_look_ahead());
        assert!(of().any(|s| matches!(s.decay, Decay::Decoupled(_))));
    }
    for schedule in drawn(strategies::schedule(5), 100) {
        assert_eq!(schedule.len(), 5);
        assert!(
            schedule
                .windows(2)
                .all(|pair| pair[0].next_momentum.to_bits() == pair[1].momentum.to_bits())
        );
        assert!(schedule.iter().all(|rates| (0.0..1.0).contains(&rates.momentum)));
    }
}

/// Leaves out what is beyond the last 32 elements.
struct Short;

impl Kernel for Short {
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        let whole = grads.len().min(32);
        let velocity = velocity.get_mut(..whole).unwrap_or_default();
        step.apply(&mut params[..whole], velocity, &grads[..whole]);
    }
}

#[test]
fn a_broken_kernel_is_found_and_shrinks_to_its_first_length() {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let found = runner.run(&strategies::update(400), |case| {
        let held = case.trial().run(&mut Short, Agreement::Bits);
        held.map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    let Err(TestError::Fail(_, case)) = found else { panic!("{found:?}") };
    assert_eq!((case.length, case.setting.form), (33, Form::Plain));
}
