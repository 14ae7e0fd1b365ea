//! What is told of an update to time.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};
use ravine::momentum::{Adam, HyperError, RmsProp, Rounding, Sgd, WeightDecay};
use ravine::simd::{Level, Par};

use super::count::count;
use crate::case::{Rule, Spec};
use crate::error::Error;
use crate::form::{FormName, FormNumbers};

/// What moves, and by what rule.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub(super) struct UpdateArgs {
    /// Parameters in all
    #[arg(long, value_name = "N", default_value = "2000000", value_parser = count)]
    pub(super) len: NonZeroUsize,
    /// Equal tensors that they are cut into, a divisor of --len
    #[arg(long, value_name = "K", default_value = "1", value_parser = count)]
    tensors: NonZeroUsize,
    /// Rule that moves the parameters
    #[arg(long, default_value = "momentum")]
    rule: RuleName,
    /// Form of momentum
    #[arg(long, default_value = "classic")]
    form: FormName,
    /// Nesterov's variant of the form
    #[arg(long)]
    nesterov: bool,
    /// Numbers that the velocity is kept in
    #[arg(long, default_value = "f32")]
    state: StateName,
    /// Weight decay, at least 0; decoupled in adamw, coupled elsewhere
    #[arg(long, value_name = "L", default_value_t = 0.0)]
    weight_decay: f64,
    /// Decay of an average of the weights, from 0 to below 1 [default: no average]
    #[arg(long, value_name = "D")]
    weight_ema: Option<f64>,
    /// Clips by the global norm, above 0 [default: off]
    #[arg(long, value_name = "C")]
    clip_norm: Option<f64>,
    /// Elements past a cache line where parameters and gradients start, 0 to 15
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..16))]
    offset: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RuleName {
    /// The form of momentum
    Momentum,
    /// Classic momentum by a plain loop of one vector, on one thread: what is to be beaten
    Loop,
    /// RMSProp: 12 bytes read and 8 written a parameter
    Rmsprop,
    /// Adam: 16 bytes read and 12 written a parameter
    Adam,
    /// Adam with decoupled decay
    Adamw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StateName {
    /// 4 bytes a number
    F32,
    /// 2 bytes a number, rounded to the nearest
    Bf16,
    /// 2 bytes a number, rounded by chance
    Bf16Stochastic,
}

impl UpdateArgs {
    /// Classic momentum, nothing else.
    pub(super) fn plain(len: NonZeroUsize, tensors: NonZeroUsize) -> Self {
        Self {
            len,
            tensors,
            rule: RuleName::Momentum,
            form: FormName::Classic,
            nesterov: false,
            state: StateName::F32,
            weight_decay: 0.0,
            weight_ema: None,
            clip_norm: None,
            offset: 0,
        }
    }

    /// What is asked for.
    ///
    /// # Errors
    ///
    /// If flags do not go together.
    pub(super) fn spec(&self, level: Level, par: Par) -> Result<Spec, Error> {
        let (len, tensors) = (self.len.get(), self.tensors.get());
        if !len.is_multiple_of(tensors) {
            let wanted = format!("is {tensors}, but a divisor of --len {len} is wanted");
            return Err(Error::misplaced("tensors", wanted));
        }
        let is_momentum = self.rule == RuleName::Momentum;
        if !is_momentum && self.state != StateName::F32 {
            return Err(Error::misplaced("state", "bf16 goes with --rule momentum alone"));
        }
        if self.form == FormName::Plain && self.state != StateName::F32 {
            return Err(Error::misplaced("state", "bf16 wants a velocity, --form plain has none"));
        }
        if !is_momentum && self.form != FormName::Classic {
            return Err(Error::misplaced("form", "goes with --rule momentum alone"));
        }
        if self.nesterov && !(is_momentum && self.form.has_nesterov()) {
            return Err(Error::misplaced("nesterov", "goes with a form that has that variant"));
        }
        if self.rule == RuleName::Loop {
            let is_plain = tensors == 1 && self.weight_ema.is_none() && self.clip_norm.is_none();
            if !is_plain || self.weight_decay != 0.0 {
                return Err(Error::misplaced("rule", "loop goes with --len alone"));
            }
            // It runs so whatever is said, and a record must not say otherwise.
            if par != Par::Seq || level.name() != Level::baseline().name() {
                return Err(Error::misplaced("rule", "loop takes --threads 1 --level baseline"));
            }
        }
        let weight_decay = match self.rule {
            RuleName::Adamw => WeightDecay::Decoupled(self.weight_decay),
            _ => WeightDecay::Coupled(self.weight_decay),
        };
        let form =
            self.form.with(FormNumbers { nesterov: self.nesterov, ..FormNumbers::default() });
        let sgd = Sgd { form, weight_decay };
        let rule = match (self.rule, self.state) {
            (RuleName::Momentum, StateName::F32) => Rule::Sgd(sgd),
            (RuleName::Momentum, StateName::Bf16) => Rule::Narrow(sgd, Rounding::Nearest),
            (RuleName::Momentum, StateName::Bf16Stochastic) => {
                Rule::Narrow(sgd, Rounding::Stochastic { seed: 0 })
            }
            (RuleName::Loop, _) => Rule::Loop,
            (RuleName::Rmsprop, _) => Rule::RmsProp(RmsProp { weight_decay, ..RmsProp::default() }),
            (RuleName::Adam | RuleName::Adamw, _) => {
                Rule::Adam(Adam { weight_decay, ..Adam::default() })
            }
        };
        let Self { weight_ema, clip_norm, .. } = *self;
        Ok(Spec { rule, weight_ema, clip_norm, len, tensors, offset: self.offset.into() })
    }

    /// The error of a number outside its range, by the flag that was typed.
    pub(super) fn refused(error: HyperError) -> Error {
        match error.name {
            "decay" => Error::range("weight-ema", error.value, error.range),
            "clip" => Error::range("clip-norm", error.value, error.range),
            _ => error.into(),
        }
    }
}
