//! The laws' configurations in this crate's words.

use ravine_conformance::update as law;
use ravine_momentum::{Form, Gradient, Rates, Sgd, WeightDecay};

pub(crate) fn gradient(gradient: law::Gradient) -> Gradient {
    match gradient {
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
    Sgd { form, weight_decay: weight_decay(setting.decay) }
}

pub(crate) fn weight_decay(decay: law::Decay<f64>) -> WeightDecay {
    match decay {
        law::Decay::None => WeightDecay::None,
        law::Decay::Coupled(decay) => WeightDecay::Coupled(decay),
        law::Decay::Decoupled(decay) => WeightDecay::Decoupled(decay),
    }
}
