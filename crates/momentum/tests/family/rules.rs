//! Adam and RMSProp on every level, by any number of threads, over slices that start anywhere.

use ravine_conformance::{Agreement, Draw, Extent, Guarded, compare, lengths};
use ravine_momentum::{
    Adam, AdamState, Gradient, Rates, RmsProp, RmsPropState, Tensor, WeightDecay,
};
use ravine_simd::{Buffer, Level, Par};

use crate::formula::{averaged, flushed, round, seen};
use crate::{SHARED, THREADS};

const LR: f64 = 0.03;
const BETA: f64 = 0.85;

/// A rule of the family, one element of it: parameter, states, gradient.
#[derive(Clone, Copy, Debug)]
enum Rule {
    Adam(Adam),
    RmsProp(RmsProp),
}

impl Rule {
    fn weight_decay(self) -> WeightDecay {
        match self {
            Self::Adam(adam) => adam.weight_decay,
            Self::RmsProp(rule) => rule.weight_decay,
        }
    }

    /// The parameter after step `t`, counted from 1; `[u, m, v]` are the states.
    fn step(self, t: i32, w: f32, [u, m, v]: &mut [f32; 3], g: f32) -> f32 {
        let g = match self.weight_decay() {
            WeightDecay::Coupled(decay) => g + round(decay) * w,
            _ => g,
        };
        let by = match self {
            Self::Adam(Adam { square_decay, epsilon, .. }) => {
                let product = |beta: f64| (0..t).fold(1.0, |product, _| product * beta);
                let root = (1.0 - product(square_decay)).sqrt();
                let c = round(LR * root / (1.0 - product(BETA)));
                *m = averaged(BETA, *m, g);
                *u = averaged(square_decay, *u, g * g);
                c * (*m / (u.sqrt() + round(epsilon * root)))
            }
            Self::RmsProp(RmsProp { square_decay, epsilon, centered, momentum, .. }) => {
                *u = averaged(square_decay, *u, g * g);
                let mut square = *u;
                if centered {
                    *m = averaged(square_decay, *m, g);
                    square -= *m * *m;
                    square = if square < 0.0 { 0.0 } else { square };
                }
                let h = g / (square.sqrt() + round(epsilon));
                if momentum {
                    *v = flushed(round(BETA) * *v + h);
                }
                round(LR) * if momentum { *v } else { h }
            }
        };
        match self.weight_decay() {
            WeightDecay::Decoupled(decay) => w - round(LR * decay) * w - by,
            _ => w - by,
        }
    }
}

/// Every rule with every decay.
fn rules() -> Vec<Rule> {
    let decays = [WeightDecay::None, WeightDecay::Coupled(0.1), WeightDecay::Decoupled(0.2)];
    let mut rules = Vec::new();
    for weight_decay in decays {
        rules.push(Rule::Adam(Adam { square_decay: 0.97, epsilon: 1e-6, weight_decay }));
        for (centered, momentum) in [(false, false), (false, true), (true, false), (true, true)] {
            let (square_decay, epsilon) = (0.9, 1e-7);
            let rule = RmsProp { square_decay, epsilon, centered, momentum, weight_decay };
            rules.push(Rule::RmsProp(rule));
        }
    }
    rules
}

enum State {
    Adam(AdamState),
    RmsProp(RmsPropState),
}

fn init(rule: Rule, level: Level, par: Par, len: usize) -> State {
    match rule {
        Rule::Adam(adam) => State::Adam(adam.init_on(level, par, len).unwrap()),
        Rule::RmsProp(rule) => State::RmsProp(rule.init_on(level, par, len).unwrap()),
    }
}

fn step(rule: Rule, state: &mut State, gradient: Gradient, params: &mut [f32], grads: &[f32]) {
    let (rates, tensors) = (Rates::new(LR, BETA).unwrap(), &mut [Tensor { params, grads }]);
    match (rule, state) {
        (Rule::Adam(adam), State::Adam(state)) => {
            adam.step_tensors(state, rates, gradient, tensors);
        }
        (Rule::RmsProp(rule), State::RmsProp(state)) => {
            rule.step_tensors(state, rates, gradient, tensors);
        }
        _ => unreachable!("a rule and its state"),
    }
}

