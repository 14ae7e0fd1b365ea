//! The EMA form against the classic form at α·(1 − β): equal in bits where 1 − β is a power of two
//! and nothing is lost at the ends of the range, apart by rounding elsewhere, and another run once
//! β is annealed, unless the velocity is converted.

use ravine_conformance::{Agreement, Draw, Float, compare};
use ravine_momentum::{Form, Rates, Schedule, Sgd, State, WeightDecay};

use crate::bowl::{self, LEN, small};

/// How far rounding may part the forms in 2000 steps: two steps from one float to its neighbor
/// where w is in 1..2.
const BOUND: f64 = 2.4e-7;

/// One form, and the other beside it.
struct Pair {
    sgds: [Sgd; 2],
    states: [State; 2],
    params: [Vec<f32>; 2],
}

impl Pair {
    fn new(nesterov: bool, params: &[f32]) -> Self {
        let forms = [Form::Classic { nesterov }, Form::Ema { nesterov }];
        let sgds = forms.map(|form| Sgd { form, weight_decay: WeightDecay::None });
        let states = sgds.map(|sgd| sgd.init(params.len()).unwrap());
        Self { sgds, states, params: [params.to_vec(), params.to_vec()] }
    }

    /// A step of both, each at its rates and on its gradient.
    fn step(&mut self, rates: [Rates; 2], grads: [&[f32]; 2]) {
        for form in 0..2 {
            let (state, params) = (&mut self.states[form], &mut self.params[form]);
            self.sgds[form].step(state, rates[form], params, grads[form]);
        }
    }

    /// A step down a bowl around 1.5.
    fn descend(&mut self, t: u64, rates: [Rates; 2]) {
        let grads = self.params.each_ref().map(|params| bowl::grads(params, 1.5, t));
        self.step(rates, [&grads[0], &grads[1]]);
    }

    /// The largest distance of two parameters.
    fn distance(&self) -> f64 {
        let pairs = self.params[0].iter().zip(&self.params[1]);
        pairs.map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs()).fold(0.0, f64::max)
    }

    /// The same in steps from one float to the next.
    fn ulps(&self) -> u64 {
        let pairs = self.params[0].iter().zip(&self.params[1]);
        let ulps = pairs.map(|(&a, &b)| Float::F32(a).ulps(Float::F32(b)).expect("no NaN"));
        ulps.max().unwrap_or(0)
    }
}

/// Parameters in 1..2, where a step to the next float is 2⁻²³.
fn between_1_and_2() -> Vec<f32> {
    small(1).into_iter().map(|x| 1.5 + x / 4.0).collect()
}

/// α and β of the EMA form, and those of the classic form that are the same descent while they
/// stay.
fn rates(lr: f64, beta: f64) -> [Rates; 2] {
    [lr * (1.0 - beta), lr].map(|lr| Rates::new(lr, beta).unwrap())
}

/// The range is that in which scaling by 1 − β is exact: no velocity overflows, and no β·v,
/// (1 − β)·g or velocity of the EMA form is below 2⁻¹²⁶; an exact zero is harmless.
#[test]
fn the_forms_are_one_bit_for_bit_where_their_scale_is_a_power_of_two() {
    for nesterov in [false, true] {
        for (beta, scale) in
            [(0.0, 1.0), (0.5, 0.5), (0.75, 0.25), (0.875, 0.125), (0.9375, 0.0625)]
        {
            let mut pair = Pair::new(nesterov, &Draw::Wide.values(1, LEN));
            for t in 0..500 {
                // Numbers of 64 binary orders, zeros among them.
                let grads: Vec<f32> = Draw::Wide.values(2 + t, LEN);
                let grads: Vec<f32> =
                    grads.iter().map(|g| if g.abs() < 1e-30 { 0.0 } else { *g }).collect();
                pair.step(rates(0.07, beta), [&grads, &grads]);
                let at = format!("β {beta}, nesterov {nesterov}, step {t}");
                let [classic, ema] = &pair.params;
                assert_eq!(compare(classic, ema, Agreement::Bits), Ok(()), "params, {at}");
                let velocity: Vec<f32> =
                    pair.states[0].velocity().iter().map(|v| scale * v).collect();
                let found = pair.states[1].velocity();
                assert_eq!(compare(&velocity, found, Agreement::Bits), Ok(()), "velocity, {at}");
            }
        }
    }
}

