//! Linear models and perceptrons, one row at a time.

use crate::function::truth::{density, distribution, gelu, sigmoid};

/// A function between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// x itself.
    Identity,
    /// `max(x, 0)`.
    Relu,
    /// `tanh x`.
    Tanh,
    /// `1 / (1 + e⁻ˣ)`.
    Sigmoid,
    /// `x·Φ(x)`, Φ the normal distribution.
    Gelu,
}

impl Activation {
    fn value(self, x: f64) -> f64 {
        match self {
            Self::Identity => x,
            Self::Relu => x.max(0.0),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => sigmoid(x),
            Self::Gelu => gelu(x),
        }
    }

    fn slope(self, x: f64) -> f64 {
        match self {
            Self::Identity => 1.0,
            Self::Relu => f64::from(u8::from(x > 0.0)),
            Self::Tanh => 1.0 - x.tanh() * x.tanh(),
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::Gelu => distribution(x) + x * density(x),
        }
    }
}

/// A perceptron; a linear model is one of two widths.
///
/// ```text
/// h₀ = x,  hᵢ₊₁ = f(wᵢ·hᵢ + bᵢ),  y = wₗ·hₗ + bₗ
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Inputs, hidden layers if any, outputs.
    pub widths: Vec<usize>,
    /// The function between the layers.
    pub activation: Activation,
    /// Whether layers have biases.
    pub bias: bool,
}

/// A layer's shape, and its parameters.
struct Layer<'a> {
    inputs: usize,
    /// Outputs × inputs.
    weights: &'a [f64],
    /// Empty where there are none.
    biases: &'a [f64],
    /// Where the weights begin among all parameters.
    at: usize,
}

impl Network {
    /// The number of parameters.
    #[must_use]
    pub fn param_count(&self) -> usize {
        let extra = usize::from(self.bias);
        self.widths.windows(2).map(|width| width[1] * (width[0] + extra)).sum()
    }

    /// The outputs for one row.
    ///
    /// # Panics
    ///
    /// If parameters or row are of another length.
    #[must_use]
    pub fn outputs(&self, params: &[f64], x: &[f64]) -> Vec<f64> {
        self.sums(params, x).pop().unwrap_or_default()
    }

    /// A row of a matrix of inputs.
    pub(super) fn row<'a>(&self, x: &'a [f64], row: usize) -> &'a [f64] {
        &x[row * self.widths[0]..][..self.widths[0]]
    }

    fn layers<'a>(&self, params: &'a [f64]) -> Vec<Layer<'a>> {
        let mut at = 0;
        let layers = self.widths.windows(2).map(|width| {
            let (inputs, outputs) = (width[0], width[1]);
            let biases = if self.bias { outputs } else { 0 };
            let (weights, rest) = params[at..].split_at(outputs * inputs);
            let layer = Layer { inputs, weights, biases: &rest[..biases], at };
            at += outputs * inputs + biases;
            layer
        });
        layers.collect()
    }

    /// `wᵢ·hᵢ + bᵢ` of every layer; the last are the outputs.
    fn sums(&self, params: &[f64], x: &[f64]) -> Vec<Vec<f64>> {
        let mut sums: Vec<Vec<f64>> = Vec::new();
        for layer in self.layers(params) {
            let h = self.entering(x, sums.last());
            let rows = layer.weights.chunks(layer.inputs).enumerate();
            sums.push(
                rows.map(|(o, w)| {
                    let bias = layer.biases.get(o).copied().unwrap_or(0.0);
                    bias + w.iter().zip(&h).map(|(w, h)| w * h).sum::<f64>()
                })
                .collect(),
            );
        }
        sums
    }

    /// What enters a layer: the row, or the function of the sums before it.
    fn entering(&self, x: &[f64], before: Option<&Vec<f64>>) -> Vec<f64> {
        before.map_or(x.to_vec(), |sums| sums.iter().map(|&z| self.activation.value(z)).collect())
    }

    /// Adds a row's gradient to `grads`, given that by its outputs.
    pub(super) fn add_gradient(
        &self,
        grads: &mut [f64],
        params: &[f64],
        x: &[f64],
        by_outputs: impl FnOnce(&[f64]) -> Vec<f64>,
    ) {
        let mut sums = self.sums(params, x);
        let mut dz = by_outputs(&sums.pop().unwrap_or_default());
        for layer in self.layers(params).into_iter().rev() {
            let before = sums.pop();
            let h = self.entering(x, before.as_ref());
            for (o, dz) in dz.iter().enumerate() {
                for (i, h) in h.iter().enumerate() {
                    grads[layer.at + o * layer.inputs + i] += dz * h;
                }
                if self.bias {
                    grads[layer.at + layer.weights.len() + o] += dz;
                }
            }
            let Some(before) = before else { return };
            let dh = |i: usize| -> f64 {
                dz.iter().enumerate().map(|(o, dz)| dz * layer.weights[o * layer.inputs + i]).sum()
            };
            let slopes = before.iter().map(|&z| self.activation.slope(z)).enumerate();
            dz = slopes.map(|(i, slope)| dh(i) * slope).collect();
        }
    }
}
