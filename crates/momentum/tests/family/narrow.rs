//! Velocities and averages in half the bytes.

use ravine_conformance::narrow::{self, Case};
use ravine_conformance::{Agreement, Draw, Extent, compare};
use ravine_momentum::{Form, Rates, Rounding, Sgd, State, VectorEma, WeightDecay};
use ravine_simd::{Level, Par};

use crate::run::{Run, wide};
use crate::{SHARED, THREADS};

const ROUNDINGS: [Rounding; 2] = [Rounding::Nearest, Rounding::Stochastic { seed: 7 }];
const CUT: &[usize] = &[300, 33, 50_001];

#[test]
fn narrow_states_give_the_bits_of_the_law_on_every_level() {
    // Threads change nothing here but the way to the loop, so each case takes one number of them.
    let cases = narrow::cases(Extent::Quick).filter(|case| case.length < SHARED);
    for (trial, threads) in cases.map(Case::trial).zip(THREADS.into_iter().cycle()) {
        for level in Level::available() {
            for apart in [false, true] {
                let run = &mut Run::new((level, Par::threads(threads)), CUT, apart);
                let kept = trial.run(run, Agreement::Bits);
                assert_eq!(kept, Ok(()), "{level}, {threads} threads, average apart: {apart}");
            }
        }
    }
}

#[test]
fn threads_change_no_bit_of_narrow_states() {
    let mut n_trials = 0;
    for trial in narrow::cases(Extent::Quick).filter(|case| SHARED <= case.length).map(Case::trial)
    {
        n_trials += 1;
        for level in Level::available() {
            for threads in THREADS {
                let apart = threads % 2 == 0;
                let run = &mut Run::new((level, Par::threads(threads)), CUT, apart);
                let kept = trial.run(run, Agreement::Bits);
                assert_eq!(kept, Ok(()), "{level}, {threads} threads, average apart: {apart}");
            }
        }
    }
    assert_eq!(n_trials, 3, "cases that are worth a second thread");
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
        let mut again =
            State::from_narrow_parts(Level::scalar(), Par::Seq, count, product, kept).unwrap();
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
