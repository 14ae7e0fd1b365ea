//! Velocities and averages in half the bytes.

use half::bf16;
use ravine_conformance::{Agreement, Draw, compare};
use ravine_momentum::{Form, Gradient, Rates, Rounding, Sgd, State, VectorEma, WeightDecay};
use ravine_simd::{Level, Par};

use crate::formula::{averaged, flushed, narrowed, round};
use crate::guard::cut;
use crate::{SHARED, THREADS};

const ROUNDINGS: [Rounding; 2] = [Rounding::Nearest, Rounding::Stochastic { seed: 7 }];

fn wide(values: &[bf16]) -> Vec<f32> {
    values.iter().map(|x| x.to_f32()).collect()
}

/// Three steps with a narrow velocity and a narrow average, by their formulas and by the kernels.
fn holds(rounding: Rounding, nesterov: bool, draw: Draw, len: usize, threads: &[usize]) {
    let start = draw.values(1, len);
    let (mut params, mut velocity) = (start.clone(), vec![bf16::ZERO; len]);
    let mut average: Vec<bf16> = start.iter().map(|&x| bf16::from_f32(x)).collect();
    let c = if nesterov { round(0.1 * 0.9) } else { 0.1 };
    for t in 1..=3 {
        let grads = draw.values(10 + t, len);
        for i in 0..len {
            let v = flushed(0.9 * velocity[i].to_f32() + grads[i]);
            params[i] -= if nesterov { c * v + 0.1 * grads[i] } else { c * v };
            velocity[i] = narrowed(rounding, t, i, v);
            let m = averaged(0.75, average[i].to_f32(), params[i]);
            average[i] = narrowed(rounding, t, i, m);
        }
    }
    let sgd = Sgd { form: Form::Classic { nesterov }, weight_decay: WeightDecay::None };
    let rates = Rates::new(0.1, 0.9).unwrap();
    for level in Level::available() {
        for &n in threads {
            for averages in [false, true] {
                let par = Par::threads(n);
                let mut found = start.clone();
                let mut ema = VectorEma::narrow(level, par, 0.75, &start, rounding).unwrap();
                let mut state = sgd.init_narrow(level, par, len, rounding).unwrap();
                for t in 1..=3 {
                    let grads = draw.values(10 + t, len);
                    let mut tensors = cut(&mut found, &grads, &[300, 33, 50_001]);
                    let gradient = Gradient::AsIs;
                    if averages {
                        sgd.step_averaged(&mut state, rates, gradient, &mut tensors, &mut ema);
                    } else {
                        sgd.step_tensors(&mut state, rates, gradient, &mut tensors);
                        ema.push(&found);
                    }
                }
                let at = format!("{rounding:?}, {level}, {n} threads, length {len}");
                let agrees = |name: &str, wanted: &[f32], found: &[f32]| {
                    assert_eq!(compare(wanted, found, Agreement::Bits), Ok(()), "{name}, {at}");
                };
                agrees("params", &params, &found);
                agrees("velocity", &wide(&velocity), &wide(state.velocity()));
                agrees("average", &wide(&average), &wide(ema.value()));
            }
        }
    }
}

#[test]
fn narrow_states_give_the_bits_of_the_formula() {
    for rounding in ROUNDINGS {
        for len in [0, 1, 15, 16, 17, 65, 700] {
            holds(rounding, len % 2 == 1, Draw::Ordinary, len, &[1]);
            holds(rounding, len % 2 == 0, Draw::Hostile, len, &[1]);
        }
        holds(rounding, true, Draw::Ordinary, SHARED + 77, &THREADS);
    }
}

