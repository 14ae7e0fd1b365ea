//! The loop.

use std::sync::atomic::{AtomicBool, Ordering};

use ravine_models::{Loss, Model, Store, Target};
use ravine_momentum::{Gradient, HyperError, Rates, State, clip};
use ravine_simd::{Buffer, sum};
use ravine_tensor::{View, ViewMut};

use crate::batches::Batches;
use crate::{Clip, Examples, Labels, OnNonfinite, Options, Update, Watched};

/// Rows that an evaluation keeps in memory at a time.
const EVALUATED_ROWS: usize = 4096;

/// A model on its way: parameters, velocity, and the buffers of a step.
#[derive(Debug)]
pub struct Run<M: Model> {
    model: M,
    loss: Loss,
    options: Options,
    params: Buffer,
    /// Empty where updates run on the gradient as it is made.
    grads: Buffer,
    state: State,
    work: Option<Work<M>>,
    skipped: u64,
}

/// Buffers for batches of up to `rows` rows.
struct Work<M: Model> {
    cache: M::Cache,
    /// Gradient of the loss by the outputs: rows × outputs.
    dy: Buffer,
    rows: usize,
}

impl<M: Model> std::fmt::Debug for Work<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// A step that was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepRecord {
    /// Its number, from 0.
    pub step: u64,
    /// Mean loss over the batch before the step.
    pub loss: f64,
    /// Euclidean norm of the gradient before clipping, where the run computes it.
    pub grad_norm: Option<f64>,
    /// Learning rate of the step.
    pub lr: f64,
    /// Momentum of the step.
    pub momentum: f64,
}

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Steps taken.
    pub steps: u64,
    /// Batches whose loss or gradient was not finite, and that changed nothing.
    pub skipped: u64,
}

/// How well a model predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean loss.
    pub loss: f64,
    /// Share of rows whose class is right, where classes are predicted.
    pub accuracy: Option<f64>,
}

/// What was not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The loss.
    Loss,
    /// An element of the gradient.
    Gradient,
}

/// A step met a loss or a gradient that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("step {step}: the {} is not finite; try a smaller learning rate", match what {
    Quantity::Loss => "loss",
    Quantity::Gradient => "gradient",
})]
pub struct NonFinite {
    /// The step, from 0.
    pub step: u64,
    /// What was not finite.
    pub what: Quantity,
}

