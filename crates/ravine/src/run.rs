//! A model on its way, and where it stands.

use ravine_models::{Loss, Model};
use ravine_momentum::{Guard, HyperError, NonFinite, Rates, State};
use ravine_simd::Buffer;

use crate::step::Work;
use crate::{Options, Summary};

/// A model on its way: parameters, velocity, and the buffers of a step.
#[derive(Debug)]
pub struct Run<M: Model> {
    pub(crate) model: M,
    pub(crate) loss: Loss,
    pub(crate) options: Options,
    pub(crate) params: Buffer,
    /// Empty where updates run on the gradient as it is made.
    pub(crate) grads: Buffer,
    pub(crate) state: State,
    pub(crate) work: Option<Work<M>>,
    pub(crate) skipped: u64,
    pub(crate) position: Position,
}

/// Where a run stands: the batch that it visits next.
///
/// # Examples
///
/// ```
/// use ravine::Position;
///
/// assert_eq!(Position { epoch: 2, batch: 6 }.after(7), Position { epoch: 3, batch: 0 });
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Epochs finished.
    pub epoch: u64,
    /// Batches of the current epoch that were visited.
    pub batch: u64,
}

impl Position {
    /// The position after one more batch, of `batches` an epoch.
    #[must_use]
    pub fn after(self, batches: u64) -> Self {
        match self.batch + 1 {
            batch if batch < batches => Self { batch, ..self },
            _ => Self { epoch: self.epoch + 1, batch: 0 },
        }
    }
}

impl<M: Model> Run<M> {
    /// A run from the model's initial parameters.
    ///
    /// # Errors
    ///
    /// If a hyper-parameter, the bound of the gradient, or an end of a schedule is outside its range.
    pub fn new(model: M, loss: Loss, options: Options) -> Result<Self, HyperError> {
        let params = Buffer::zeroed(model.layout().len());
        let state = options.sgd.init_on(options.level, options.par, params.len())?;
        let mut run = Self::starting(model, loss, options, params, state)?;
        run.model.init(&mut run.params, options.seed);
        Ok(run)
    }

    /// A run at the beginning of its epochs, from `params` and `state`.
    pub(crate) fn starting(
        model: M,
        loss: Loss,
        options: Options,
        params: Buffer,
        state: State,
    ) -> Result<Self, HyperError> {
        Guard::new(options.clip, NonFinite::Keep)?;
        for t in [0, u64::MAX] {
            Rates::new(options.lr.at(t), options.momentum.at(t))?;
        }
        let grads = Buffer::zeroed(if options.runs_fused() { 0 } else { params.len() });
        Ok(Self {
            model,
            loss,
            options,
            params,
            grads,
            state,
            work: None,
            skipped: 0,
            position: Position::default(),
        })
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

    /// Where the run stands.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Steps taken and steps skipped so far.
    pub fn summary(&self) -> Summary {
        Summary { steps: self.state.step_count(), skipped: self.skipped }
    }

    /// [`digest`](crate::digest) of parameters and velocity.
    pub fn digest(&self) -> String {
        crate::digest(self.model.layout(), &self.params, self.state.velocity())
    }
}
