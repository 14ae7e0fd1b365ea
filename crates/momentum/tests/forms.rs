//! The numbers of every form, written out, and what a run remembers.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ravine_momentum::{
    Decay, Form, Gradient, Motion, Rates, Rule, Schedule, Sgd, State, Step, WeightDecay,
};
use ravine_simd::{Buffer, LANES, Level, Par};

mod oracle;
#[expect(clippy::cast_possible_truncation, dead_code, reason = "shared with other tests")]
mod values;
use oracle::apply;
use values::{bits, wave};

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

/// The table of the numeric contract, row by row; `next` is β of the next step, `product` Πβ.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding")]
fn table(form: Form, first: bool, rates: Rates, product: f64) -> Motion {
    let (lr, beta, next) = (rates.lr(), rates.momentum(), rates.next_momentum());
    let (a, b, c, d) = match form {
        Form::Plain => return Motion::Plain { lr: lr as f32 },
        Form::Classic { nesterov: false } => (beta, 1.0, lr, None),
        Form::Classic { nesterov: true } => (beta, 1.0, lr * beta, Some(lr)),
        Form::Dampened { nesterov: true, .. } if first => (0.0, 1.0, lr * beta, Some(lr)),
        Form::Dampened { nesterov: true, .. } => (beta, 1.0, lr * beta, Some(lr)),
        Form::Dampened { .. } if first => (0.0, 1.0, lr, None),
        Form::Dampened { .. } if beta <= 0.0 => (0.0, 1.0, lr, None),
        Form::Dampened { dampening, .. } => (beta, 1.0 - dampening, lr, None),
        Form::Sutskever { nesterov: false } => (beta, -lr, -1.0, None),
        Form::Sutskever { nesterov: true } => (beta, -lr, -next, Some(lr)),
        Form::Ema { nesterov: false } => (beta, 1.0 - beta, lr, None),
        Form::Ema { nesterov: true } => (beta, 1.0 - beta, lr * beta, Some(lr * (1.0 - beta))),
        Form::EmaUnbiased => (beta, 1.0 - beta, lr / (1.0 - product), None),
        Form::QuasiHyperbolic { nu } => (beta, 1.0 - beta, lr * nu, Some(lr * (1.0 - nu))),
    };
    let d = d.map(|d| d as f32);
    Motion::Momentum(Rule { a: a as f32, b: b as f32, c: c as f32, d })
}

/// Six steps whose rates all differ, the third without momentum.
fn rates(t: u64) -> Rates {
    let momentum = |t: u64| [0.5, 0.8, 0.0, 0.9, 0.95, 0.99, 0.9][usize::try_from(t).unwrap()];
    let lr = Schedule::Linear { from: 0.3, to: 0.01, steps: 5 }.at(t);
    Rates::new(lr, momentum(t)).unwrap().followed_by(momentum(t + 1)).unwrap()
}

#[test]
#[expect(clippy::cast_possible_truncation, reason = "the one rounding")]
fn every_form_takes_the_steps_of_the_table() {
    for form in forms() {
        for decay in [WeightDecay::None, WeightDecay::Coupled(0.1), WeightDecay::Decoupled(0.1)] {
            let sgd = Sgd { form, weight_decay: decay };
            let mut state = sgd.init(1).unwrap();
            let mut product = 1.0;
            for t in 0..6 {
                let rates = rates(t);
                product *= rates.momentum();
                let decay = match decay {
                    WeightDecay::None => Decay::None,
                    WeightDecay::Coupled(_) => Decay::Coupled(0.1),
                    WeightDecay::Decoupled(_) => Decay::Decoupled((rates.lr() * 0.1) as f32),
                };
                let motion = table(form, t == 0, rates, product);
                let gradient = Gradient::Scaled(0.5);
                let want = Step { gradient, decay, motion };
                assert_eq!(sgd.begin(&mut state, rates, gradient), want, "{form:?}, step {t}");
                assert_eq!(state.step_count(), t + 1);
                assert_eq!(state.beta_product().to_bits(), product.to_bits());
            }
        }
    }
}

