//! Forms that are one run in other units, and those that are not.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use ravine_conformance::{Agreement, compare};
use ravine_momentum::{Form, Gradient, Rates, Schedule, Sgd, State, WeightDecay};
use ravine_simd::{Level, Par};

use crate::bowl::{self, LEN, small};

const CLASSIC: Form = Form::Classic { nesterov: false };
const EMA: Form = Form::Ema { nesterov: false };
/// Steps of a run.
const STEPS: u64 = 400;

/// A run of one form down a bowl around zero.
struct Run {
    sgd: Sgd,
    state: State,
    params: Vec<f32>,
}

impl Run {
    fn new(form: Form) -> Self {
        let sgd = Sgd { form, weight_decay: WeightDecay::None };
        Self { sgd, state: sgd.init(LEN).unwrap(), params: small(1) }
    }

    /// The gradient of step `t`.
    fn grads(&self, t: u64) -> Vec<f32> {
        bowl::grads(&self.params, 0.0, t)
    }

    fn step(&mut self, t: u64, rates: Rates) {
        let grads = self.grads(t);
        self.sgd.step(&mut self.state, rates, &mut self.params, &grads);
    }

    /// Where the parameters of two runs are farthest apart, before step `t`.
    fn apart(&self, other: &Self, t: u64) -> Apart {
        let pairs = self.params.iter().zip(&other.params).enumerate();
        let apart = pairs.map(|(index, (a, b))| Apart { t, index, by: (a - b).abs() });
        apart.reduce(Apart::farther).expect("a run has parameters")
    }
}

/// How far two runs are apart, when and where.
#[derive(Clone, Copy)]
struct Apart {
    t: u64,
    index: usize,
    by: f32,
}

impl Apart {
    /// The farther of the two; what is not a number is farther than any.
    fn farther(self, other: Self) -> Self {
        if other.by < self.by || self.by.is_nan() { self } else { other }
    }

    /// Refuses what rounding does not explain.
    #[track_caller]
    fn is_rounding(self, of: Form) {
        let Self { t, index, by } = self;
        let level = Level::detect();
        assert!(by < ROUNDING, "{level}, {of:?}, step {t}, index {index}: {by} apart");
    }
}

/// Runs `from` and its conversion to `to` side by side; with or without carrying the velocity
/// through changes of the rates. Gives where they were farthest apart.
fn side_by_side(from: Form, to: Form, lr: Schedule, momentum: Schedule, carried: bool) -> Apart {
    let (mut a, mut b) = (Run::new(from), Run::new(to));
    let (mut before, mut beta_product, mut apart) = (None, 1.0, a.apart(&b, 0));
    for t in 0..STEPS {
        let rates = Rates::new(lr.at(t), momentum.at(t)).unwrap();
        beta_product *= rates.momentum();
        a.step(t, rates);

        let converted = from.equivalent(rates, beta_product, to).unwrap();
        let now = Rates::new(converted.lr, rates.momentum()).unwrap();
        let before = before.replace(now).filter(|_| carried).unwrap_or(now);
        b.step(t, to.carried(before, now).unwrap());
        apart = apart.farther(a.apart(&b, t + 1));
    }
    apart
}

/// Bound on the distance of equal runs: parameters and velocities stay below 1, and each of 400
/// steps rounds a few times by at most 2⁻²⁵; the bowl forgets most of it.
const ROUNDING: f32 = 2e-6;

#[test]
fn forms_agree_through_the_conversion_at_constant_rates() {
    let (lr, momentum) = (Schedule::Constant(0.05), Schedule::Constant(0.9));
    for nesterov in [false, true] {
        let classic = Form::Classic { nesterov };
        let mut forms = vec![Form::Sutskever { nesterov }, Form::Ema { nesterov }];
        forms.push(match nesterov {
            false => Form::EmaUnbiased,
            true => Form::QuasiHyperbolic { nu: 0.9 },
        });
        for form in forms {
            side_by_side(classic, form, lr, momentum, true).is_rounding(form);
        }
    }
}

#[test]
fn forms_agree_through_the_conversion_while_rates_change_and_only_then() {
    let lr = Schedule::Cosine { from: 0.1, to: 0.01, steps: 300 };
    let momentum = Schedule::Linear { from: 0.5, to: 0.9, steps: 200 };
    for form in [Form::Sutskever { nesterov: false }, EMA, Form::EmaUnbiased] {
        side_by_side(CLASSIC, form, lr, momentum, true).is_rounding(form);
        let apart = side_by_side(CLASSIC, form, lr, momentum, false).by;
        assert!(1e-3 < apart, "{form:?}: {apart} apart");
    }
    for form in [Form::Ema { nesterov: true }, Form::Dampened { dampening: 0.0, nesterov: true }] {
        let from = Form::Classic { nesterov: true };
        side_by_side(from, form, lr, momentum, true).is_rounding(form);
    }
}

