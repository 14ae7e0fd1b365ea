//! Updates that are wrong in one way each.

use ravine_conformance::update::{self, Form, Gradient, Motion, Step};
use ravine_conformance::{Agreement, Cause, Extent, Failure, mul_add};

use crate::formula::{self, flushed};

/// One element of an update: parameter, velocity, gradient.
type Element = fn(&Step, &mut f32, &mut f32, f32);

/// An update that is `element` where the form is classic, without Nesterov, and right elsewhere.
struct Classic(Element);

impl update::Kernel for Classic {
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        if step.setting.form != Form::Classic || step.setting.nesterov {
            return step.apply(params, velocity, grads);
        }
        for ((w, v), &g) in params.iter_mut().zip(velocity).zip(grads) {
            (self.0)(step, w, v, g);
        }
    }
}

fn numbers(step: &Step) -> [f32; 3] {
    let Motion::Momentum { a, b, c, .. } = step.motion else { panic!("classic has a velocity") };
    [a, b, c]
}

fn gradient(step: &Step, w: f32, g: f32) -> f32 {
    formula::gradient(step.setting.gradient, step.decay, w, g)
}

fn decayed(step: &Step, w: f32) -> f32 {
    formula::decayed(step.decay, w)
}

fn failure(element: Element) -> Failure {
    let cases = update::cases(Extent::Quick);
    update::check(&mut Classic(element), cases, Agreement::Bits).expect_err("it is broken")
}

#[test]
fn a_kernel_written_from_the_formula_passes() {
    let whole = |step: &Step, w: &mut f32, v: &mut f32, g| {
        let [a, b, c] = numbers(step);
        *v = flushed(a * *v + b * gradient(step, *w, g));
        *w = decayed(step, *w) - c * *v;
    };
    let cases = update::cases(Extent::Quick);
    let checked = update::check(&mut Classic(whole), cases, Agreement::Bits).unwrap();
    assert_eq!(checked.cases, update::cases(Extent::Quick).count() as u64);
}

#[test]
fn an_update_that_rounds_once_is_caught() {
    let failure = failure(|step, w, v, g| {
        let [a, b, c] = numbers(step);
        *v = flushed(mul_add(a, *v, b * gradient(step, *w, g)));
        *w = decayed(step, *w) - c * *v;
    });
    assert!(failure.case.starts_with("update classic, length "), "{failure}");
}

#[test]
fn an_update_that_keeps_subnormal_velocities_is_caught() {
    let failure = failure(|step, w, v, g| {
        let [a, b, c] = numbers(step);
        *v = a * *v + b * gradient(step, *w, g);
        *w = decayed(step, *w) - c * *v;
    });
    let Cause::Mismatch(mismatch) = failure.cause else { panic!("{failure}") };
    assert_eq!(mismatch.expected.bits(), 0, "{failure}");
}

#[test]
fn an_update_that_decays_after_the_step_is_caught() {
    let failure = failure(|step, w, v, g| {
        let [a, b, c] = numbers(step);
        *v = flushed(a * *v + b * gradient(step, *w, g));
        *w -= c * *v;
        *w = decayed(step, *w);
    });
    assert!(failure.case.contains("decoupled decay 0.1"), "{failure}");
}

#[test]
fn an_update_that_clamps_nan_is_caught() {
    let failure = failure(|step, w, v, g| {
        let [a, b, c] = numbers(step);
        let g = if let Gradient::Clamped(limit) = step.setting.gradient {
            g.max(-limit).min(limit)
        } else {
            g
        };
        *v = flushed(a * *v + b * gradient(step, *w, g));
        *w = decayed(step, *w) - c * *v;
    });
    assert!(failure.case.contains("gradient clamped to 0.75"), "{failure}");
}

/// Steps that leave the last elements out.
struct Short(usize);

impl update::Kernel for Short {
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        let len = grads.len() / self.0 * self.0;
        let velocity = velocity.get_mut(..len).unwrap_or_default();
        step.apply(&mut params[..len], velocity, &grads[..len]);
    }
}

#[test]
fn an_update_that_forgets_its_tail_is_caught_whatever_its_width() {
    for width in [2, 4, 8, 16, 32, 64] {
        let cases = update::cases(Extent::Quick);
        let failure = update::check(&mut Short(width), cases, Agreement::Ulps(4)).unwrap_err();
        let Cause::Mismatch(mismatch) = failure.cause else { panic!("{failure}") };
        assert_eq!((mismatch.index, mismatch.len), (0, 1), "{failure}");
        assert_eq!((failure.step, failure.tensor), (Some(0), "params"), "{failure}");
    }
}

/// Steps that are wrong in one element where parameters and velocity lie differently.
struct Aligned;

impl update::Kernel for Aligned {
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        step.apply(params, velocity, grads);
        let at = |slice: &[f32]| slice.as_ptr().addr() % 64;
        if at(params) != at(velocity)
            && let Some(last) = velocity.last_mut()
        {
            *last = 0.25;
        }
    }
}

#[test]
fn an_update_that_wants_one_alignment_is_caught() {
    let cases = || update::cases(Extent::Quick);
    let equal = cases().map(|case| update::Case { offsets: [0; 3], ..case });
    assert!(update::check(&mut Aligned, equal.take(400), Agreement::Bits).is_ok());
    let failure = update::check(&mut Aligned, cases(), Agreement::Bits).unwrap_err();
    assert_eq!(failure.tensor, "velocity", "{failure}");
}

/// Steps with other numbers than those of the schedule.
struct Numbers(fn(&mut update::Setting, &mut update::Rates, usize));

impl update::Kernel for Numbers {
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        let (mut setting, mut schedule) = (step.setting, update::SCHEDULE);
        (self.0)(&mut setting, &mut schedule[step.index], step.index);
        let step = setting.steps(&schedule).nth(step.index).expect("the schedule has the step");
        step.apply(params, velocity, grads);
    }
}

#[test]
fn an_update_that_misreads_the_schedule_or_the_form_is_caught() {
    let form = |change| {
        let failure =
            update::check(&mut Numbers(change), update::cases(Extent::Quick), Agreement::Bits);
        failure.expect_err("it is broken").case
    };
    assert!(
        form(|_, rates, _| rates.next_momentum = rates.momentum).contains("sutskever, nesterov")
    );
    let undampened = form(|setting, _, _| {
        if let Form::Dampened { dampening } = &mut setting.form {
            *dampening = 0.0;
        }
    });
    assert!(undampened.contains("dampened by 0.25"), "{undampened}");
    let late = form(|_, rates, index| rates.lr = update::SCHEDULE[index.max(1) - 1].lr);
    assert!(late.contains("plain"), "{late}");
}
