//! Networks and losses in `f64`, from their definitions, in plain loops.

use ravine_conformance::values::Words;
use ravine_models::{Loss, Target};
use ravine_tensor::Activation;

/// A multilayer perceptron; a linear model is one of two widths.
pub(crate) struct Network<'a> {
    pub(crate) widths: &'a [usize],
    pub(crate) activation: Activation,
    pub(crate) bias: bool,
}

impl Network<'_> {
    pub(crate) fn param_count(&self) -> usize {
        self.widths.windows(2).map(|w| w[1] * (w[0] + usize::from(self.bias))).sum()
    }

    /// The outputs for every row of `x`.
    pub(crate) fn outputs(&self, params: &[f64], x: &[f64]) -> Vec<Vec<f64>> {
        assert_eq!(params.len(), self.param_count());
        x.chunks(self.widths[0]).map(|row| self.row(params, row)).collect()
    }

    fn row(&self, params: &[f64], x: &[f64]) -> Vec<f64> {
        let mut values = x.to_vec();
        let mut rest = params;
        for (layer, width) in self.widths.windows(2).enumerate() {
            let (weights, after) = rest.split_at(width[0] * width[1]);
            let (biases, after) = after.split_at(if self.bias { width[1] } else { 0 });
            rest = after;
            let last = layer + 2 == self.widths.len();
            values = (0..width[1])
                .map(|j| {
                    let mut sum = biases.get(j).copied().unwrap_or(0.0);
                    for (i, value) in values.iter().enumerate() {
                        sum += weights[j * width[0] + i] * value;
                    }
                    if last { sum } else { activate(self.activation, sum) }
                })
                .collect();
        }
        values
    }
}

fn activate(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.max(0.0),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Gelu => x * 0.5 * (1.0 + erf(x / 2.0_f64.sqrt())),
    }
}

/// `2/√π · Σ (−1)ⁿ·x²ⁿ⁺¹ / (n!·(2n + 1))`; for |x| up to 4.
fn erf(x: f64) -> f64 {
    assert!(x.abs() < 4.0, "{x}");
    let (mut sum, mut power) = (x, x);
    for n in 1..80 {
        let n = f64::from(n);
        power *= -x * x / n;
        sum += power / (2.0 * n + 1.0);
    }
    sum * 2.0 / std::f64::consts::PI.sqrt()
}

/// The loss of the outputs `y`, a vector a row.
pub(crate) fn loss(loss: Loss, y: &[Vec<f64>], target: Target<'_>) -> f64 {
    let rows = y.iter().enumerate().map(|(i, row)| match loss {
        Loss::MeanSquared => {
            let squares = row.iter().enumerate().map(|(j, y)| (y - value(target, i, j)).powi(2));
            squares.sum::<f64>() / row.len() as f64
        }
        Loss::BinaryCrossEntropy => {
            let (z, t) = (row[0], value(target, i, 0));
            t * ln_one_plus_exp(-z) + (1.0 - t) * ln_one_plus_exp(z)
        }
        Loss::CrossEntropy => {
            let t = value(target, i, 0) as usize;
            let others = row.iter().enumerate().filter(|&(j, _)| j != t);
            // −ln p = ln(1 + Σ e^(z − z_t)) over the others, which cancels nowhere.
            let most = others.clone().map(|(_, z)| z - row[t]).fold(0.0, f64::max);
            let sum: f64 = others.map(|(_, z)| (z - row[t] - most).exp()).sum();
            if most > 0.0 { most + ((-most).exp() + sum).ln() } else { sum.ln_1p() }
        }
    });
    rows.sum::<f64>() / y.len() as f64
}

/// `ln(1 + eᶻ)`.
fn ln_one_plus_exp(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

fn value(target: Target<'_>, row: usize, col: usize) -> f64 {
    match target {
        Target::Values(values) => f64::from(values.at(row, col)),
        Target::Classes(classes) => f64::from(classes[row]),
    }
}

/// Numbers in −1..1.
pub(crate) fn numbers(len: usize, seed: u64) -> Vec<f32> {
    let mut words = Words::new(seed);
    (0..len).map(|_| (words.word() >> 40) as f32 / (1 << 23) as f32 - 1.0).collect()
}
