//! What a run is told.

use std::num::NonZeroUsize;

use ravine_momentum::{Clip, Form, Schedule, Sgd, WeightDecay};
use ravine_simd::{Level, Par};

/// Rows of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batch {
    /// All rows: gradient descent in its first sense. An epoch is a step.
    Full,
    /// This many rows; one is stochastic descent. The last batch of an epoch may be short.
    Rows(NonZeroUsize),
}

/// What becomes of a step whose loss or gradient is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnNonfinite {
    /// The run ends.
    Stop,
    /// Parameters, velocity and step count stay as they are, and the skip is counted.
    Skip,
}

/// The configuration of a run; plain data.
///
/// `level`, `par` and `fused` change speed alone; all else is part of what the bits depend on.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The form of momentum, and weight decay.
    pub sgd: Sgd,
    /// Learning rate α by step, positive.
    pub lr: Schedule,
    /// Momentum β by step, in `0..1`.
    pub momentum: Schedule,
    /// Rows of a step.
    pub batch: Batch,
    /// Passes over the data.
    pub epochs: u64,
    /// Whether each epoch draws an order of its own.
    pub shuffle: bool,
    /// Seed of initial values and orders.
    pub seed: u64,
    /// Bound of the gradient.
    pub clip: Clip,
    /// What becomes of a step that is not finite.
    pub on_nonfinite: OnNonfinite,
    /// Whether each step computes the norm of its gradient.
    pub grad_norm: bool,
    /// Whether gradients may be applied where they are made, without a buffer.
    pub fused: bool,
    /// Instruction set.
    pub level: Level,
    /// Threads.
    pub par: Par,
}

impl Default for Options {
    /// Classic momentum 0.9, learning rate 0.01, ten epochs of shuffled batches of 32, on the
    /// widest level and one thread.
    fn default() -> Self {
        Self {
            sgd: Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None },
            lr: Schedule::Constant(0.01),
            momentum: Schedule::Constant(0.9),
            batch: Batch::Rows(NonZeroUsize::new(32).expect("32 is not zero")),
            epochs: 10,
            shuffle: true,
            seed: 0,
            clip: Clip::None,
            on_nonfinite: OnNonfinite::Stop,
            grad_norm: false,
            fused: true,
            level: Level::detect(),
            par: Par::Seq,
        }
    }
}

impl Options {
    /// Whether the update may run on each stretch of the gradient as it is finished: nothing asks
    /// for the whole gradient first.
    pub(crate) fn runs_fused(&self) -> bool {
        self.fused
            && !self.grad_norm
            && !matches!(self.clip, Clip::Norm(_))
            && self.on_nonfinite == OnNonfinite::Stop
    }
}
