//! Steps with narrow states that are wrong in one way each.

use ravine_conformance::narrow::{self, Kept, Step};
use ravine_conformance::update::Motion;
use ravine_conformance::{Agreement, Cause, Extent, Failure};

use crate::formula::{decayed, flushed, gradient};

/// What a kernel may do in a way of its own; each is [right](RIGHT) elsewhere.
#[derive(Clone, Copy)]
struct Kernel {
    keep: fn(Kept, u64, usize, f32) -> f32,
    /// The velocity that moves the parameter, of the wide and the kept one.
    moves: fn(f32, f32) -> f32,
    /// What goes into the average, of the old and the new parameter.
    averaged: fn(f32, f32) -> f32,
    /// Elements of a block; what does not fill one is left out.
    width: usize,
}

const RIGHT: Kernel =
    Kernel { keep: Kept::round, moves: |wide, _| wide, averaged: |_, new| new, width: 1 };

impl narrow::Kernel for Kernel {
    fn step(
        &mut self,
        step: &Step,
        params: &mut [f32],
        velocity: &mut [f32],
        average: &mut [f32],
        grads: &[f32],
    ) {
        let (count, update, [keep, take]) = (step.index as u64 + 1, step.update, step.shares);
        for i in 0..grads.len() / self.width * self.width {
            let w = params[i];
            let g = gradient(update.setting.gradient, update.decay, w, grads[i]);
            let change = match update.motion {
                Motion::Plain { lr } => lr * g,
                Motion::Momentum { a, b, c, d } => {
                    let wide = flushed(a * velocity[i] + b * g);
                    velocity[i] = (self.keep)(step.setting.velocity, count, i, wide);
                    let v = (self.moves)(wide, velocity[i]);
                    d.map_or(c * v, |d| c * v + d * g)
                }
            };
            params[i] = decayed(update.decay, w) - change;
            let m = flushed(keep * average[i] + take * (self.averaged)(w, params[i]));
            average[i] = (self.keep)(step.setting.average, count, i, m);
        }
    }
}

fn failure(mut kernel: Kernel) -> Failure {
    let cases = narrow::cases(Extent::Quick);
    narrow::check(&mut kernel, cases, Agreement::Bits).expect_err("it is broken")
}

#[test]
fn a_kernel_written_from_the_formula_passes() {
    let cases = narrow::cases(Extent::Quick);
    let checked = narrow::check(&mut { RIGHT }, cases, Agreement::Bits).unwrap();
    assert_eq!(checked.cases, narrow::cases(Extent::Quick).count() as u64);
}

#[test]
fn a_number_that_is_cut_off_is_caught() {
    let keep = |kept, count, i, x: f32| match kept {
        Kept::Nearest => f32::from_bits(x.to_bits() & 0xffff_0000),
        _ => kept.round(count, i, x),
    };
    let failure = failure(Kernel { keep, ..RIGHT });
    let start = "narrow classic, velocity wide, average nearest, length ";
    assert!(failure.to_string().starts_with(start), "{failure}");
    assert_eq!(failure.tensor, "average", "{failure}");
}

#[test]
fn halves_that_are_rounded_away_from_zero_are_caught() {
    let keep = |kept, count, i, x: f32| match kept {
        Kept::Nearest if !x.is_nan() => f32::from_bits((x.to_bits() + 0x8000) & 0xffff_0000),
        _ => kept.round(count, i, x),
    };
    let failure = failure(Kernel { keep, ..RIGHT });
    let Cause::Mismatch(mismatch) = failure.cause else { panic!("{failure}") };
    assert_eq!(mismatch.ulps(), Some(1 << 16), "{failure}");
}

#[test]
fn a_chance_without_the_step_the_index_or_half_of_the_seed_is_caught() {
    let by_chance = |keep| {
        let failure = failure(Kernel { keep, ..RIGHT });
        assert!(failure.case.contains("by chance"), "{failure}");
        failure
    };
    let without_step = by_chance(|kept, _, i, x| kept.round(1, i, x));
    assert!(without_step.step > Some(0), "{without_step}");
    by_chance(|kept, count, i, x| kept.round(count - 1, i, x));
    by_chance(|kept, count, i, x| kept.round(count, i % 16, x));
    by_chance(|kept, count, i, x| match kept {
        Kept::Stochastic { seed } => {
            Kept::Stochastic { seed: seed & 0xffff_ffff }.round(count, i, x)
        }
        _ => kept.round(count, i, x),
    });
}

#[test]
fn a_step_by_the_velocity_that_was_kept_is_caught() {
    let failure = failure(Kernel { moves: |_, kept| kept, ..RIGHT });
    assert!(failure.case.starts_with("narrow classic, velocity nearest, "), "{failure}");
    assert_eq!(failure.tensor, "params", "{failure}");
}

#[test]
fn an_average_of_the_parameters_before_the_step_is_caught() {
    let failure = failure(Kernel { averaged: |old, _| old, ..RIGHT });
    assert_eq!((failure.step, failure.tensor), (Some(0), "average"), "{failure}");
}

#[test]
fn a_tail_that_is_forgotten_is_caught_whatever_the_width() {
    for width in [2, 4, 8, 16, 32, 64] {
        let failure = failure(Kernel { width, ..RIGHT });
        let Cause::Mismatch(mismatch) = failure.cause else { panic!("{failure}") };
        assert_eq!((mismatch.index, mismatch.len), (0, 1), "{failure}");
    }
}
