//! What can be timed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::count::count;
use super::sweep::SweepArgs;
use super::update::UpdateArgs;
use crate::case::{Pass, Shape, Transposed};

#[derive(Debug, Subcommand)]
pub(super) enum What {
    /// Memory bandwidth and arithmetic of this machine
    Limits,
    /// An update of a vector or of many tensors, by any rule
    Update(UpdateArgs),
    /// A product of two matrices, m × k by k × n, written to memory
    Product(ProductArgs),
    /// Products of a thousand shapes, and neighbors among them that differ too much
    Sweep(SweepArgs),
    /// A pass of one layer with biases
    Layer(LayerArgs),
    /// A training step of a perceptron with ReLU, mean squared error and momentum 0.9
    Step(StepArgs),
    /// A full-batch step of linear regression
    Linear(LinearArgs),
    /// An epoch of shuffled batches, from shuffling to update
    Train(TrainArgs),
    /// The reading of a file of data, as train reads it
    Read(ReadArgs),
}

#[derive(Debug, Args)]
pub(super) struct ProductArgs {
    /// Rows of the left operand and of the product: m
    #[arg(long, value_name = "M", default_value = "512", value_parser = count)]
    rows: NonZeroUsize,
    /// Columns of the left operand and rows of the right one: k
    #[arg(long, value_name = "K", default_value = "512", value_parser = count)]
    inner: NonZeroUsize,
    /// Columns of the right operand and of the product: n
    #[arg(long, value_name = "N", default_value = "512", value_parser = count)]
    cols: NonZeroUsize,
    /// Which operands lie in memory as their transposes, row after row
    #[arg(long, default_value = "none")]
    transpose: Transposed,
}

impl ProductArgs {
    pub(super) fn shape(&self) -> Shape {
        let [rows, inner, cols] = [self.rows, self.inner, self.cols].map(NonZeroUsize::get);
        Shape { rows, inner, cols, transposed: self.transpose }
    }
}

#[derive(Debug, Args)]
pub(super) struct LayerArgs {
    /// Inputs of the layer
    #[arg(long, value_name = "N", default_value = "784", value_parser = count)]
    inputs: NonZeroUsize,
    /// Outputs of the layer
    #[arg(long, value_name = "N", default_value = "128", value_parser = count)]
    outputs: NonZeroUsize,
    /// Rows of the batch
    #[arg(long, value_name = "N", default_value = "64", value_parser = count)]
    batch: NonZeroUsize,
    /// Direction through the layer
    #[arg(long, default_value = "forward")]
    pub(super) pass: Pass,
}

impl LayerArgs {
    /// Rows of the batch, inputs and outputs.
    pub(super) fn sizes(&self) -> [usize; 3] {
        [self.batch, self.inputs, self.outputs].map(NonZeroUsize::get)
    }
}

#[derive(Debug, Args)]
pub(super) struct StepArgs {
    /// Widths: inputs, hidden layers, outputs
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "784,128,10")]
    pub(super) layers: Vec<usize>,
    /// Rows of the batch
    #[arg(long, value_name = "N", default_value = "64", value_parser = count)]
    pub(super) batch: NonZeroUsize,
    /// Whether the update may run where the gradient is made
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub(super) fused: bool,
}

#[derive(Debug, Args)]
pub(super) struct LinearArgs {
    /// Rows of the data
    #[arg(long, value_name = "N", default_value = "1000000", value_parser = count)]
    pub(super) rows: NonZeroUsize,
    /// Columns of the data
    #[arg(long, value_name = "D", default_value = "32", value_parser = count)]
    pub(super) cols: NonZeroUsize,
}

#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    /// Rows of the data
    #[arg(long, value_name = "N", default_value = "60000", value_parser = count)]
    pub(super) rows: NonZeroUsize,
    #[command(flatten)]
    pub(super) step: StepArgs,
}

#[derive(Debug, Args)]
pub(super) struct ReadArgs {
    /// Table to read: .csv, .npy, .npz or IDX (*-ubyte)
    #[arg(long, value_name = "FILE")]
    pub(super) data: PathBuf,
    /// Labels of a .npy or IDX table
    #[arg(long, value_name = "FILE")]
    pub(super) labels: Option<PathBuf>,
    /// Column of a .csv table to predict [default: the last]
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
}

/// The standard set: updates of vectors and of many tensors, the last four about as short as a
/// vector of 16 numbers or two; training steps.
pub(super) fn standard() -> impl Iterator<Item = What> {
    let some = |n: usize| NonZeroUsize::new(n).expect("the standard sizes are not zero");
    let updates = [(256, 1), (20_000, 1), (2_000_000, 1), (300, 1000)];
    let short = [11, 16, 17, 31].map(|each| (each, 64));
    let steps =
        [(vec![8, 64, 64, 1], 64), (vec![784, 128, 10], 64), (vec![784, 512, 512, 10], 128)];
    let updates = updates.into_iter().chain(short).map(move |(each, tensors)| {
        What::Update(UpdateArgs::plain(some(each * tensors), some(tensors)))
    });
    let steps = steps
        .map(|(layers, batch)| What::Step(StepArgs { layers, batch: some(batch), fused: true }));
    let linear = What::Linear(LinearArgs { rows: some(1_000_000), cols: some(32) });
    updates.chain(steps).chain([linear])
}
