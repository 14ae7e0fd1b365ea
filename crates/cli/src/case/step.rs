//! A training step: forward, loss, backward and update.

use ravine::data::{Matrix, Purpose, Stream};
use ravine::models::{Linear, Loss, Mlp, Model, Target, WidthError};
use ravine::momentum::{Form, Schedule, Sgd, WeightDecay};
use ravine::simd::{Level, Par, limit};
use ravine::tensor::{Activation, View};
use ravine::{Examples, Labels, Options, Run};

use super::limits::arithmetic;
use super::{Case, Cost, Fastest, Mismatch, fill, number};

/// Steps whose result is checked, and whose digest is told.
const CHECKED_STEPS: usize = 10;

/// The step that `train` takes, of a model on one batch.
#[derive(Debug)]
pub struct Step<M: Model> {
    name: &'static str,
    /// Widths and rows.
    shape: String,
    run: Run<M>,
    model: M,
    examples: Examples,
    cost: Cost,
    digest: String,
    /// Of the limit, where it reads.
    fastest: Fastest,
}

impl Step<Mlp> {
    /// A perceptron of these layers with ReLU and the mean squared error, momentum 0.9.
    ///
    /// # Errors
    ///
    /// If a width is zero, or fewer than two are given.
    pub fn mlp(layers: &[usize], batch: usize, options: Options) -> Result<Self, WidthError> {
        let model = Mlp::new(layers, Activation::Relu)?;
        let params = number(model.layout().len());
        let examples = examples(batch, layers[0], layers[layers.len() - 1]);
        let cost = Cost { bytes: 16.0 * params, flops: number(batch) * flops_per_row(layers) };
        let shape = name(layers, batch, options.fused);
        Ok(Self::new("step", shape, model, examples, cost, options))
    }
}

impl Step<Linear> {
    /// A full-batch step of linear regression: its bytes are one reading of the data.
    #[must_use]
    pub fn linear(rows: usize, cols: usize, options: Options) -> Self {
        let elements = number(rows * cols);
        let cost = Cost { bytes: 4.0 * (elements + number(rows)), flops: 4.0 * elements };
        let (model, shape) = (Linear::new(cols, 1, false), format!("{rows}x{cols}"));
        Self::new("linear", shape, model, examples(rows, cols, 1), cost, options)
    }
}

impl<M: Model + Clone> Step<M> {
    fn new(
        name: &'static str,
        shape: String,
        model: M,
        examples: Examples,
        cost: Cost,
        options: Options,
    ) -> Self {
        let run = start(&model, options);
        let (digest, fastest) = (String::new(), Fastest::default());
        Self { name, shape, run, model, examples, cost, digest, fastest }
    }

    /// The number of parameters.
    #[must_use]
    pub fn n_params(&self) -> usize {
        self.run.params().len()
    }

    /// Digest after ten steps, once the case is checked.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

/// Momentum 0.9 at a rate of 0.001, as a step is timed everywhere.
#[must_use]
pub fn timed(level: Level, par: Par, fused: bool) -> Options {
    Options {
        sgd: Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None },
        lr: Schedule::Constant(1e-3),
        momentum: Schedule::Constant(0.9),
        level,
        par,
        fused,
        ..Options::default()
    }
}

/// Widths and rows of a batch, and whether gradients are stored first.
pub(super) fn name(layers: &[usize], batch: usize, fused: bool) -> String {
    let widths = layers.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
    format!("{widths}x{batch}{}", if fused { "" } else { "+unfused" })
}

/// Normal draws of a fixed seed: rows × inputs, and rows × outputs to predict.
pub(super) fn examples(rows: usize, inputs: usize, outputs: usize) -> Examples {
    let mut draws = Stream::new(0, Purpose::Design, 0);
    let mut matrix = |cols| {
        let mut matrix = Matrix::zeroed(rows, cols);
        fill(&mut draws, matrix.as_mut_slice());
        matrix
    };
    let x = matrix(inputs);
    Examples { x, labels: Labels::Values(matrix(outputs)) }
}

/// Operations that a row costs: a product forward, one for the weights' gradient, and one for the
/// inputs' gradient in all layers but the first.
pub(super) fn flops_per_row(layers: &[usize]) -> f64 {
    let pairs = || layers.windows(2).map(|pair| number(pair[0] * pair[1]));
    6.0 * pairs().sum::<f64>() - 2.0 * pairs().next().unwrap_or(0.0)
}

fn start<M: Model + Clone>(model: &M, options: Options) -> Run<M> {
    let run = Run::new(model.clone(), Loss::MeanSquared, options);
    run.expect("the rates of the timed step are in range")
}

fn step<M: Model>(run: &mut Run<M>, examples: &Examples) {
    let Labels::Values(values) = &examples.labels else { unreachable!("drawn as values") };
    let target = View::new(values.as_slice(), values.rows(), values.cols());
    run.step(examples.inputs(), Target::Values(target)).expect("a small rate does not diverge");
}

impl<M: Model + Clone> Case for Step<M> {
    fn id(&self) -> String {
        let Options { level, par, .. } = self.run.options();
        let Self { name, shape, .. } = self;
        format!("{name}/{shape}/{level}/{}t", par.count())
    }

    fn cost(&self) -> Cost {
        self.cost
    }

    /// Ten steps, fused and unfused, on one thread and on all of them, give the same parameters.
    fn check(&mut self) -> Result<(), Mismatch> {
        let options = *self.run.options();
        let mut other =
            start(&self.model, Options { fused: !options.fused, par: Par::Seq, ..options });
        for _ in 0..CHECKED_STEPS {
            step(&mut self.run, &self.examples);
            step(&mut other, &self.examples);
        }
        self.digest = self.run.digest();
        Mismatch::find(&self.id(), self.run.params(), other.params())
    }

    fn run(&mut self) {
        step(&mut self.run, &self.examples);
    }

    fn limit(&mut self) -> f64 {
        let par = self.run.options().par;
        if self.name == "linear" {
            let x = self.examples.x.as_slice();
            self.fastest.run(|level| {
                std::hint::black_box(limit::read(level, par, x));
            });
            number(x.len()) * 4.0 / self.cost.bytes
        } else {
            arithmetic(par, self.cost.flops)
        }
    }
}
