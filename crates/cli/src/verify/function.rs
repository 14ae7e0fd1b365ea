//! Functions and derivatives: by the law on the scalar level, and the same bits on every other.

use ravine::tensor::Activation;
use ravine::tensor::function::{erf, exp, ln};
use ravine_conformance::function::{self, Case, Function, Kernel, Trial};
use ravine_conformance::{Agreement, Draw, Extent, Failure};

use super::difference::Place;
use super::tally::Tally;
use super::way::Way;

/// From slice to slice, and where the arguments lie.
const PLACES: [&str; 2] = ["", "in place"];

/// Ways of all cases.
pub(super) fn count(extent: Extent) -> u64 {
    function::cases(extent).map(|case| ways(case.function).count() as u64).sum()
}

/// Compares functions, and then what takes a gradient back, with the law and with the scalar
/// level.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    for (family, back) in [("function", false), ("derivative", true)] {
        tally.family(family);
        for case in function::cases(extent).filter(|case| case.function.takes_gradient() == back) {
            let (trial, law) = scalar(case);
            let mut law = Some(law);
            tally.case(&place(&case), ways(case.function), |way, results| {
                results.add(&trial.expected);
                // The first way is the scalar level, which has the law to answer to as well.
                law.take().unwrap_or(Ok(()))?;
                trial.run(&mut Ours { way }, Agreement::Bits)
            });
        }
    }
}

/// A case as differences name it.
pub(super) fn place(case: &Case) -> Place<'_> {
    Place { case, length: case.length, offsets: &case.offsets }
}

/// A case that expects what the scalar level gives, and whether that keeps the law.
pub(super) fn scalar(case: Case) -> (Trial, Result<(), Failure>) {
    let (mut trial, way) = (case.trial(), first());
    let law = trial.run(&mut Ours { way: &way }, case.function.agreement());
    if case.function.takes_gradient() {
        // The law on GELU's slope is about gradients of 1 and −1; levels agree on any.
        trial.y = Draw::Hostile.values(16 * case.seed + 3, case.length);
    }
    trial.expected = plain(&mut Ours { way: &way }, &trial);
    (trial, law)
}

/// What a kernel makes of a case, wherever its slices lie.
fn plain(kernel: &mut impl Kernel, trial: &Trial) -> Vec<f32> {
    let mut y = trial.y.clone();
    kernel.map(trial.case.function, &mut y, &trial.x);
    y
}

fn first() -> Way {
    Way::all(&PLACES).next().expect("there is a scalar level")
}

/// The ways of a function: only activations are taken in place.
fn ways(function: Function) -> impl Iterator<Item = Way> {
    let in_place = activation(function).is_some() && !function.takes_gradient();
    Way::all(&PLACES[..1 + usize::from(in_place)])
}

/// The activation that a function is, or is the derivative of.
fn activation(function: Function) -> Option<Activation> {
    match function {
        Function::Exp | Function::Ln | Function::Erf => None,
        Function::Tanh | Function::TanhSlope => Some(Activation::Tanh),
        Function::Sigmoid | Function::SigmoidSlope => Some(Activation::Sigmoid),
        Function::Gelu | Function::GeluTail | Function::GeluSlope | Function::GeluSlopeTail => {
            Some(Activation::Gelu)
        }
        Function::Relu | Function::ReluMask => Some(Activation::Relu),
    }
}

/// The program's own functions.
struct Ours<'a> {
    way: &'a Way,
}

impl Kernel for Ours<'_> {
    fn map(&mut self, function: Function, y: &mut [f32], x: &[f32]) {
        let (level, par) = self.way.on();
        match activation(function) {
            Some(activation) if function.takes_gradient() => {
                // What a slope does not look at: the argument, or what forward gave.
                let unread = vec![f32::NAN; x.len()];
                match function {
                    Function::TanhSlope | Function::SigmoidSlope => {
                        activation.backward(level, par, y, &unread, x);
                    }
                    _ => activation.backward(level, par, y, x, &unread),
                }
            }
            Some(activation) if self.way.manner() == PLACES[1] => {
                y.copy_from_slice(x);
                activation.in_place(level, y);
            }
            Some(activation) => activation.forward(level, par, y, x),
            None if function == Function::Ln => ln(level, par, y, x),
            None if function == Function::Erf => erf(level, par, y, x),
            None => exp(level, par, y, x),
        }
    }
}
