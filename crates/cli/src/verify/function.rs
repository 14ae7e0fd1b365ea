//! Functions: near the truth on the scalar level, and the same bits on every other.

use ravine::tensor::Activation;
use ravine::tensor::function::{erf, exp, ln};
use ravine_conformance::function::{self, Case, Function, Kernel, Trial};
use ravine_conformance::{Agreement, Draw, Extent, Failure};

use super::difference::Place;
use super::tally::Tally;
use super::way::Way;

/// From slice to slice, and where the arguments lie.
const PLACES: [&str; 2] = ["", "in place"];

/// Ways of all cases, derivatives included.
pub(super) fn count(extent: Extent) -> u64 {
    let ways = |case: Case| ways(case.function).count() as u64;
    let derivatives = derivatives(extent).count() * Way::all(&PLACES[..1]).count();
    function::cases(extent).map(ways).sum::<u64>() + derivatives as u64
}

/// Compares functions with the truth in `f64` and with the scalar level, derivatives with the
/// scalar level.
pub(super) fn run(tally: &mut Tally, extent: Extent) {
    tally.family("function");
    for case in function::cases(extent) {
        let (trial, law) = scalar(case);
        let mut law = Some(law);
        tally.case(&place(&case), ways(case.function), |way, results| {
            results.add(&trial.expected);
            // The first way is the scalar level, which has the truth to answer to as well.
            law.take().unwrap_or(Ok(()))?;
            trial.run(&mut Ours { way }, Agreement::Bits)
        });
    }
    tally.family("derivative");
    for case in derivatives(extent) {
        let mut trial = case.trial();
        trial.y = Draw::Hostile.values(16 * case.seed + 3, case.length);
        trial.expected = plain(&mut Derivative { way: &first() }, &trial);
        let name = format!("derivative, {case}");
        let place = Place { case: &name, ..place(&case) };
        tally.case(&place, Way::all(&PLACES[..1]), |way, results| {
            results.add(&trial.expected);
            trial.run(&mut Derivative { way }, Agreement::Bits)
        });
    }
}

/// A case as differences name it.
pub(super) fn place(case: &Case) -> Place<'_> {
    Place { case, length: case.length, offsets: &case.offsets }
}

/// A case that expects what the scalar level gives, and whether that is near the truth.
pub(super) fn scalar(case: Case) -> (Trial, Result<(), Failure>) {
    let (mut trial, way) = (case.trial(), first());
    let law = trial.run(&mut Ours { way: &way }, case.function.agreement());
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
    let in_place = activation(function).is_some() && function != Function::ReluMask;
    Way::all(&PLACES[..1 + usize::from(in_place)])
}

/// The cases of activations whose derivative is more than a mask.
fn derivatives(extent: Extent) -> impl Iterator<Item = Case> {
    let smooth = [Function::Tanh, Function::Sigmoid, Function::Gelu, Function::GeluTail];
    function::cases(extent).filter(move |case| smooth.contains(&case.function))
}

/// The activation that a function is, or is the derivative of.
fn activation(function: Function) -> Option<Activation> {
    match function {
        Function::Exp | Function::Ln | Function::Erf => None,
        Function::Tanh => Some(Activation::Tanh),
        Function::Sigmoid => Some(Activation::Sigmoid),
        Function::Gelu | Function::GeluTail => Some(Activation::Gelu),
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
            Some(_) if function == Function::ReluMask => {
                Derivative { way: self.way }.map(function, y, x);
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

/// The program's own derivatives.
struct Derivative<'a> {
    way: &'a Way,
}

impl Kernel for Derivative<'_> {
    fn map(&mut self, function: Function, y: &mut [f32], x: &[f32]) {
        let (level, par) = self.way.on();
        let activation = activation(function).expect("only activations have one");
        let mut forward = vec![f32::NAN; x.len()];
        activation.forward(level, par, &mut forward, x);
        activation.backward(level, par, y, x, &forward);
    }
}
