//! What a run remembers, and what it refuses.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravine_conformance::{Agreement, Draw, compare};
use ravine_momentum::{
    Decay, Form, Gradient, Motion, Rates, Rule, Schedule, Sgd, State, WeightDecay,
};
use ravine_simd::{Buffer, Level, Par};

const LEN: usize = 20;

/// [`LEN`] numbers, none of them zero.
fn draw(seed: u64) -> Vec<f32> {
    Draw::Ordinary.values(seed, LEN)
}

fn same(expected: &[f32], found: &[f32]) {
    assert_eq!(compare(expected, found, Agreement::Bits), Ok(()));
}

/// Every form, with and without Nesterov.
fn forms() -> Vec<Form> {
    let mut forms = vec![
        Form::Plain,
        Form::Dampened { dampening: 0.25, nesterov: false },
        Form::EmaUnbiased,
        Form::QuasiHyperbolic { nu: 0.7 },
    ];
    for nesterov in [false, true] {
        forms.push(Form::Classic { nesterov });
        forms.push(Form::Dampened { dampening: 0.0, nesterov });
        forms.push(Form::Sutskever { nesterov });
        forms.push(Form::Ema { nesterov });
    }
    forms
}

/// Six steps whose rates all differ, the third without momentum.
fn rates(t: u64) -> Rates {
    let momentum = |t: u64| [0.5, 0.8, 0.0, 0.9, 0.95, 0.99, 0.9][usize::try_from(t).unwrap()];
    let lr = Schedule::Linear { from: 0.3, to: 0.01, steps: 5 }.at(t);
    Rates::new(lr, momentum(t)).unwrap().followed_by(momentum(t + 1)).unwrap()
}

#[test]
fn a_factor_on_the_velocity_is_folded_in_before_the_only_rounding() {
    let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
    let mut state = sgd.init(1).unwrap();
    let rates = Rates::new(0.1, 0.9).unwrap().rescaled(0.2).unwrap().rescaled(0.7).unwrap();
    let want = Rule { a: 0.126, b: 1.0, c: 0.1, d: None };
    let step = sgd.begin(&mut state, rates, Gradient::AsIs);
    assert_eq!(step.motion, Motion::Momentum(want));
    assert_eq!(Rule { a: 0.5, ..want }.rescaled(0.3), Rule { a: 0.15, ..want });
}

#[test]
fn a_state_from_its_parts_goes_on_with_the_same_bits() {
    for form in forms() {
        let sgd = Sgd { form, weight_decay: WeightDecay::None };
        let mut state = sgd.init(LEN).unwrap();
        let mut params = draw(1);
        for t in 0..3 {
            sgd.step(&mut state, rates(t), &mut params, &draw(2 + t));
        }
        let velocity = Buffer::from(state.velocity());
        let (count, product) = (state.step_count(), state.beta_product());
        let par = Par::threads(3);
        let mut again = State::from_parts(Level::scalar(), par, count, product, velocity).unwrap();
        assert_eq!((again.level().name(), again.par()), ("scalar", par));
        let mut params_again = params.clone();
        for t in 3..6 {
            sgd.step(&mut state, rates(t), &mut params, &draw(2 + t));
            sgd.step(&mut again, rates(t), &mut params_again, &draw(2 + t));
        }
        same(&params, &params_again);
        same(state.velocity(), again.velocity());
    }
}

#[test]
fn a_step_that_is_refused_leaves_every_byte_and_is_not_counted() {
    for form in forms() {
        let sgd = Sgd { form, weight_decay: WeightDecay::Coupled(0.1) };
        let mut state = sgd.init(LEN).unwrap();
        let mut params = draw(1);
        sgd.step(&mut state, rates(0), &mut params, &draw(2));
        let (params_want, velocity_want) = (params.clone(), state.velocity().to_vec());
        let refused = catch_unwind(AssertUnwindSafe(|| {
            sgd.step(&mut state, rates(1), &mut params, &draw(3)[1..]);
        }));
        assert!(refused.is_err());
        same(&params_want, &params);
        same(&velocity_want, state.velocity());
        assert_eq!(state.step_count(), 1);
    }
}

#[test]
fn a_decay_of_zero_is_none() {
    for weight_decay in [WeightDecay::None, WeightDecay::Coupled(0.0), WeightDecay::Decoupled(0.0)]
    {
        let sgd = Sgd { form: Form::Plain, weight_decay };
        let mut state = sgd.init(0).unwrap();
        let step = sgd.begin(&mut state, rates(0), Gradient::AsIs);
        assert_eq!(step.decay, Decay::None, "{weight_decay:?}");
    }
}

