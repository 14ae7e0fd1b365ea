//! Functions, and what they do to a gradient on its way back, held to the contract's laws.

use ravine_conformance::Extent;
use ravine_conformance::function::{self, Function, Kernel};
use ravine_simd::{Level, Par};
use ravine_tensor::Activation;
use ravine_tensor::function::{erf, exp, ln};

/// The crate's own functions on a level.
struct Ours(Level);

impl Kernel for Ours {
    fn map(&mut self, function: Function, y: &mut [f32], x: &[f32]) {
        let (level, par) = (self.0, Par::Seq);
        // The argument where only what forward gave is looked at, and the other way round.
        let unread = vec![f32::NAN; x.len()];
        match function {
            Function::Exp => exp(level, par, y, x),
            Function::Ln => ln(level, par, y, x),
            Function::Erf => erf(level, par, y, x),
            Function::Tanh => Activation::Tanh.forward(level, par, y, x),
            Function::Sigmoid => Activation::Sigmoid.forward(level, par, y, x),
            Function::Relu => Activation::Relu.forward(level, par, y, x),
            Function::Gelu | Function::GeluTail => Activation::Gelu.forward(level, par, y, x),
            Function::ReluMask => Activation::Relu.backward(level, par, y, x, &unread),
            Function::TanhSlope => Activation::Tanh.backward(level, par, y, &unread, x),
            Function::SigmoidSlope => Activation::Sigmoid.backward(level, par, y, &unread, x),
            Function::GeluSlope | Function::GeluSlopeTail => {
                Activation::Gelu.backward(level, par, y, x, &unread);
            }
        }
    }
}

#[test]
fn every_function_keeps_its_law_on_every_level() {
    for case in function::cases(Extent::Quick) {
        let trial = case.trial();
        for level in Level::available() {
            let held = trial.run(&mut Ours(level), case.function.agreement());
            held.unwrap_or_else(|failure| panic!("{level}: {failure}"));
        }
    }
}
