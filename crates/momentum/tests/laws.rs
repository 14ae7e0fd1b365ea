//! Bits against the formula: every level, number of threads, option, length and cut.

use ravine_momentum::{Decay, Gradient, Motion, Rule, Step};
use ravine_simd::{LANES, Level, Par};

mod oracle;
#[expect(clippy::cast_possible_truncation, reason = "small seeds")]
mod values;
use oracle::apply;
use values::{bits, hostile, wave};

/// Every choice of options, with numbers of no special kind.
fn steps() -> Vec<Step> {
    let gradients = [Gradient::AsIs, Gradient::Scaled(0.3), Gradient::Clamped(0.4)];
    let decays = [Decay::None, Decay::Coupled(0.07), Decay::Decoupled(0.03)];
    let rule = Rule { a: 0.9, b: 0.7, c: 0.11, d: None };
    let motions = [
        Motion::Plain { lr: 0.13 },
        Motion::Momentum(rule),
        Motion::Momentum(Rule { d: Some(0.05), ..rule }),
    ];
    let mut steps = vec![];
    for gradient in gradients {
        for decay in decays {
            steps.extend(motions.map(|motion| Step { gradient, decay, motion }));
        }
    }
    steps
}

/// Parameters, velocity and gradient of one case.
fn operands(step: &Step, len: usize, make: fn(usize, u64) -> Vec<f32>) -> [Vec<f32>; 3] {
    let with_velocity = matches!(step.motion, Motion::Momentum(_));
    [make(len, 1), make(if with_velocity { len } else { 0 }, 2), make(len, 3)]
}

fn agrees(step: &Step, par: Par, len: usize, make: fn(usize, u64) -> Vec<f32>) {
    let [p, v, g] = operands(step, len, make);
    let (mut p_want, mut v_want) = (p.clone(), v.clone());
    apply(step, &mut p_want, &mut v_want, &g);
    for level in Level::available() {
        let (mut params, mut velocity) = (p.clone(), v.clone());
        step.run(level, par, &mut params, &mut velocity, &g);
        assert_eq!(bits(&params), bits(&p_want), "params, {level}, {par:?}, len {len}, {step:?}");
        assert_eq!(
            bits(&velocity),
            bits(&v_want),
            "velocity, {level}, {par:?}, len {len}, {step:?}"
        );
    }
}

#[test]
fn every_level_gives_the_bits_of_the_formula() {
    for step in steps() {
        for len in (0..=3 * LANES + 1).chain([4095, 4096, 4099]) {
            agrees(&step, Par::Seq, len, wave);
            agrees(&step, Par::Seq, len, hostile);
        }
    }
}

#[test]
fn threads_do_not_change_bits() {
    for step in steps() {
        for threads in [1, 2, 3, 5, 8] {
            agrees(&step, Par::threads(threads), 4099, hostile);
        }
    }
    for threads in [2, 3, 5, 8] {
        agrees(&steps()[8], Par::threads(threads), (8 << 15) + 5, hostile);
    }
}

#[test]
fn slices_may_start_anywhere_and_their_neighbors_stay() {
    for step in steps() {
        for (start, len) in [(1, 40), (3, 5), (7, 100), (15, 16), (16, 33)] {
            let [p, v, g] = operands(&step, start + len + 3, hostile);
            let (mut p_want, mut v_want) = (p.clone(), v.clone());
            let range = start..start + len;
            let of = |v: &Vec<f32>| if v.is_empty() { 0..0 } else { range.clone() };
            let (of_v, g) = (of(&v), &g[range.clone()]);
            apply(&step, &mut p_want[range.clone()], &mut v_want[of_v.clone()], g);
            for level in Level::available() {
                let (mut params, mut velocity) = (p.clone(), v.clone());
                let parts = (&mut params[range.clone()], &mut velocity[of_v.clone()]);
                step.run(level, Par::Seq, parts.0, parts.1, g);
                assert_eq!(bits(&params), bits(&p_want), "params, {level}, {start}, {step:?}");
                assert_eq!(bits(&velocity), bits(&v_want), "velocity, {level}, {start}, {step:?}");
            }
        }
    }
}

#[test]
fn pieces_give_the_bits_of_the_whole() {
    let lengths = [16, 32, 1, 0, 100, 15, 64, 3];
    for step in steps() {
        let [p, v, g] = operands(&step, lengths.iter().sum(), hostile);
        for level in Level::available() {
            let (mut p_want, mut v_want) = (p.clone(), v.clone());
            step.run(level, Par::Seq, &mut p_want, &mut v_want, &g);
            let (mut params, mut velocity) = (p.clone(), v.clone());
            let mut at = 0;
            for len in lengths {
                let range = at..at + len;
                let of_v = if velocity.is_empty() { 0..0 } else { range.clone() };
                let (p, v) = (&mut params[range.clone()], &mut velocity[of_v]);
                step.run(level, Par::Seq, p, v, &g[range]);
                at += len;
            }
            assert_eq!(bits(&params), bits(&p_want), "params, {level}, {step:?}");
            assert_eq!(bits(&velocity), bits(&v_want), "velocity, {level}, {step:?}");
        }
    }
}

#[test]
fn slices_of_different_length_are_refused_before_anything_is_written() {
    for step in steps() {
        for (short_params, short_grads) in [(1, 0), (0, 1)] {
            let [p, v, g] = operands(&step, 70, wave);
            let (mut params, mut velocity) = (p.clone(), v.clone());
            let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let params = &mut params[short_params..];
                step.run(Level::detect(), Par::Seq, params, &mut velocity, &g[short_grads..]);
            }));
            assert!(refused.is_err());
            assert_eq!((bits(&params), bits(&velocity)), (bits(&p), bits(&v)));
        }
    }
}