/// 1 − Πβ has long been 1, and a subnormal product would slow every later step.
#[test]
fn the_product_of_momenta_becomes_zero_before_it_is_subnormal() {
    let sgd = Sgd { form: Form::EmaUnbiased, weight_decay: WeightDecay::None };
    let least = f64::MIN_POSITIVE;
    for (product, want) in [(4.0 * least, 2.0 * least), (2.0 * least, least), (least, 0.0)] {
        let mut state =
            State::from_parts(Level::scalar(), Par::Seq, 9, product, Buffer::zeroed(1)).unwrap();
        let _ = sgd.begin(&mut state, Rates::new(0.1, 0.5).unwrap(), Gradient::AsIs);
        assert_eq!(state.beta_product().to_bits(), want.to_bits(), "{product:e}");
    }
}

#[test]
fn numbers_outside_their_range_are_refused_by_name() {
    let message = |form, weight_decay| Sgd { form, weight_decay }.init(1).unwrap_err().to_string();
    let dampened = |dampening, nesterov| Form::Dampened { dampening, nesterov };
    let none = WeightDecay::None;
    assert_eq!(message(dampened(1.0, false), none), "dampening is 1, but 0 ≤ dampening < 1");
    assert_eq!(
        message(dampened(0.5, true), none),
        "dampening is 0.5, but dampening = 0 with Nesterov"
    );
    for decay in [1e39, f64::NAN] {
        assert!(WeightDecay::Coupled(decay).validate().is_err(), "{decay}");
        assert!(WeightDecay::Decoupled(decay).validate().is_err(), "{decay}");
    }
    assert_eq!(message(Form::QuasiHyperbolic { nu: 1.5 }, none), "nu is 1.5, but 0 ≤ nu ≤ 1");
    for decay in [WeightDecay::Coupled(-0.5), WeightDecay::Decoupled(-0.5)] {
        let want = "weight decay is -0.5, but 0 ≤ weight decay < ∞ as an f32";
        assert_eq!(message(Form::Plain, decay), want);
    }
    for (lr, momentum, want) in [
        (0.0, 0.9, "lr is 0, but 0 < lr < ∞ as an f32"),
        (f64::INFINITY, 0.9, "lr is inf, but 0 < lr < ∞ as an f32"),
        (f64::NAN, 0.9, "lr is NaN, but 0 < lr < ∞ as an f32"),
        (
            1e-46,
            0.9,
            "lr is 0.0000000000000000000000000000000000000000000001, but 0 < lr < ∞ as an f32",
        ),
        (0.1, 1.0, "momentum is 1, but 0 ≤ momentum < 1 as an f32"),
        (0.1, -0.1, "momentum is -0.1, but 0 ≤ momentum < 1 as an f32"),
    ] {
        assert_eq!(Rates::new(lr, momentum).unwrap_err().to_string(), want);
    }
    let rates = Rates::new(0.1, 0.9).unwrap();
    assert!(rates.followed_by(1.0).is_err());
    for factor in [0.0, f64::NAN, f64::INFINITY, 1e40, 1e-50] {
        assert!(rates.rescaled(factor).is_err(), "{factor:e}");
    }
    let once = rates.rescaled(-1e30).unwrap();
    assert!(once.rescaled(1e30).is_err());
}

/// A momentum that rounds to 1 would keep every gradient for ever.
#[test]
fn a_momentum_that_an_f32_does_not_tell_from_one_is_refused() {
    let least = 1.0 - f64::from(f32::EPSILON) / 4.0;
    assert!(Rates::new(0.1, least).is_err());
    assert!(Rates::new(0.1, 0.9).unwrap().followed_by(least).is_err());
    assert!(Rates::new(0.1, 1.0 - f64::from(f32::EPSILON) / 2.0).is_ok());
}

#[test]
fn parts_that_no_run_has_are_refused() {
    for (count, product) in [(1 << 53, 0.5), (u64::MAX, 0.5), (1, -0.1), (1, 1.1), (1, f64::NAN)] {
        let velocity = Buffer::zeroed(1);
        let state = State::from_parts(Level::scalar(), Par::Seq, count, product, velocity);
        assert!(state.is_err(), "{count} steps, {product}");
    }
}
