//! The laws' configurations in this crate's words.

use ravine_conformance::update as law;
use ravine_momentum::{Decay, Form, Gradient, Motion, Rates, Rule, Sgd, Step, WeightDecay};

/// A step whose numbers are those that the law gives.
pub(crate) fn step(step: &law::Step) -> Step {
    let decay = match step.decay {
        law::Decay::None => Decay::None,
        law::Decay::Coupled(decay) => Decay::Coupled(decay),
        law::Decay::Decoupled(decay) => Decay::Decoupled(decay),
    };
    let motion = match step.motion {
        law::Motion::Plain { lr } => Motion::Plain { lr },
        law::Motion::Momentum { a, b, c, d } => Motion::Momentum(Rule { a, b, c, d }),
    };
    Step { gradient: gradient(step), decay, motion }
}

pub(crate) fn gradient(step: &law::Step) -> Gradient {
    match step.setting.gradient {
        law::Gradient::AsIs => Gradient::AsIs,
        law::Gradient::Scaled(s) => Gradient::Scaled(s),
        law::Gradient::Clamped(limit) => Gradient::Clamped(limit),
        law::Gradient::FiniteScaled(s) => Gradient::FiniteScaled(s),
        law::Gradient::FiniteClamped(limit) => Gradient::FiniteClamped(limit),
    }
}

pub(crate) fn rates(rates: law::Rates) -> Rates {
    let law::Rates { lr, momentum, next_momentum } = rates;
    Rates::new(lr, momentum).unwrap().followed_by(next_momentum).unwrap()
}

/// The configuration from which a run makes its own numbers.
pub(crate) fn sgd(setting: law::Setting) -> Sgd {
    let nesterov = setting.nesterov;
    let form = match setting.form {
        law::Form::Plain => Form::Plain,
        law::Form::Classic => Form::Classic { nesterov },
        law::Form::Dampened { dampening } => Form::Dampened { dampening, nesterov },
        law::Form::Sutskever => Form::Sutskever { nesterov },
        law::Form::Ema => Form::Ema { nesterov },
        law::Form::EmaUnbiased => Form::EmaUnbiased,
        law::Form::QuasiHyperbolic { nu } => Form::QuasiHyperbolic { nu },
    };
    let weight_decay = match setting.decay {
        law::Decay::None => WeightDecay::None,
        law::Decay::Coupled(decay) => WeightDecay::Coupled(decay),
        law::Decay::Decoupled(decay) => WeightDecay::Decoupled(decay),
    };
    Sgd { form, weight_decay }
}
