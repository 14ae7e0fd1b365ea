//! Handwritten digits, read by a small perceptron.

use std::num::NonZeroUsize;

use ravine::data::{Classes, Standardizer, split};
use ravine::models::{Loss, Mlp};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::simd::{Level, Par};
use ravine::tensor::Activation;
use ravine::{Batch, Evaluation, Examples, Options, Run, StepRecord};

use crate::{Failure, tables};

/// A perceptron with one hidden layer and ReLU on [`tables::digits`]: cross-entropy, shuffled
/// batches, classic momentum; a seeded share of the rows is held out, and the features are
/// standardized by the rows that are not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Digits {
    /// Width of the hidden layer.
    pub hidden: usize,
    /// Rows of a step.
    pub batch: NonZeroUsize,
    /// Passes over the training rows.
    pub epochs: u64,
    /// Learning rate.
    pub lr: f64,
    /// Momentum by step.
    pub momentum: Schedule,
    /// Share of the rows that are held out, in `0..1`.
    pub held_out: f64,
    /// Seed of the split, the initial weights and the orders.
    pub seed: u64,
}

/// The digits, split.
#[derive(Clone, Debug)]
pub struct Prepared {
    digits: Digits,
    train: Examples,
    test: Examples,
    classes: usize,
}

/// A perceptron that has been trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Loss of each step's batch before the step.
    pub losses: Vec<f64>,
    /// On the training rows.
    pub train: Evaluation,
    /// On the held-out rows.
    pub test: Evaluation,
    /// [`Run::digest`] after the last step.
    pub digest: String,
}

impl Default for Digits {
    /// 64 hidden, batches of 32, 20 epochs.
    fn default() -> Self {
        Self {
            hidden: 64,
            batch: NonZeroUsize::new(32).expect("32 is not zero"),
            epochs: 20,
            lr: 0.05,
            momentum: Schedule::Constant(0.9),
            held_out: 0.25,
            seed: 0,
        }
    }
}

impl Digits {
    /// A run that is worth several threads: wide, in large batches, and two epochs long.
    #[must_use]
    pub fn wide() -> Self {
        const BATCH: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");
        Self { hidden: 256, batch: BATCH, epochs: 2, ..Self::default() }
    }

    /// Splits and standardizes the digits.
    ///
    /// # Errors
    ///
    /// If the share of held-out rows is outside its range.
    pub fn prepare(&self) -> Result<Prepared, Failure> {
        let (mut train, mut test) = split(tables::digits(), self.held_out, self.seed)?;
        let standardizer = Standardizer::fit(&train.x);
        standardizer.apply(&mut train.x);
        standardizer.apply(&mut test.x);
        let classes = Classes::of(&train.y);
        Ok(Prepared {
            digits: *self,
            train: Examples::classification(train, &classes)?,
            test: Examples::classification(test, &classes)?,
            classes: classes.len(),
        })
    }
}

impl Prepared {
    /// Training rows that a run passes, over all epochs.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.digits.epochs * self.train.rows() as u64
    }

    /// Steps of a run, over all epochs.
    #[must_use]
    pub fn steps(&self) -> u64 {
        let batch = self.digits.batch.get();
        self.digits.epochs * self.train.rows().div_ceil(batch) as u64
    }

    /// Training rows, and held-out rows.
    #[must_use]
    pub fn split(&self) -> [usize; 2] {
        [self.train.rows(), self.test.rows()]
    }

    /// The training rows.
    #[must_use]
    pub fn examples(&self) -> &Examples {
        &self.train
    }

    /// The run before its first step. Level, threads and fusion make no difference to what it trains.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter is outside its range.
    pub fn run(&self, level: Level, par: Par, fused: bool) -> Result<Run<Mlp>, Failure> {
        let Digits { hidden, batch, epochs, lr, momentum, seed, .. } = self.digits;
        let widths = [self.train.x.cols(), hidden, self.classes];
        let options = Options {
            sgd: Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None },
            lr: Schedule::Constant(lr),
            momentum,
            batch: Batch::Rows(batch),
            epochs,
            seed,
            level,
            par,
            fused,
            ..Options::default()
        };
        Ok(Run::new(Mlp::new(&widths, Activation::Relu)?, Loss::CrossEntropy, options)?)
    }

    /// Trains a perceptron.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter is outside its range, or the run diverges.
    pub fn train(&self, level: Level, par: Par, fused: bool) -> Result<Trained, Failure> {
        let mut run = self.run(level, par, fused)?;
        let mut losses = Vec::new();
        run.train(&self.train, |record: &StepRecord| losses.push(record.loss))?;
        Ok(Trained {
            losses,
            train: run.evaluate(&self.train)?,
            test: run.evaluate(&self.test)?,
            digest: run.digest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_out_digits_are_read_with_ninety_six_percent() {
        let prepared = Digits::default().prepare().unwrap();
        assert_eq!(prepared.split(), [1348, 449]);
        let trained = prepared.train(Level::detect(), Par::Seq, true).unwrap();
        let accuracy = trained.test.accuracy.unwrap();
        assert!(accuracy >= 0.96, "{accuracy}");
        assert!(trained.train.loss < 0.01, "{:?}", trained.train);
        assert_eq!(trained.losses.len(), 20 * 43);
    }

    #[test]
    fn every_level_number_of_threads_and_fusion_trains_the_same_bits() {
        let prepared = Digits { epochs: 1, ..Digits::wide() }.prepare().unwrap();
        let wanted = prepared.train(Level::scalar(), Par::Seq, true).unwrap();
        assert!(wanted.train.loss < 2.0, "{:?}", wanted.train);
        for level in Level::available() {
            for threads in [1, 2, 3, 8] {
                for fused in [true, false] {
                    let found = prepared.train(level, Par::threads(threads), fused).unwrap();
                    assert_eq!(found, wanted, "{level}, {threads} threads, fused {fused}");
                }
            }
        }
    }
}