impl<M: Model> Run<M> {
    /// A run from the model's initial parameters.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter, or an end of a schedule, is outside its range.
    pub fn new(model: M, loss: Loss, options: Options) -> Result<Self, HyperError> {
        for t in [0, u64::MAX] {
            Rates::new(options.lr.at(t), options.momentum.at(t))?;
        }
        let len = model.layout().len();
        let state = options.sgd.init_on(options.level, options.par, len)?;
        let mut params = Buffer::zeroed(len);
        model.init(&mut params, options.seed);
        let grads = Buffer::zeroed(if options.runs_fused() { 0 } else { len });
        Ok(Self { model, loss, options, params, grads, state, work: None, skipped: 0 })
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The configuration.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The parameters, flat.
    pub fn params(&self) -> &[f32] {
        &self.params
    }

    /// The parameters, flat, to start from others than the model's own.
    pub fn params_mut(&mut self) -> &mut [f32] {
        &mut self.params
    }

    /// The optimizer's memory.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// [`digest`](crate::digest) of parameters and velocity.
    pub fn digest(&self) -> String {
        crate::digest(self.model.layout(), &self.params, self.state.velocity())
    }

    /// Trains for the configured epochs and shows each step that was taken to `observe`.
    ///
    /// # Errors
    ///
    /// At the first loss or gradient that is not finite, unless the run skips such steps.
    ///
    /// # Panics
    ///
    /// If the examples do not fit the model's inputs, or hold no row.
    pub fn train(
        &mut self,
        examples: &Examples,
        mut observe: impl FnMut(&StepRecord),
    ) -> Result<Summary, NonFinite> {
        assert_ne!(examples.rows(), 0, "training takes at least one row");
        let mut batches = Batches::new(examples, self.options.batch);
        let shuffle = self.options.shuffle.then_some(self.options.seed);
        for epoch in 0..self.options.epochs {
            batches.begin(shuffle, epoch);
            for batch in 0..batches.count() {
                let (x, target) = batches.get(batch);
                if let Some(record) = self.step(x, target)? {
                    observe(&record);
                }
            }
        }
        Ok(Summary { steps: self.state.step_count(), skipped: self.skipped })
    }

    /// One step of gradient descent on a batch; `None` where it was skipped.
    ///
    /// # Errors
    ///
    /// If the loss or the gradient is not finite, unless the run skips such steps. What a run
    /// holds after that is of no use where the step ran fused.
    ///
    /// # Panics
    ///
    /// If the batch does not fit the model.
    pub fn step(
        &mut self,
        x: View<'_>,
        target: Target<'_>,
    ) -> Result<Option<StepRecord>, NonFinite> {
        self.reserve(x.rows());
        let Options { level, par, clip, .. } = self.options;
        let work = self.work.as_mut().expect("buffers were reserved");
        let step = self.state.step_count();
        let lr = self.options.lr.at(step);
        let momentum = self.options.momentum.at(step);
        let rates = Rates::new(lr, momentum)
            .and_then(|rates| rates.followed_by(self.options.momentum.at(step + 1)))
            .expect("a schedule stays between its ends, which were checked");

        let y = self.model.forward(&mut work.cache, &self.params, x);
        let loss = self.loss.forward(level, par, y, target);
        if !loss.is_finite() {
            return self.refuse(NonFinite { step, what: Quantity::Loss });
        }
        let (rows, outputs) = (x.rows(), self.model.outputs());
        let dy = &mut work.dy[..rows * outputs];
        self.loss.backward(level, par, &mut ViewMut::new(dy, rows, outputs), y, target);
        let dy = View::new(dy, rows, outputs);

        let finite = AtomicBool::new(true);
        let gradient = match clip {
            Clip::Value(limit) => clip::by_value(limit),
            Clip::None | Clip::Norm(_) => Gradient::AsIs,
        };
        let mut grad_norm = None;
        if self.options.runs_fused() {
            let step = self.options.sgd.begin(&mut self.state, rates, gradient);
            let velocity = self.state.velocity_mut();
            let sink = Update { params: &mut self.params, velocity, step, level };
            self.model.backward(&mut work.cache, Watched { sink, finite: &finite }, x, dy);
        } else {
            let sink = Store { params: &self.params, grads: &mut self.grads };
            self.model.backward(&mut work.cache, Watched { sink, finite: &finite }, x, dy);
        }
        if !finite.load(Ordering::Relaxed) {
            return self.refuse(NonFinite { step, what: Quantity::Gradient });
        }
        if !self.options.runs_fused() {
            if self.options.grad_norm || matches!(clip, Clip::Norm(_)) {
                grad_norm = Some(sum::squares(level, par, &self.grads).sqrt());
            }
            let gradient = match (clip, grad_norm) {
                (Clip::Norm(limit), Some(norm)) => clip::by_norm(norm, limit),
                _ => gradient,
            };
            let step = self.options.sgd.begin(&mut self.state, rates, gradient);
            step.run(level, par, &mut self.params, self.state.velocity_mut(), &self.grads);
        }
        Ok(Some(StepRecord { step, loss, grad_norm, lr, momentum }))
    }

    /// Loss, and accuracy where classes are predicted, over all rows.
    ///
    /// # Panics
    ///
    /// If the examples do not fit the model, or hold no row.
    pub fn evaluate(&self, examples: &Examples) -> Evaluation {
        let rows = examples.rows();
        assert_ne!(rows, 0, "an evaluation takes at least one row");
        let Options { level, par, .. } = self.options;
        let mut cache = self.model.cache(level, par, rows.min(EVALUATED_ROWS));
        let (mut loss, mut correct) = (0.0, 0);
        for from in (0..rows).step_by(EVALUATED_ROWS) {
            let to = rows.min(from + EVALUATED_ROWS);
            let (x, target) = examples.range(from, to);
            let y = self.model.forward(&mut cache, &self.params, x);
            loss += self.loss.forward(level, par, y, target) * count(to - from);
            if matches!(examples.labels, Labels::Classes(_)) {
                correct += self.loss.correct(y, target);
            }
        }
        let classes = matches!(examples.labels, Labels::Classes(_));
        let accuracy = classes.then_some(count(correct) / count(rows));
        Evaluation { loss: loss / count(rows), accuracy }
    }

    /// Makes buffers for `rows` rows, unless there are.
    fn reserve(&mut self, rows: usize) {
        if self.work.as_ref().is_none_or(|work| work.rows < rows) {
            let cache = self.model.cache(self.options.level, self.options.par, rows);
            let dy = Buffer::zeroed(rows * self.model.outputs());
            self.work = Some(Work { cache, dy, rows });
        }
    }

    /// Counts a step that is not finite, or ends the run.
    fn refuse(&mut self, found: NonFinite) -> Result<Option<StepRecord>, NonFinite> {
        match self.options.on_nonfinite {
            OnNonfinite::Stop => Err(found),
            OnNonfinite::Skip => {
                self.skipped += 1;
                Ok(None)
            }
        }
    }
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "rows are counted far below 2⁵³")]
fn count(n: usize) -> f64 {
    n as f64
}
