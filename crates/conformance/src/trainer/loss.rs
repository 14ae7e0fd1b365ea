//! Losses of one row, and their gradients by its outputs.

use crate::function::truth::sigmoid;

/// How far outputs are from their target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Loss {
    /// `Σ (y − t)² / O` over O outputs.
    MeanSquared,
    /// `−t·ln σ(z) − (1 − t)·ln(1 − σ(z))` of one logit.
    BinaryCrossEntropy,
    /// `−ln softmax(z)` of the class.
    CrossEntropy,
}

/// Rows of features, and what they are held against.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a> {
    /// Features, row by row.
    pub x: &'a [f64],
    /// Their targets.
    pub targets: Targets<'a>,
}

/// What outputs are held against.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// Numbers, row by row; probabilities of class 1 for [`Loss::BinaryCrossEntropy`].
    Values(&'a [f64]),
    /// The number of each row's class.
    Classes(&'a [usize]),
}

impl Targets<'_> {
    /// A row as numbers for `outputs` outputs: those given, or 1 at the class, which for a
    /// cross-entropy is that output.
    fn row(self, loss: Loss, row: usize, outputs: usize) -> Vec<f64> {
        match self {
            Self::Values(values) => values[row * outputs..][..outputs].to_vec(),
            Self::Classes(classes) if loss != Loss::CrossEntropy && outputs == 1 => {
                vec![f64::from(u8::from(classes[row] == 1))]
            }
            Self::Classes(classes) => {
                (0..outputs).map(|j| f64::from(u8::from(classes[row] == j))).collect()
            }
        }
    }
}

impl Loss {
    /// The loss of a row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn value(self, y: &[f64], targets: Targets<'_>, row: usize) -> f64 {
        let t = targets.row(self, row, y.len());
        let pairs = y.iter().zip(&t);
        match self {
            Self::MeanSquared => {
                pairs.map(|(y, t)| (y - t) * (y - t)).sum::<f64>() / y.len() as f64
            }
            Self::BinaryCrossEntropy => {
                pairs.map(|(z, t)| t * ln_one_plus_exp(-z) + (1.0 - t) * ln_one_plus_exp(*z)).sum()
            }
            // Of the logits' differences from the class's, which keeps small losses exact.
            Self::CrossEntropy => {
                let class: f64 = pairs.map(|(z, t)| z * t).sum();
                let others = y.iter().zip(&t).filter(|(_, t)| **t < 0.5).map(|(z, _)| z - class);
                let most = others.clone().fold(0.0, f64::max);
                let sum: f64 = others.map(|z| (z - most).exp()).sum();
                if most > 0.0 { most + ((-most).exp() + sum).ln() } else { sum.ln_1p() }
            }
        }
    }

    /// The gradient of a row's loss by its outputs.
    ///
    /// # Panics
    ///
    /// As [`value`](Self::value).
    #[must_use]
    pub fn gradient(self, y: &[f64], targets: Targets<'_>, row: usize) -> Vec<f64> {
        let t = targets.row(self, row, y.len());
        let p: Vec<f64> = match self {
            Self::MeanSquared => {
                let unit = 2.0 / y.len() as f64;
                return y.iter().zip(t).map(|(y, t)| unit * (y - t)).collect();
            }
            Self::BinaryCrossEntropy => y.iter().map(|&z| sigmoid(z)).collect(),
            Self::CrossEntropy => {
                let most = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let powers = y.iter().map(|z| (z - most).exp());
                let sum: f64 = powers.clone().sum();
                powers.map(|power| power / sum).collect()
            }
        };
        p.into_iter().zip(t).map(|(p, t)| p - t).collect()
    }
}

/// `ln(1 + eᶻ)`.
fn ln_one_plus_exp(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}
