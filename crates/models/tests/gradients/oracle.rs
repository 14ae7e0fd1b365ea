//! The definitions in `f64` that models and losses are held to, by the names of this crate.

use ravine_conformance::trainer::{self, Clip, Descent, Network, Trainer};
use ravine_conformance::update::{Decay, Form};
use ravine_conformance::values::Words;
use ravine_models::{Loss, Target};
use ravine_tensor::Activation;

use crate::pass::Examples;

/// A multilayer perceptron; a linear model is one of two widths.
pub(crate) fn network(widths: &[usize], activation: Activation, bias: bool) -> Network {
    let activation = match activation {
        Activation::Identity => trainer::Activation::Identity,
        Activation::Relu => trainer::Activation::Relu,
        Activation::Tanh => trainer::Activation::Tanh,
        Activation::Sigmoid => trainer::Activation::Sigmoid,
        Activation::Gelu => trainer::Activation::Gelu,
    };
    Network { widths: widths.to_vec(), activation, bias }
}

fn defined(loss: Loss) -> trainer::Loss {
    match loss {
        Loss::MeanSquared => trainer::Loss::MeanSquared,
        Loss::BinaryCrossEntropy => trainer::Loss::BinaryCrossEntropy,
        Loss::CrossEntropy => trainer::Loss::CrossEntropy,
    }
}

/// Labels as the definitions take them.
enum Labels {
    Values(Vec<f64>),
    Classes(Vec<usize>),
}

impl Labels {
    fn new(target: Target<'_>) -> Self {
        match target {
            Target::Values(values) => Self::Values(crate::losses::rows_of(values).concat()),
            Target::Classes(classes) => {
                Self::Classes(classes.iter().map(|&class| class as usize).collect())
            }
        }
    }

    fn targets(&self) -> trainer::Targets<'_> {
        match self {
            Self::Values(values) => trainer::Targets::Values(values),
            Self::Classes(classes) => trainer::Targets::Classes(classes),
        }
    }
}

/// The mean loss of the outputs `y`, a vector a row.
pub(crate) fn loss(loss: Loss, y: &[Vec<f64>], target: Target<'_>) -> f64 {
    let labels = Labels::new(target);
    let rows = y.iter().enumerate();
    let values = rows.map(|(row, y)| defined(loss).value(y, labels.targets(), row));
    values.sum::<f64>() / y.len() as f64
}

/// The mean loss of a network at given parameters.
pub(crate) struct Bowl {
    trainer: Trainer,
    x: Vec<f64>,
    labels: Labels,
    rows: Vec<usize>,
}

impl Bowl {
    pub(crate) fn new(network: Network, examples: &Examples, loss: Loss) -> Self {
        let params = vec![0.0; network.param_count()];
        let still =
            Descent { form: Form::Plain, nesterov: false, decay: Decay::None, clip: Clip::None };
        Self {
            trainer: Trainer::new(network, defined(loss), still, params),
            x: examples.x.iter().map(|&x| f64::from(x)).collect(),
            labels: Labels::new(examples.target(loss)),
            rows: (0..examples.rows).collect(),
        }
    }

    pub(crate) fn at(&mut self, params: &[f64]) -> f64 {
        self.trainer.params.copy_from_slice(params);
        let examples = trainer::Examples { x: &self.x, targets: self.labels.targets() };
        self.trainer.loss(&examples, &self.rows)
    }

    /// The gradient by the chain rule.
    pub(crate) fn gradient(&mut self, params: &[f64]) -> Vec<f64> {
        self.trainer.params.copy_from_slice(params);
        let examples = trainer::Examples { x: &self.x, targets: self.labels.targets() };
        self.trainer.gradient(&examples, &self.rows)
    }
}

/// Numbers in −1..1.
pub(crate) fn numbers(len: usize, seed: u64) -> Vec<f32> {
    let mut words = Words::new(seed);
    (0..len).map(|_| (words.word() >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
}
