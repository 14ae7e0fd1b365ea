//! Strategies reach every kind of case, stay in range, and find broken kernels.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestError, TestRunner};
use ravine_conformance::adaptive::{self, Rule};
use ravine_conformance::function::{self, Function};
use ravine_conformance::narrow::{self, Kept};
use ravine_conformance::update::{self, Decay, Form, Gradient};
use ravine_conformance::{Agreement, Draw, Failure, strategies};

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

#[test]
fn every_rule_every_way_to_keep_and_every_function_is_drawn() {
    let adaptive = drawn(strategies::adaptive(50), 1000);
    for has in [[true, true, false], [true, false, false], [true, false, true], [true; 3]] {
        let of = || adaptive.iter().filter(|case| case.setting.rule.has() == has);
        assert!(of().any(|case| matches!(case.setting.decay, Decay::Coupled(_))), "{has:?}");
        let finite = |case: &adaptive::Case| {
            matches!(case.setting.gradient, Gradient::FiniteScaled(_) | Gradient::FiniteClamped(_))
        };
        assert!(of().any(finite) && !of().all(finite), "{has:?}");
    }
    assert!(adaptive.iter().all(|case| case.length <= 50));

    let narrow = drawn(strategies::narrow(50), 1000);
    let without = |case: &&narrow::Case| !case.setting.update.form.has_velocity();
    assert!(narrow.iter().filter(without).all(|case| case.setting.velocity == Kept::Wide));
    let is = |kept: Kept, way: usize| match kept {
        Kept::Wide => way == 0,
        Kept::Nearest => way == 1,
        Kept::Stochastic { .. } => way == 2,
    };
    for (velocity, average) in (0..9).map(|ways| (ways / 3, ways % 3)) {
        let kept = |case: &narrow::Case| {
            is(case.setting.velocity, velocity) && is(case.setting.average, average)
        };
        assert!(narrow.iter().any(kept), "{velocity}, {average}");
    }

    let functions = drawn(strategies::function(50), 500);
    for function in Function::ALL {
        assert!(functions.iter().any(|case| case.function == function), "{function}");
    }
}

/// The simplest case of a strategy that fails.
#[track_caller]
fn simplest<S: Strategy>(strategy: S, run: impl Fn(S::Value) -> Result<(), Failure>) -> S::Value {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let found = runner.run(&strategy, |case| {
        run(case).map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    match found {
        Err(TestError::Fail(_, case)) => case,
        other => panic!("{other:?}"),
    }
}

/// Leaves out what is beyond the last 32 elements.
struct Short;

impl update::Kernel for Short {
    fn step(
        &mut self,
        step: &update::Step,
        params: &mut [f32],
        velocity: &mut [f32],
        grads: &[f32],
    ) {
        let whole = grads.len().min(32);
        let velocity = velocity.get_mut(..whole).unwrap_or_default();
        step.apply(&mut params[..whole], velocity, &grads[..whole]);
    }
}

#[test]
fn a_broken_update_is_found_and_shrinks_to_its_first_length() {
    let case =
        simplest(strategies::update(400), |case| case.trial().run(&mut Short, Agreement::Bits));
    assert_eq!((case.length, case.setting.form), (33, Form::Plain));
}

/// Takes RMSProp's mean for none.
struct Uncentered;

impl adaptive::Kernel for Uncentered {
    fn step(
        &mut self,
        step: &adaptive::Step,
        params: &mut [f32],
        states: [&mut [f32]; 3],
        grads: &[f32],
    ) {
        let mut step = *step;
        let [square, mean, velocity] = states;
        if let Rule::RmsProp { centered, .. } = &mut step.setting.rule {
            *centered = false;
            mean.fill(0.0);
            return step.apply(params, [square, &mut [], velocity], grads);
        }
        step.apply(params, [square, mean, velocity], grads);
    }
}

#[test]
fn a_broken_adaptive_step_is_found_and_shrinks_to_what_it_breaks() {
    let case = simplest(strategies::adaptive(400), |case| {
        case.trial().run(&mut Uncentered, Agreement::Bits)
    });
    let Rule::RmsProp { centered: true, momentum: false, .. } = case.setting.rule else {
        panic!("{case}")
    };
    assert_eq!((case.length, case.setting.decay), (1, Decay::None));
    assert_eq!(case.setting.gradient, Gradient::AsIs);
}

/// Cuts off the lower bits of an average that is to be rounded to the nearest.
struct Cut;

impl narrow::Kernel for Cut {
    fn step(
        &mut self,
        step: &narrow::Step,
        params: &mut [f32],
        velocity: &mut [f32],
        average: &mut [f32],
        grads: &[f32],
    ) {
        let mut wide = *step;
        let nearest = step.setting.average == Kept::Nearest;
        if nearest {
            wide.setting.average = Kept::Wide;
        }
        wide.apply(params, velocity, average, grads);
        for m in average.iter_mut().filter(|_| nearest) {
            *m = f32::from_bits(m.to_bits() & 0xffff_0000);
        }
    }
}

#[test]
fn a_broken_narrow_step_is_found_and_shrinks_to_what_it_breaks() {
    let case =
        simplest(strategies::narrow(400), |case| case.trial().run(&mut Cut, Agreement::Bits));
    let narrow::Setting { update, velocity, average, .. } = case.setting;
    assert_eq!((velocity, average), (Kept::Wide, Kept::Nearest));
    assert_eq!((case.length, update.form, update.decay), (1, Form::Plain, Decay::None));
}

/// Takes squares in the slope of tanh, and the law's word for all else.
struct Squares(Vec<f32>);

impl function::Kernel for Squares {
    fn map(&mut self, function: Function, y: &mut [f32], x: &[f32]) {
        if function != Function::TanhSlope {
            return y.copy_from_slice(&self.0);
        }
        for (y, x) in y.iter_mut().zip(x) {
            *y *= 1.0 - x * x;
        }
    }
}

#[test]
fn a_broken_function_is_found_and_shrinks_to_its_first_wrong_element() {
    let run = |case: function::Case| {
        let trial = case.trial();
        trial.run(&mut Squares(trial.expected.clone()), case.function.agreement())
    };
    let case = simplest(strategies::function(400), run);
    assert_eq!(case.function, Function::TanhSlope);
    assert!(run(case).is_err());
    assert_eq!(run(function::Case { length: case.length - 1, ..case }), Ok(()), "{case}");
}