#[test]
#[expect(clippy::cast_possible_truncation, reason = "the velocity is f32")]
fn a_run_goes_on_in_another_form() {
    for to in [
        Form::Sutskever { nesterov: false },
        Form::Dampened { dampening: 0.5, nesterov: false },
        Form::QuasiHyperbolic { nu: 1.0 },
    ] {
        let rates = Rates::new(0.05, 0.9).unwrap();
        let (mut stayed, mut changed) = (Run::new(CLASSIC), Run::new(CLASSIC));
        for t in 0..50 {
            stayed.step(t, rates);
            changed.step(t, rates);
        }
        let converted = CLASSIC.equivalent(rates, 0.0, to).unwrap();
        changed.sgd.form = to;
        for v in changed.state.velocity_mut() {
            *v = (f64::from(*v) * converted.velocity) as f32;
        }
        for t in 50..STEPS {
            stayed.step(t, rates);
            changed.step(t, Rates::new(converted.lr, 0.9).unwrap());
        }
        stayed.apart(&changed, STEPS).is_rounding(to);
    }
}

#[test]
fn nesterovs_parameters_are_sutskevers_look_ahead_point() {
    let (lr, beta) = (0.05, 0.9);
    let rates = Rates::new(lr, beta).unwrap();
    for form in [Form::Classic { nesterov: true }, Form::Sutskever { nesterov: true }] {
        let mut run = Run::new(form);
        let mut theta: Vec<f64> = run.params.iter().map(|&p| f64::from(p)).collect();
        let mut v = vec![0.0; LEN];
        for t in 0..100 {
            for ((theta, v), g) in theta.iter_mut().zip(&mut v).zip(run.grads(t)) {
                *v = beta * *v - lr * f64::from(g);
                *theta += *v;
            }
            run.step(t, rates);
        }
        for level in Level::available() {
            let mut iterate = run.params.clone();
            form.to_iterate(level, Par::Seq, rates, &mut iterate, run.state.velocity());
            for (i, (&got, want)) in iterate.iter().zip(&theta).enumerate() {
                let is_near = (f64::from(got) - want).abs() < 1e-6;
                assert!(is_near, "{form:?}, {level}, index {i}: {got}, not {want}");
            }
            assert!(run.params.iter().zip(&iterate).any(|(w, theta)| 1e-3 < (w - theta).abs()));
            form.to_look_ahead(level, Par::Seq, rates, &mut iterate, run.state.velocity());
            let pairs = iterate.iter().zip(&run.params);
            assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 2e-7), "{form:?}, {level}");
        }
        let mut same = run.params.clone();
        CLASSIC.to_iterate(Level::detect(), Par::Seq, rates, &mut same, run.state.velocity());
        assert_eq!(compare(&run.params, &same, Agreement::Bits), Ok(()), "{form:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_gradient_twice_as_large_moves_twice_as_far(
        grads in prop::collection::vec(-1e3_f32..1e3, 1..60),
        lr in 1e-3_f64..1.0,
        momentum in 0.0_f64..0.99,
    ) {
        prop_assume!(grads.iter().all(|g| 1e-20 < g.abs()));
        let moved = |scale: f32| {
            let sgd = Sgd { form: Form::Ema { nesterov: true }, weight_decay: WeightDecay::None };
            let mut state = sgd.init(grads.len()).unwrap();
            let mut params = vec![0.0; grads.len()];
            let scaled: Vec<f32> = grads.iter().map(|g| scale * g).collect();
            for _ in 0..3 {
                let rates = Rates::new(lr, momentum).unwrap();
                sgd.step(&mut state, rates, &mut params, &scaled);
            }
            params
        };
        let twice: Vec<f32> = moved(1.0).iter().map(|p| 2.0 * p).collect();
        prop_assert_eq!(compare(&twice, &moved(2.0), Agreement::Bits), Ok(()));
    }

    #[test]
    fn ema_is_classic_for_any_gradients_at_a_half(
        grads in prop::collection::vec(-1e3_f32..1e3, 1..60),
        lr in 1e-3_f64..1.0,
    ) {
        prop_assume!(grads.iter().all(|g| 1e-20 < g.abs()));
        let [classic, ema] = [(CLASSIC, 0.5), (EMA, 1.0)].map(|(form, scale)| {
            let sgd = Sgd { form, weight_decay: WeightDecay::None };
            let mut state = sgd.init(grads.len()).unwrap();
            let mut params = vec![1.0; grads.len()];
            for _ in 0..5 {
                let rates = Rates::new(scale * lr, 0.5).unwrap();
                sgd.step(&mut state, rates, &mut params, &grads);
            }
            params
        });
        prop_assert_eq!(compare(&classic, &ema, Agreement::Bits), Ok(()));
    }

    #[test]
    fn a_scaled_gradient_is_the_gradient_scaled(
        grads in prop::collection::vec(-1e3_f32..1e3, 1..60),
        scale in 1e-3_f32..1.0,
    ) {
        let sgd = Sgd { form: CLASSIC, weight_decay: WeightDecay::Coupled(0.1) };
        let rates = Rates::new(0.1, 0.9).unwrap();
        let [a, b] = [Gradient::Scaled(scale), Gradient::AsIs].map(|gradient| {
            let mut state = sgd.init(grads.len()).unwrap();
            let step = sgd.begin(&mut state, rates, gradient);
            let mut params = vec![1.0; grads.len()];
            let grads: Vec<f32> = match gradient {
                Gradient::AsIs => grads.iter().map(|g| scale * g).collect(),
                _ => grads.clone(),
            };
            step.run(state.level(), state.par(), &mut params, state.velocity_mut(), &grads);
            params
        });
        prop_assert_eq!(compare(&b, &a, Agreement::Bits), Ok(()));
    }
}
