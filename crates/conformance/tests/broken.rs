//! The laws catch broken kernels, and pass whole ones.

use ravine_conformance::function::{self, Function};
use ravine_conformance::product::{self, Kind, Shape};
use ravine_conformance::sum::{self, Terms};
use ravine_conformance::update::{self, Decay, Form, Gradient, Motion, Step};
use ravine_conformance::{Agreement, Cause, Extent, Failure, mul_add};

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

/// The gradient after scaling, clamping and coupled decay.
fn gradient(step: &Step, w: f32, g: f32) -> f32 {
    let g = match step.setting.gradient {
        Gradient::AsIs => g,
        Gradient::Scaled(s) => s * g,
        Gradient::Clamped(limit) if limit < g => limit,
        Gradient::Clamped(limit) if g < -limit => -limit,
        Gradient::Clamped(_) => g,
    };
    if let Decay::Coupled(decay) = step.decay { g + decay * w } else { g }
}

fn flushed(v: f32) -> f32 {
    if v.abs() < f32::MIN_POSITIVE { 0.0 } else { v }
}

fn decayed(step: &Step, w: f32) -> f32 {
    if let Decay::Decoupled(e) = step.decay { w - e * w } else { w }
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

/// A sum over some number of lanes, in one leaf or in leaves.
struct Lanes(usize, usize);

impl sum::Kernel for Lanes {
    fn sum(&mut self, terms: Terms, x: &[f32], y: &[f32]) -> f64 {
        let y = if y.is_empty() { x } else { y };
        let term = |(&x, &y): (&f32, &f32)| match terms {
            Terms::Values => f64::from(x),
            Terms::Squares => f64::from(x) * f64::from(x),
            Terms::Products => f64::from(x) * f64::from(y),
        };
        let terms: Vec<f64> = x.iter().zip(y).map(term).collect();
        let leaf = |terms: &[f64]| {
            let mut lanes = vec![0.0; self.0];
            for (i, term) in terms.iter().enumerate() {
                lanes[i % self.0] += term;
            }
            let mut half = self.0 / 2;
            while half > 0 {
                for i in 0..half {
                    lanes[i] += lanes[i + half];
                }
                half /= 2;
            }
            lanes[0]
        };
        let mut leaves: Vec<f64> = terms.chunks(self.1).map(leaf).collect();
        // Neighbors, level by level: another tree where the number of leaves is not a power of two.
        while leaves.len() > 1 {
            leaves = leaves.chunks(2).map(|pair| pair.iter().sum()).collect();
        }
        leaves.first().copied().unwrap_or(0.0)
    }
}

#[test]
fn a_sum_of_other_lanes_leaves_or_trees_is_caught() {
    let check = |kernel, most: usize| {
        let cases = sum::cases(Extent::Quick).filter(move |case| case.length <= most);
        sum::check(&mut { kernel }, cases, Agreement::Bits)
    };
    assert!(check(Lanes(32, 4096), 8192).is_ok());
    assert!(check(Lanes(16, 4096), 8192).is_err());
    assert!(check(Lanes(64, 4096), 8192).is_err());
    assert!(check(Lanes(32, 2048), 8192).is_err());
    let failure = check(Lanes(32, 4096), usize::MAX).unwrap_err();
    assert!(failure.case.contains("length 20513"), "{failure}");
}

/// A product whose chains are cut after so many terms, fused or not.
struct Cut(usize, bool);

impl product::Kernel for Cut {
    fn product(&mut self, kind: Kind, shape: Shape, c: &mut [f32], a: &[f32], b: &[f32]) {
        let Shape { m, k, n } = shape;
        for (at, c) in c.iter_mut().enumerate() {
            let (i, j) = (at / n, at % n);
            let factor = |p: usize| match kind {
                Kind::Plain => a[i * k + p],
                Kind::OverSamples => a[p * m + i],
                Kind::ColumnSums => 1.0,
            };
            let mut parts = vec![0.0_f32];
            for p in 0..k {
                if p > 0 && p % self.0 == 0 {
                    parts.push(0.0);
                }
                let sum = parts.last_mut().expect("there is one part");
                let (a, b) = (factor(p), b[p * n + j]);
                *sum = if self.1 { mul_add(a, b, *sum) } else { a * b + *sum };
            }
            *c = parts.into_iter().reduce(|sum, part| sum + part).expect("there is one part");
        }
    }
}

#[test]
fn a_product_that_is_cut_or_rounds_twice_is_caught() {
    let check = |kernel, kind: Kind, most| {
        let cases = product::cases(Extent::Quick);
        let cases = cases.filter(move |case| case.kind == kind && case.shape.k <= most);
        product::check(&mut { kernel }, cases, Agreement::Bits)
    };
    for kind in [Kind::Plain, Kind::OverSamples, Kind::ColumnSums] {
        assert!(check(Cut(4096, true), kind, 8192).is_ok_and(|checked| checked.cases > 5));
        assert!(check(Cut(32, true), kind, 8192).is_err());
        let leaves = check(Cut(usize::MAX, true), kind, usize::MAX);
        assert_eq!(leaves.is_ok(), kind == Kind::Plain, "{leaves:?}");
    }
    assert!(check(Cut(usize::MAX, false), Kind::Plain, 8192).is_err());
}

/// Functions of the standard library, with a part of them replaced.
struct Library(fn(Function, f32, f32) -> Option<f32>);

impl function::Kernel for Library {
    fn map(&mut self, function: Function, y: &mut [f32], x: &[f32]) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = (self.0)(function, x, *y).unwrap_or_else(|| match function {
                Function::Exp => x.exp(),
                Function::Ln => x.ln(),
                Function::Tanh => x.tanh(),
                Function::Sigmoid => 1.0 / (1.0 + (-x).exp()),
                Function::Relu if x > 0.0 => x,
                Function::ReluMask if x > 0.0 => *y,
                _ => 0.0,
            });
        }
    }
}

#[test]
fn a_function_that_is_off_is_caught() {
    let check = |function: Function, part| {
        let cases = function::cases(Extent::Quick).filter(move |case| case.function == function);
        function::check(&mut Library(part), cases)
    };
    for function in [Function::Exp, Function::Ln, Function::Tanh, Function::Relu] {
        assert!(check(function, |_, _, _| None).is_ok(), "{function}");
    }
    // By subtraction: far from the truth near zero.
    let tanh = |_, x: f32, _| Some(1.0 - 2.0 / ((2.0 * x).exp() + 1.0));
    assert!(check(Function::Tanh, tanh).is_err());
    // A mask by multiplication makes NaN of infinite gradients.
    let mask = |_, x: f32, dy: f32| Some(if x > 0.0 { dy } else { 0.0 * dy });
    assert!(check(Function::ReluMask, |_, _, _| None).is_ok());
    assert!(check(Function::ReluMask, mask).is_err());
    // A ReLU that keeps NaN.
    let relu = |_, x: f32, _| Some(if x < 0.0 { 0.0 } else { x });
    assert!(check(Function::Relu, relu).is_err());
    assert!(check(Function::Gelu, |_, x: f32, _| Some(x / (1.0 + (-1.702 * x).exp()))).is_err());
}
