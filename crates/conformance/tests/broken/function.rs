//! Functions that are off.
#![expect(clippy::cast_possible_truncation, reason = "functions are rounded to f32")]

use ravine_conformance::Extent;
use ravine_conformance::function::{self, Function};

/// Functions of the standard library, with a part of them replaced.
struct Library(fn(Function, f32, f32) -> Option<f32>);

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

/// The truth, but every number that is neither zero nor huge so many floats too large.
struct Off<'a>(&'a [f32], u32);

impl function::Kernel for Off<'_> {
    fn map(&mut self, _: Function, y: &mut [f32], _: &[f32]) {
        for (y, &truth) in y.iter_mut().zip(self.0) {
            let moves = truth != 0.0 && truth.abs() < 1e30;
            *y = if moves { f32::from_bits(truth.to_bits() + self.1) } else { truth };
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