/// What the range excludes: below it the EMA form's velocity is flushed a few steps earlier,
/// above it the classic form's overflows.
#[test]
fn outside_that_range_the_forms_differ() {
    let least = f32::MIN_POSITIVE;
    for (grad, equal) in
        [(8.0 * least, true), (7.0 * least, false), (f32::MAX / 8.0, true), (f32::MAX / 4.0, false)]
    {
        let mut pair = Pair::new(false, &[0.0]);
        for _ in 0..40 {
            pair.step(rates(1.0, 0.875), [&[grad], &[grad]]);
            // Only the velocities are asked.
            pair.params = [vec![0.0], vec![0.0]];
        }
        let [classic, ema] = pair.states.each_ref().map(|state| state.velocity()[0]);
        let same = (0.125 * classic).to_bits() == ema.to_bits();
        assert_eq!(same, equal, "gradient {grad:e}: classic {classic:e}, ema {ema:e}");
    }
}

/// What was measured is in steps from one float to its neighbor, and the same on every machine.
#[test]
fn elsewhere_the_forms_are_at_most_two_neighbors_apart() {
    const MEASURED: u64 = 1;
    for nesterov in [false, true] {
        for beta in [0.9, 0.95, 0.99] {
            let mut pair = Pair::new(nesterov, &between_1_and_2());
            let (mut ulps, mut distance) = (0, 0.0);
            for t in 0..2000 {
                pair.descend(t, rates(0.01, beta));
                ulps = pair.ulps().max(ulps);
                distance = f64::max(pair.distance(), distance);
            }
            let case = format!("β {beta}, nesterov {nesterov}, after 2000 steps");
            assert!(distance <= BOUND, "{case}: {distance:e}, bound {BOUND:e}");
            assert_eq!(ulps, MEASURED, "{case}: {distance:e}");
        }
    }
}

/// β goes from .5 to .9 in 2000 steps. Scaling α by 1 − β alone makes another run, 8.5e-4 away;
/// with the velocity carried through each change, the forms stay within the bound above.
#[test]
fn annealing_momentum_parts_the_forms_unless_the_velocity_is_converted() {
    let momentum = Schedule::Linear { from: 0.5, to: 0.9, steps: 2000 };
    let apart = |carried: bool| {
        let mut pair = Pair::new(false, &between_1_and_2());
        let (mut before, mut distance) = (None, 0.0);
        for t in 0..2000 {
            let [classic, ema] = rates(0.1, momentum.at(t));
            let last = before.replace(ema).filter(|_| carried).unwrap_or(ema);
            let ema = pair.sgds[1].form.carried(last, ema).unwrap();
            pair.descend(t, [classic, ema]);
            distance = f64::max(pair.distance(), distance);
        }
        distance
    };
    let (with, without) = (apart(true), apart(false));
    assert!(with <= BOUND, "converted: {with:e} apart, bound {BOUND:e}");
    assert!((0.8e-3..0.9e-3).contains(&without), "not converted: {without:e} apart");
}

/// The conversion's factor is (1 − β₁)/(1 − β₀): exact where both are powers of two, and then
/// the runs are one, bit for bit, through the change.
#[test]
fn the_conversion_is_exact_between_powers_of_two() {
    let mut pair = Pair::new(false, &between_1_and_2());
    let mut before = None;
    let betas = [0.5, 0.875, 0.75].into_iter().flat_map(|beta| [beta; 30]);
    for (t, beta) in (0..).zip(betas) {
        // The classic rate stays at 1/16.
        let now = Rates::new(0.0625 / (1.0 - beta), beta).unwrap();
        let ema = pair.sgds[1].form.carried(before.replace(now).unwrap_or(now), now).unwrap();
        pair.descend(t, [Rates::new(0.0625, beta).unwrap(), ema]);
        let [classic, ema] = &pair.params;
        assert_eq!(compare(classic, ema, Agreement::Bits), Ok(()), "step {t}");
    }
}
