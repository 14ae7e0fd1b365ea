//! One step, from a batch to new parameters.

use std::sync::atomic::{AtomicBool, Ordering};

use ravine_models::{BatchLoss, Model, Store, Target};
use ravine_momentum::{Gradient, Rates, State, clip};
use ravine_simd::{Buffer, sum};
use ravine_tensor::{View, ViewMut};

use crate::{Clip, OnNonfinite, Options, Run, Update, Watched};

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

/// Buffers for batches of up to `rows` rows.
pub(crate) struct Work<M: Model> {
    pub(crate) cache: M::Cache,
    /// Gradient of the loss by the outputs: rows × outputs.
    pub(crate) dy: Buffer,
    rows: usize,
    /// Gradients of blocks, between their uses.
    pub(crate) spare: Vec<Buffer>,
}

/// A step that is to be taken.
pub(crate) struct Next {
    pub(crate) step: u64,
    lr: f64,
    momentum: f64,
    rates: Rates,
}

impl Next {
    /// The step after those that a run has taken.
    pub(crate) fn of(options: &Options, state: &State) -> Self {
        let step = state.step_count();
        let lr = options.lr.at(step);
        let momentum = options.momentum.at(step);
        let rates = Rates::new(lr, momentum)
            .and_then(|rates| rates.followed_by(options.momentum.at(step + 1)))
            .expect("a schedule stays between its ends, which were checked");
        Self { step, lr, momentum, rates }
    }

    pub(crate) fn record(&self, loss: f64, grad_norm: Option<f64>) -> StepRecord {
        let &Self { step, lr, momentum, .. } = self;
        StepRecord { step, loss, grad_norm, lr, momentum }
    }
}

impl<M: Model> std::fmt::Debug for Work<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Work").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl<M: Model> Run<M> {
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
        let next = Next::of(&self.options, &self.state);

        let mut loss = BatchLoss::new(self.loss, x.rows(), self.model.outputs());
        if let Some(grads) = self.model.once(&mut work.cache, &self.params, x, target, &mut loss) {
            let (loss, state) = (loss.mean(), (&mut *self.params, &mut self.state));
            return match conclude(&self.options, &next, loss, grads, state) {
                Ok(record) => Ok(Some(record)),
                Err(what) => self.refuse(next.step, what),
            };
        }
        let y = self.model.forward(&mut work.cache, &self.params, x);
        let loss = self.loss.forward(level, par, y, target);
        if !loss.is_finite() {
            return self.refuse(next.step, Quantity::Loss);
        }
        let (rows, outputs) = (x.rows(), self.model.outputs());
        let dy = &mut work.dy[..rows * outputs];
        self.loss.backward(level, par, &mut ViewMut::new(dy, rows, outputs), y, target);
        let dy = View::new(dy, rows, outputs);

        let finite = AtomicBool::new(true);
        let mut grad_norm = None;
        if self.options.runs_fused() {
            let step = self.options.sgd.begin(&mut self.state, next.rates, by_value(clip));
            let velocity = self.state.velocity_mut();
            let sink = Update { params: &mut self.params, velocity, step, level };
            self.model.backward(&mut work.cache, Watched { sink, finite: &finite }, x, dy);
        } else {
            let sink = Store { params: &self.params, grads: &mut self.grads };
            self.model.backward(&mut work.cache, Watched { sink, finite: &finite }, x, dy);
        }
        if !finite.load(Ordering::Relaxed) {
            return self.refuse(next.step, Quantity::Gradient);
        }
        if !self.options.runs_fused() {
            if self.options.grad_norm || matches!(clip, Clip::Norm(_)) {
                grad_norm = Some(sum::squares(level, par, &self.grads).sqrt());
            }
            descend(
                &self.options,
                &next,
                grad_norm,
                &mut self.params,
                &mut self.state,
                &self.grads,
            );
        }
        Ok(Some(next.record(loss, grad_norm)))
    }

    /// Makes buffers for `rows` rows, unless there are.
    pub(crate) fn reserve(&mut self, rows: usize) {
        if self.work.as_ref().is_none_or(|work| work.rows < rows) {
            let cache = self.model.cache(self.options.level, self.options.par, rows);
            let dy = Buffer::zeroed(rows * self.model.outputs());
            let spare = self.work.take().map_or_else(Vec::new, |work| work.spare);
            self.work = Some(Work { cache, dy, rows, spare });
        }
    }

    /// Counts a step that is not finite, or ends the run.
    pub(crate) fn refuse(
        &mut self,
        step: u64,
        what: Quantity,
    ) -> Result<Option<StepRecord>, NonFinite> {
        match self.options.on_nonfinite {
            OnNonfinite::Stop => Err(NonFinite { step, what }),
            OnNonfinite::Skip => {
                self.skipped += 1;
                Ok(None)
            }
        }
    }
}

/// Ends a step whose whole gradient is known, unless it or the loss is not finite.
pub(crate) fn conclude(
    options: &Options,
    next: &Next,
    loss: f64,
    grads: &[f32],
    (params, state): (&mut [f32], &mut State),
) -> Result<StepRecord, Quantity> {
    let squares = sum::squares(options.level, options.par, grads);
    if !loss.is_finite() {
        return Err(Quantity::Loss);
    }
    if !squares.is_finite() {
        return Err(Quantity::Gradient);
    }
    let asked = options.grad_norm || matches!(options.clip, Clip::Norm(_));
    let grad_norm = asked.then(|| squares.sqrt());
    descend(options, next, grad_norm, params, state, grads);
    Ok(next.record(loss, grad_norm))
}

/// Applies a whole gradient.
fn descend(
    options: &Options,
    next: &Next,
    grad_norm: Option<f64>,
    params: &mut [f32],
    state: &mut State,
    grads: &[f32],
) {
    let gradient = match (options.clip, grad_norm) {
        (Clip::Norm(limit), Some(norm)) => clip::by_norm(norm, limit),
        (clip, _) => by_value(clip),
    };
    let step = options.sgd.begin(state, next.rates, gradient);
    step.run(options.level, options.par, params, state.velocity_mut(), grads);
}

/// What a bound of single elements makes of a gradient.
fn by_value(clip: Clip) -> Gradient {
    match clip {
        Clip::Value(limit) => clip::by_value(limit),
        Clip::None | Clip::Norm(_) => Gradient::AsIs,
    }
}