/// `[u, m, v]`; what a rule does not have is `None`.
fn states(state: &State) -> [Option<&[f32]>; 3] {
    match state {
        State::Adam(state) => [Some(state.square()), Some(state.mean()), None],
        State::RmsProp(state) => {
            let [mean, velocity] = [state.mean(), state.velocity()];
            let kept = [mean, velocity].map(|values| (!values.is_empty()).then_some(values));
            [Some(state.square()), kept[0], kept[1]]
        }
    }
}

/// Three steps of a rule on a vector, and on every level by each number of threads.
fn holds(rule: Rule, gradient: Gradient, seed: u64, len: usize, threads: &[usize]) {
    let offset = len % 16;
    let draw = if seed.is_multiple_of(2) { Draw::Ordinary } else { Draw::Hostile };
    let start = draw.values(8 * seed, len);
    let grads = [1, 2, 3].map(|t| draw.values(8 * seed + t, len));
    let (mut params, mut kept) = (start.clone(), vec![[0.0; 3]; len]);
    for (t, grads) in (1..).zip(&grads) {
        for ((w, kept), g) in params.iter_mut().zip(&mut kept).zip(grads) {
            *w = rule.step(t, *w, kept, seen(gradient, *g));
        }
    }
    for level in Level::available() {
        for &n in threads {
            let at = format!("{rule:?}, {gradient:?}, {level}, {n} threads, length {len}");
            let mut state = init(rule, level, Par::threads(n), len);
            let mut found = Guarded::new(&start, offset);
            for grads in &grads {
                let grads = Guarded::new(grads, (5 * offset + 3) % 16);
                step(rule, &mut state, gradient, found.values_mut(), grads.values());
            }
            assert_eq!(found.check(), Ok(()), "{at}");
            assert_eq!(compare(&params, found.values(), Agreement::Bits), Ok(()), "params, {at}");
            for (k, values) in states(&state).into_iter().enumerate() {
                let Some(values) = values else { continue };
                let wanted: Vec<f32> = kept.iter().map(|kept| kept[k]).collect();
                let name = ["square", "mean", "velocity"][k];
                assert_eq!(compare(&wanted, values, Agreement::Bits), Ok(()), "{name}, {at}");
            }
        }
    }
}

#[test]
fn every_rule_gives_the_bits_of_its_formula_on_every_level() {
    let gradients = [
        Gradient::AsIs,
        Gradient::Scaled(0.3),
        Gradient::Clamped(0.75),
        Gradient::FiniteScaled(0.3),
        Gradient::FiniteClamped(0.75),
    ];
    let mut seed = 0;
    for rule in rules() {
        for (len, gradient) in lengths(Extent::Quick, 4096).zip(gradients.into_iter().cycle()) {
            seed += 1;
            holds(rule, gradient, seed, len, &[1]);
        }
    }
}

#[test]
fn threads_change_no_bit_of_any_rule() {
    for (seed, rule) in (100..).zip(rules()) {
        holds(rule, Gradient::Scaled(0.5), seed, SHARED + 37, &THREADS);
    }
}

#[test]
fn a_state_goes_on_from_its_parts() {
    let adam = Adam::default();
    let rates = Rates::new(LR, BETA).unwrap();
    let (start, grads) = (Draw::Ordinary.values(1, 50), Draw::Ordinary.values(2, 50));
    let (mut whole, mut params) = (start.clone(), start);
    let mut state = adam.init(50).unwrap();
    adam.step(&mut state, rates, &mut whole, &grads);
    adam.step(&mut state, rates, &mut whole, &grads);
    let mut state = adam.init(50).unwrap();
    adam.step(&mut state, rates, &mut params, &grads);
    let averages = [state.mean(), state.square()].map(Buffer::from);
    let (count, products) = (state.step_count(), state.products());
    let mut state = AdamState::from_parts(Level::scalar(), Par::Seq, count, products, averages);
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
    let weight_decay = WeightDecay::Coupled(-1.0);
    assert!(Adam { weight_decay, ..Adam::default() }.init(1).is_err());
    assert!(RmsProp { weight_decay, ..RmsProp::default() }.init(1).is_err());
}