#[test]
fn a_narrow_state_goes_on_from_its_parts() {
    let sgd = Sgd { form: Form::EmaUnbiased, weight_decay: WeightDecay::None };
    let rates = Rates::new(0.1, 0.9).unwrap();
    let (start, grads) = (Draw::Ordinary.values(1, 50), Draw::Ordinary.values(2, 50));
    for rounding in ROUNDINGS {
        let (mut whole, mut params) = (start.clone(), start.clone());
        let level = Level::detect();
        let mut state = sgd.init_narrow(level, Par::Seq, 50, rounding).unwrap();
        sgd.step(&mut state, rates, &mut whole, &grads);
        params.copy_from_slice(&whole);
        let parts = (state.step_count(), state.beta_product(), state.velocity().to_vec());
        sgd.step(&mut state, rates, &mut whole, &grads);
        let (count, product, velocity) = parts;
        let kept = (&velocity[..], rounding);
        let mut again = State::from_narrow_parts(Level::scalar(), Par::Seq, count, product, kept);
        sgd.step(&mut again, rates, &mut params, &grads);
        let moved = start.iter().zip(&params).all(|(a, b)| a.to_bits() != b.to_bits());
        assert!(moved, "{rounding:?}: a parameter did not move");
        assert_eq!(compare(&whole, &params, Agreement::Bits), Ok(()), "params, {rounding:?}");
        let [wanted, found] = [&state, &again].map(|state| wide(state.velocity()));
        assert_eq!(compare(&wanted, &found, Agreement::Bits), Ok(()), "velocity, {rounding:?}");
    }
}

/// An average that changes by less than half a unit in the last place of a `bf16` stands still
/// when it is rounded to the nearest, and goes on in the mean when it is rounded by chance.
#[test]
fn an_average_stalls_unless_it_is_rounded_by_chance() {
    const LEN: usize = 4096;
    let run = |rounding| {
        let start = vec![1.0; LEN];
        let mut average =
            VectorEma::narrow(Level::detect(), Par::Seq, 0.999, &start, rounding).unwrap();
        for _ in 0..1000 {
            average.push(&[2.0; LEN]);
        }
        wide(average.value()).iter().map(|&x| f64::from(x)).sum::<f64>() / LEN as f64
    };
    let exact = 2.0 - 0.999_f64.powi(1000);
    assert!((run(Rounding::Nearest) - 1.0).abs() < 1e-12, "stalls at its start");
    // A rounding is off by at most 2⁻⁷; a thousand of them, each weighed down by 0.999 a step,
    // by less than 0.1 in one element and 0.1/√4096 = 0.0016 in the mean of all.
    let found = run(Rounding::Stochastic { seed: 3 });
    assert!((found - exact).abs() < 0.005, "found {found}, wanted {exact}");
}

#[test]
fn chance_is_fair_and_differs_from_step_to_step_and_seed_to_seed() {
    const LEN: usize = 1 << 16;
    // 1 + 0.3 of the distance to the next bf16.
    let x = 1.0 + 0.3 / 128.0;
    let rounded = |seed, steps: usize| {
        let rounding = Rounding::Stochastic { seed };
        let mut average =
            VectorEma::narrow(Level::detect(), Par::Seq, 0.0, &[0.0; LEN], rounding).unwrap();
        for _ in 0..steps {
            average.push(&[x; LEN]);
        }
        wide(average.value())
    };
    let up = |values: &[f32]| values.iter().filter(|&&x| x > 1.0).count() as f64 / LEN as f64;
    let runs = [rounded(1, 1), rounded(1, 2), rounded(2, 1)];
    for values in &runs {
        // Three standard deviations of 65536 draws are 0.0054.
        assert!((up(values) - 0.3).abs() < 0.0054, "{} rounded up", up(values));
        let neighbors = [1.0, 1.0 + 1.0 / 128.0].map(f32::to_bits);
        assert!(values.iter().all(|x| neighbors.contains(&x.to_bits())));
    }
    for [a, b] in [[0, 1], [0, 2], [1, 2]] {
        let both = runs[a].iter().zip(&runs[b]).filter(|(x, y)| **x > 1.0 && **y > 1.0).count();
        // Independent: 0.09, with three standard deviations of 0.0034.
        let both = both as f64 / LEN as f64;
        assert!((both - 0.09).abs() < 0.0034, "runs {a} and {b}: {both}");
    }
}

#[test]
fn what_is_not_finite_stays_what_it_is() {
    for rounding in ROUNDINGS {
        let values = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -f32::NAN, f32::MAX, -0.0];
        let mut average =
            VectorEma::narrow(Level::detect(), Par::Seq, 0.0, &[0.0; 6], rounding).unwrap();
        average.push(&values);
        let found = wide(average.value());
        assert_eq!(found[..2], values[..2], "{rounding:?}");
        assert!(found[2].is_nan() && found[3].is_nan(), "{rounding:?}");
        assert!(found[4] >= 3.38e38, "{rounding:?}: {}", found[4]);
        assert_eq!(found[5].to_bits(), 0, "{rounding:?}: the sum of zeros");
    }
}
