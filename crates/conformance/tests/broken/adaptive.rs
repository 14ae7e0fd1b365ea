//! Steps of Adam and RMSProp that are wrong in one way each.
#![expect(clippy::cast_possible_truncation, reason = "numbers of a step are rounded to f32")]

use ravine_conformance::adaptive::{self, Numbers, Rule, Step};
use ravine_conformance::{Agreement, Cause, Extent, Failure};

use crate::formula::{decayed, flushed, gradient};

/// What a kernel may do in a way of its own; each is [right](RIGHT) elsewhere.
#[derive(Clone, Copy)]
struct Kernel {
    square: fn([f32; 2], f32, f32) -> f32,
    variance: fn(f32, f32) -> f32,
    divisor: fn(f32, f32) -> f32,
    numbers: fn(&Step) -> Numbers,
    /// Elements of a block; what does not fill one is left out.
    width: usize,
}

const RIGHT: Kernel = Kernel {
    square: |[keep, take], u, g| flushed(keep * u + take * (g * g)),
    variance: |u, m| Some(u - m * m).filter(|x| x.is_nan() || *x > 0.0).unwrap_or_default(),
    divisor: |u, epsilon| u.sqrt() + epsilon,
    numbers: |step| step.numbers,
    width: 1,
};

impl adaptive::Kernel for Kernel {
    fn step(&mut self, step: &Step, params: &mut [f32], states: [&mut [f32]; 3], grads: &[f32]) {
        let Numbers { square, mean, momentum, c, epsilon } = (self.numbers)(step);
        let [u, m, v] = states;
        for i in 0..grads.len() / self.width * self.width {
            let g = gradient(step.setting.gradient, step.decay, params[i], grads[i]);
            u[i] = (self.square)(square, u[i], g);
            if let Some(m) = m.get_mut(i) {
                *m = flushed(mean[0] * *m + mean[1] * g);
            }
            let change = match step.setting.rule {
                Rule::Adam { .. } => m[i] / (self.divisor)(u[i], epsilon),
                Rule::RmsProp { centered, momentum: is_kept, .. } => {
                    let spread = if centered { (self.variance)(u[i], m[i]) } else { u[i] };
                    let h = g / (self.divisor)(spread, epsilon);
                    if is_kept {
                        v[i] = flushed(momentum * v[i] + h);
                    }
                    if is_kept { v[i] } else { h }
                }
            };
            params[i] = decayed(step.decay, params[i]) - c * change;
        }
    }
}

fn failure(mut kernel: Kernel) -> Failure {
    let cases = adaptive::cases(Extent::Quick);
    adaptive::check(&mut kernel, cases, Agreement::Bits).expect_err("it is broken")
}

#[test]
fn a_kernel_written_from_the_formula_passes() {
    let cases = adaptive::cases(Extent::Quick);
    let checked = adaptive::check(&mut { RIGHT }, cases, Agreement::Bits).unwrap();
    assert_eq!(checked.cases, adaptive::cases(Extent::Quick).count() as u64);
}

#[test]
fn epsilon_inside_the_root_is_caught() {
    let failure = failure(Kernel { divisor: |u, epsilon| (u + epsilon).sqrt(), ..RIGHT });
    assert!(failure.to_string().starts_with("adaptive adam, length 1, offsets "), "{failure}");
    assert_eq!((failure.step, failure.tensor), (Some(0), "params"), "{failure}");
}

#[test]
fn a_subnormal_mean_square_is_caught() {
    let square = |[keep, take]: [f32; 2], u, g| keep * u + take * (g * g);
    let failure = failure(Kernel { square, ..RIGHT });
    let Cause::Mismatch(mismatch) = failure.cause else { panic!("{failure}") };
    assert_eq!((mismatch.expected.bits(), failure.tensor), (0, "square"), "{failure}");
}

#[test]
fn a_square_of_another_order_is_caught() {
    let square = |[keep, take]: [f32; 2], u, g| flushed(keep * u + (take * g) * g);
    assert_eq!(failure(Kernel { square, ..RIGHT }).tensor, "square");
}

#[test]
fn a_variance_that_rounding_made_negative_is_caught() {
    let failure = failure(Kernel { variance: |u, m| u - m * m, ..RIGHT });
    assert!(failure.case.starts_with("adaptive rmsprop, centered"), "{failure}");
}

#[test]
fn adam_without_a_correction_is_caught() {
    let c = |step: &Step| {
        let c = step.numbers.c * (1.0 - step.rates.momentum as f32);
        Numbers { c, ..step.numbers }
    };
    let failure_of_c = failure(Kernel { numbers: c, ..RIGHT });
    assert!(failure_of_c.case.starts_with("adaptive adam, "), "{failure_of_c}");
    let epsilon = |step: &Step| match step.setting.rule {
        Rule::Adam { epsilon, .. } => Numbers { epsilon: epsilon as f32, ..step.numbers },
        Rule::RmsProp { .. } => step.numbers,
    };
    let failure = failure(Kernel { numbers: epsilon, ..RIGHT });
    assert!(failure.case.starts_with("adaptive adam, "), "{failure}");
}

#[test]
fn a_tail_that_is_forgotten_is_caught_whatever_the_width() {
    for width in [2, 4, 8, 16, 32, 64] {
        let failure = failure(Kernel { width, ..RIGHT });
        let Cause::Mismatch(mismatch) = failure.cause else { panic!("{failure}") };
        assert_eq!((mismatch.index, mismatch.len), (0, 1), "{failure}");
    }
}
