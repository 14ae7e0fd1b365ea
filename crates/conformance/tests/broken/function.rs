//! Functions that are off.
#![expect(clippy::cast_possible_truncation, reason = "functions are rounded to f32")]

use ravine_conformance::function::{self, Function, truth};
use ravine_conformance::{Checked, Extent, Failure};

/// Functions of the standard library, with a part of them replaced.
struct Library(Part);

impl function::Kernel for Library {
    fn map(&mut self, function: Function, y: &mut [f32], x: &[f32]) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = (self.0)(function, x, *y).unwrap_or_else(|| match function {
                Function::Exp => x.exp(),
                Function::Ln => x.ln(),
                // In f32 the platform's may be farther off than the contract's own.
                Function::Tanh => f64::from(x).tanh() as f32,
                Function::Sigmoid => 1.0 / (1.0 + (-x).exp()),
                Function::Relu if x > 0.0 => x,
                Function::ReluMask if x > 0.0 => *y,
                Function::TanhSlope => *y * ((1.0 - x) * (1.0 + x)),
                Function::SigmoidSlope => *y * (x * (1.0 - x)),
                Function::GeluSlope | Function::GeluSlopeTail => {
                    (f64::from(*y) * truth::gelu_slope(x.into())) as f32
                }
                _ => 0.0,
            });
        }
    }
}

type Part = fn(Function, f32, f32) -> Option<f32>;

fn check(function: Function, part: Part) -> Result<Checked, Failure> {
    let cases = function::cases(Extent::Quick).filter(move |case| case.function == function);
    function::check(&mut Library(part), cases)
}

#[test]
fn a_function_that_is_off_is_caught() {
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

#[test]
fn a_slope_that_is_off_is_caught() {
    let slopes =
        [Function::TanhSlope, Function::SigmoidSlope, Function::GeluSlope, Function::GeluSlopeTail];
    for slope in slopes {
        assert!(check(slope, |_, _, _| None).is_ok(), "{slope}");
        // A gradient of ones in place of the one that comes back.
        let ones: Part = |function, x, _| match function {
            Function::TanhSlope => Some((1.0 - x) * (1.0 + x)),
            Function::SigmoidSlope => Some(x * (1.0 - x)),
            _ => Some(truth::gelu_slope(x.into()) as f32),
        };
        assert!(check(slope, ones).is_err(), "{slope}");
    }
    // One product less, which cancels near ±1.
    assert!(check(Function::TanhSlope, |_, x, dy| Some(dy * (1.0 - x * x))).is_err());
    // From left to right.
    assert!(check(Function::SigmoidSlope, |_, x, dy| Some(dy * x * (1.0 - x))).is_err());
    // Rounded once.
    let fused: Part = |_, x, dy| Some(dy * x.mul_add(-x, x));
    assert!(check(Function::SigmoidSlope, fused).is_err());
    // The slope of the form by tanh.
    let tanh: Part = |_, x, dy| {
        let c = (2.0 / std::f64::consts::PI).sqrt();
        let x = f64::from(x);
        let t = (c * (x + 0.044_715 * x * x * x)).tanh();
        let inner = c * (1.0 + 3.0 * 0.044_715 * x * x);
        let slope = 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner;
        Some((f64::from(dy) * slope) as f32)
    };
    assert!(check(Function::GeluSlope, tanh).is_err());
    // Nothing below −13.1, where the density is subnormal.
    let flushed: Part =
        |_, x, dy| Some(if x < -13.1 { 0.0 } else { dy * truth::gelu_slope(x.into()) as f32 });
    assert!(check(Function::GeluSlopeTail, flushed).is_err());
}

/// The truth, but every number that is neither tiny nor huge so many floats nearer to zero: where
/// that passes a power of two, floats lie closer than the ulp of the truth.
struct Off<'a>(&'a [f32], u32);

impl function::Kernel for Off<'_> {
    fn map(&mut self, _: Function, y: &mut [f32], _: &[f32]) {
        for (y, &truth) in y.iter_mut().zip(self.0) {
            let moves = 1e-40 < truth.abs() && truth.abs() < 1e30;
            *y = if moves { f32::from_bits(truth.to_bits() - self.1) } else { truth };
        }
    }
}

#[test]
fn a_function_may_be_as_far_off_as_the_contracts_own_and_no_farther() {
    for (function, most) in [
        (Function::Exp, 1),
        (Function::Ln, 1),
        (Function::Tanh, 1),
        (Function::Sigmoid, 2),
        (Function::Gelu, 4),
        (Function::GeluTail, 4),
        (Function::Relu, 0),
        (Function::ReluMask, 0),
        (Function::Erf, 1),
        (Function::TanhSlope, 0),
        (Function::SigmoidSlope, 0),
        (Function::GeluSlope, 7),
        (Function::GeluSlopeTail, 6),
    ] {
        let long = |case: &function::Case| case.function == function && case.length > 4000;
        let case =
            function::cases(Extent::Quick).find(long).expect("every function has long cases");
        let trial = case.trial();
        let off = |ulps| trial.run(&mut Off(&trial.expected, ulps), function.agreement());
        assert_eq!(off(most), Ok(()), "{function}");
        assert!(off(most + 1).is_err(), "{function}");
    }
}
