//! The rule of momentum that a run applies.

use clap::ValueEnum;
use ravine::momentum::{Form, Rates, Sgd, WeightDecay};
use ravine::{Clip, OnNonfinite};
use serde::Serialize;

use crate::error::Error;
use crate::form::{FormName, FormNumbers};
use crate::schedule::Plan;

/// How gradients move parameters.
#[derive(Debug, clap::Args, Serialize)]
#[command(next_help_heading = "Momentum")]
pub(crate) struct RuleFlags {
    /// Form of momentum
    #[arg(long, value_enum, default_value_t = FormName::Classic)]
    pub(crate) form: FormName,
    /// Nesterov's variant: classic, dampened (by 0), sutskever and ema have it
    #[arg(long)]
    nesterov: bool,
    /// Dampening τ of the dampened form, in 0..1 [default: 0]
    #[arg(long, value_name = "T")]
    dampening: Option<f64>,
    /// Weight ν of the average in the quasi-hyperbolic form, from 0 to 1 [default: 0.7]
    #[arg(long, value_name = "V")]
    nu: Option<f64>,
    /// Learning rate: a number, A:B@STEPS, cosine:A:B@STEPS, or optimal
    #[arg(long, value_name = "A", default_value = "0.01", value_parser = Plan::of_lr)]
    pub(crate) lr: Plan,
    /// Momentum: a number, A:B@STEPS, sutskever@MAX, or optimal [default: 0.9]
    #[arg(long, value_name = "B", value_parser = Plan::of_momentum)]
    pub(crate) momentum: Option<Plan>,
    /// Decay λ of weights and biases, after clipping; not part of the printed loss
    #[arg(long, value_name = "L", default_value_t = 0.0)]
    pub(crate) weight_decay: f64,
    /// Takes the decay from the parameters, not into the gradient
    #[arg(long, requires = "weight_decay")]
    pub(crate) decoupled: bool,
    /// Scales the gradient to at most this norm; not together with --clip-value
    #[arg(long, value_name = "C", conflicts_with = "clip_value")]
    clip_norm: Option<f64>,
    /// Cuts each element of the gradient to at most this magnitude; not together with --clip-norm
    #[arg(long, value_name = "C")]
    clip_value: Option<f64>,
    /// At a loss or gradient that is not finite: stop, or skip the step
    #[arg(long, value_enum, default_value_t = Reaction::Stop)]
    on_nonfinite: Reaction,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Reaction {
    Stop,
    Skip,
}

impl RuleFlags {
    /// Checks every range, and that each flag goes with the form; fills in the momentum.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        self.check_form()?;
        let plain = self.form == FormName::Plain;
        let momentum = *self.momentum.get_or_insert(Plan::constant(if plain { 0.0 } else { 0.9 }));
        if plain && ![Plan::constant(0.0), Plan::Optimal].contains(&momentum) {
            return Err(Error::misplaced("momentum", "above 0 does not go with --form plain"));
        }
        if momentum == Plan::Optimal && self.lr != Plan::Optimal {
            return Err(Error::misplaced("momentum", "optimal goes with --lr optimal alone"));
        }
        self.lr.check("lr", "0 < lr < ∞ as an f32", |lr| Rates::new(lr, 0.0).is_ok())?;
        momentum.check("momentum", "0 ≤ momentum < 1 as an f32", |beta| {
            Rates::new(1.0, beta).is_ok()
        })?;
        if !(0.0..f64::INFINITY).contains(&self.weight_decay) {
            return Err(Error::range("weight-decay", self.weight_decay, "0 ≤ weight decay < ∞"));
        }
        for (flag, limit) in [("clip-norm", self.clip_norm), ("clip-value", self.clip_value)] {
            if let Some(limit) = limit
                && !(0.0 < limit && limit < f64::INFINITY)
            {
                return Err(Error::range(flag, limit, "0 < clip < ∞"));
            }
        }
        Ok(())
    }

    /// Refuses what the form does not have.
    fn check_form(&self) -> Result<(), Error> {
        let form = self.form;
        if self.nesterov && !form.has_nesterov() {
            let reason = format!(
                "does not go with --form {form}, but with classic, dampened, sutskever and ema"
            );
            return Err(Error::misplaced("nesterov", reason));
        }
        let owners = [
            ("dampening", self.dampening, FormName::Dampened),
            ("nu", self.nu, FormName::QuasiHyperbolic),
        ];
        for (flag, value, owner) in owners {
            if value.is_some() && form != owner {
                let reason = format!("goes with --form {owner} alone, found --form {form}");
                return Err(Error::misplaced(flag, reason));
            }
        }
        Ok(self.form().validate()?)
    }

    /// The form with its own numbers.
    pub(crate) fn form(&self) -> Form {
        let absent = FormNumbers::default();
        self.form.with(FormNumbers {
            nesterov: self.nesterov,
            dampening: self.dampening.unwrap_or(absent.dampening),
            nu: self.nu.unwrap_or(absent.nu),
        })
    }

    /// The form and the weight decay.
    pub(crate) fn sgd(&self) -> Sgd {
        let weight_decay = match (self.weight_decay, self.decoupled) {
            (decay, _) if decay <= 0.0 => WeightDecay::None,
            (decay, false) => WeightDecay::Coupled(decay),
            (decay, true) => WeightDecay::Decoupled(decay),
        };
        Sgd { form: self.form(), weight_decay }
    }

    /// What bounds the gradient.
    pub(crate) fn clip(&self) -> Clip {
        match (self.clip_norm, self.clip_value) {
            (Some(limit), _) => Clip::Norm(limit),
            (None, Some(limit)) => Clip::Value(limit),
            (None, None) => Clip::None,
        }
    }

    /// What becomes of a step that is not finite.
    pub(crate) fn on_nonfinite(&self) -> OnNonfinite {
        match self.on_nonfinite {
            Reaction::Stop => OnNonfinite::Stop,
            Reaction::Skip => OnNonfinite::Skip,
        }
    }
}
