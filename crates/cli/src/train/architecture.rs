//! The model that a run trains.

use std::path::PathBuf;

use clap::ValueEnum;
use ravine::tensor::Activation;
use serde::Serialize;

use crate::error::Error;

/// Which model to train, and where it starts.
#[derive(Debug, clap::Args, Serialize)]
#[command(next_help_heading = "Model")]
pub(crate) struct ModelFlags {
    /// Model to train
    #[arg(long, value_enum, default_value_t = ModelName::Linear)]
    model: ModelName,
    /// Whether the linear model has an intercept
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    bias: bool,
    /// Widths of the perceptron's hidden layers [default: 64,64]
    #[arg(long, value_name = "N,N", value_delimiter = ',', action = clap::ArgAction::Set)]
    hidden: Option<Vec<usize>>,
    /// Activation of the hidden layers [default: relu]
    #[arg(long, value_enum)]
    activation: Option<ActivationName>,
    /// Initial parameters: a safetensors file with layers.0.weight (out × in), layers.0.bias, …
    /// [default: zeros for linear, He or Glorot uniform for mlp]
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) init: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum ModelName {
    /// y = Wx + b
    Linear,
    /// Multilayer perceptron
    Mlp,
}

#[derive(Clone, Copy, Debug, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum ActivationName {
    Relu,
    Tanh,
    Sigmoid,
    Gelu,
}

/// A model that can be made once the data's widths are known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Architecture {
    /// One layer.
    Linear { bias: bool },
    /// Hidden layers of these widths.
    Mlp { hidden: Vec<usize>, activation: Activation },
}

impl ModelFlags {
    /// The model asked for.
    ///
    /// What a perceptron has by default takes its place among the flags.
    pub(crate) fn architecture(&mut self) -> Result<Architecture, Error> {
        /// Wider layers than any memory holds.
        const WIDEST: usize = 1 << 24;
        match self.model {
            ModelName::Linear => {
                let other =
                    [("hidden", self.hidden.is_some()), ("activation", self.activation.is_some())];
                match other.into_iter().find(|(_, given)| *given) {
                    Some((flag, _)) => Err(Error::misplaced(flag, "goes with --model mlp alone")),
                    None => Ok(Architecture::Linear { bias: self.bias }),
                }
            }
            ModelName::Mlp => {
                if !self.bias {
                    return Err(Error::misplaced("bias", "false goes with --model linear alone"));
                }
                let hidden = self.hidden.get_or_insert_with(|| vec![64, 64]).clone();
                if let Some(width) = hidden.iter().find(|width| !(1..=WIDEST).contains(*width)) {
                    return Err(Error::range("hidden", width, "1 ≤ each width ≤ 16777216"));
                }
                let activation = match self.activation.get_or_insert(ActivationName::Relu) {
                    ActivationName::Relu => Activation::Relu,
                    ActivationName::Tanh => Activation::Tanh,
                    ActivationName::Sigmoid => Activation::Sigmoid,
                    ActivationName::Gelu => Activation::Gelu,
                };
                Ok(Architecture::Mlp { hidden, activation })
            }
        }
    }
}
