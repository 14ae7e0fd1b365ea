//! An epoch of training, from shuffling to update.

use std::num::NonZeroUsize;

use ravine::models::{Loss, Mlp, WidthError};
use ravine::simd::Par;
use ravine::tensor::Activation;
use ravine::{Batch, Examples, Options, Run};

use super::limits::arithmetic;
use super::step::{examples, flops_per_row, name};
use super::{Case, Cost, Input, Mismatch, number};

/// An epoch over drawn rows, from shuffling to update.
#[derive(Debug)]
pub struct Epoch {
    /// Rows, widths and batch.
    shape: String,
    batch: NonZeroUsize,
    run: Run<Mlp>,
    model: Mlp,
    examples: Examples,
    cost: Cost,
}

impl Epoch {
    /// An epoch of a perceptron with ReLU and the mean squared error, in shuffled batches of
    /// `batch` rows.
    ///
    /// # Errors
    ///
    /// If a width is zero, or fewer than two are given.
    pub fn new(
        (rows, batch): (usize, NonZeroUsize),
        layers: &[usize],
        options: Options,
    ) -> Result<Self, WidthError> {
        let options = Options { batch: Batch::Rows(batch), epochs: 1, shuffle: true, ..options };
        let model = Mlp::new(layers, Activation::Relu)?;
        let flops = number(rows) * flops_per_row(layers);
        let examples = examples(rows, layers[0], layers[layers.len() - 1]);
        let bytes = 4.0 * number(rows * (layers[0] + layers[layers.len() - 1]));
        let run = start(&model, options);
        let shape = format!("{rows}/{}", name(layers, batch.get(), options.fused));
        Ok(Self { shape, batch, run, model, examples, cost: Cost { bytes, flops } })
    }

    /// The epoch's input without its steps.
    #[must_use]
    pub fn input(&self) -> Input<'_> {
        Input::new(&self.examples, self.batch, self.run.options().par)
    }
}

fn start(model: &Mlp, options: Options) -> Run<Mlp> {
    let run = Run::new(model.clone(), Loss::MeanSquared, options);
    run.expect("the rates of the timed step are in range")
}

fn train(run: &mut Run<Mlp>, examples: &Examples) {
    run.train(examples, |_| ()).expect("a small rate does not diverge");
}

impl Case for Epoch {
    fn id(&self) -> String {
        let Options { level, par, .. } = self.run.options();
        format!("train/{}/{level}/{}t", self.shape, par.count())
    }

    fn cost(&self) -> Cost {
        self.cost
    }

    /// One epoch on one thread gives the same parameters.
    fn check(&mut self) -> Result<(), Mismatch> {
        let options = *self.run.options();
        let mut other = start(&self.model, Options { par: Par::Seq, ..options });
        train(&mut self.run, &self.examples);
        train(&mut other, &self.examples);
        Mismatch::find(&self.id(), self.run.params(), other.params())
    }

    fn run(&mut self) {
        train(&mut self.run, &self.examples);
    }

    fn limit(&mut self) -> f64 {
        arithmetic(self.run.options().par, self.cost.flops)
    }
}