#[test]
fn every_form_gives_the_bits_of_the_formula_on_every_level() {
    for form in forms() {
        for weight_decay in
            [WeightDecay::None, WeightDecay::Coupled(0.1), WeightDecay::Decoupled(0.1)]
        {
            let sgd = Sgd { form, weight_decay };
            let len = 3 * LANES + 1;
            for level in Level::available() {
                let mut state = sgd.init_on(level, Par::threads(2), len).unwrap();
                let mut counted = state.clone();
                let mut params = wave(len, 1);
                let (mut params_want, mut velocity_want) =
                    (params.clone(), state.velocity().to_vec());
                for t in 0..6 {
                    let grads = wave(len, 2 + t);
                    sgd.step(&mut state, rates(t), &mut params, &grads);
                    let step = sgd.begin(&mut counted, rates(t), Gradient::AsIs);
                    apply(&step, &mut params_want, &mut velocity_want, &grads);
                    assert_eq!(bits(&params), bits(&params_want), "{form:?}, {level}, step {t}");
                    assert_eq!(bits(state.velocity()), bits(&velocity_want), "{form:?}, {level}");
                }
            }
        }
    }
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
        let mut state = sgd.init(20).unwrap();
        let mut params = wave(20, 1);
        for t in 0..3 {
            sgd.step(&mut state, rates(t), &mut params, &wave(20, 2 + t));
        }
        let velocity = Buffer::from(state.velocity());
        let (count, product) = (state.step_count(), state.beta_product());
        let mut again = State::from_parts(Level::scalar(), state.par(), count, product, velocity);
        let mut params_again = params.clone();
        for t in 3..6 {
            sgd.step(&mut state, rates(t), &mut params, &wave(20, 2 + t));
            sgd.step(&mut again, rates(t), &mut params_again, &wave(20, 2 + t));
        }
        assert_eq!(bits(&params), bits(&params_again), "{form:?}");
        assert_eq!(bits(state.velocity()), bits(again.velocity()), "{form:?}");
    }
}

#[test]
fn a_step_that_is_refused_leaves_every_byte_and_is_not_counted() {
    for form in forms() {
        let sgd = Sgd { form, weight_decay: WeightDecay::Coupled(0.1) };
        let mut state = sgd.init(20).unwrap();
        let mut params = wave(20, 1);
        sgd.step(&mut state, rates(0), &mut params, &wave(20, 2));
        let (params_want, velocity_want) = (bits(&params), bits(state.velocity()));
        let refused = catch_unwind(AssertUnwindSafe(|| {
            sgd.step(&mut state, rates(1), &mut params, &wave(19, 3));
        }));
        assert!(refused.is_err());
        assert_eq!((bits(&params), bits(state.velocity())), (params_want, velocity_want));
        assert_eq!(state.step_count(), 1);
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
    assert_eq!(message(Form::QuasiHyperbolic { nu: 1.5 }, none), "nu is 1.5, but 0 ≤ nu ≤ 1");
    for decay in [WeightDecay::Coupled(-0.5), WeightDecay::Decoupled(-0.5)] {
        assert_eq!(message(Form::Plain, decay), "weight decay is -0.5, but 0 ≤ weight decay < ∞");
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
        (0.1, 1.0, "momentum is 1, but 0 ≤ momentum < 1"),
        (0.1, -0.1, "momentum is -0.1, but 0 ≤ momentum < 1"),
    ] {
        assert_eq!(Rates::new(lr, momentum).unwrap_err().to_string(), want);
    }
    let rates = Rates::new(0.1, 0.9).unwrap();
    assert!(rates.followed_by(1.0).is_err());
    assert!([0.0, f64::NAN, f64::INFINITY].iter().all(|&factor| rates.rescaled(factor).is_err()));
}
