//! The loop.

use std::ops::ControlFlow;

use ravine_models::Model;

use crate::batches::Batches;
use crate::{Examples, NonFinite, Position, Run, StepRecord};

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Steps taken.
    pub steps: u64,
    /// Batches whose loss or gradient was not finite, and that changed nothing.
    pub skipped: u64,
}

impl<M: Model> Run<M> {
    /// Trains for the configured epochs, from the first batch of the first on, and shows each step
    /// that was taken to `observe`.
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
        self.position = Position::default();
        self.go_on(examples, |_, record| {
            if let Some(record) = record {
                observe(record);
            }
            ControlFlow::Continue(())
        })
    }

    /// Trains from where the run [stands](Self::position) to the end of the configured epochs, or
    /// until `observe` breaks: the rest of the course of [`train`](Self::train), bit for bit, where
    /// options (but level, threads and fusion) and examples are those of the course so far.
    ///
    /// After each batch `observe` is shown the run, and the step, `None` where it was skipped.
    ///
    /// # Errors
    ///
    /// As [`train`](Self::train).
    ///
    /// # Panics
    ///
    /// As [`train`](Self::train).
    pub fn go_on(
        &mut self,
        examples: &Examples,
        mut observe: impl FnMut(&Self, Option<&StepRecord>) -> ControlFlow<()>,
    ) -> Result<Summary, NonFinite> {
        assert_ne!(examples.rows(), 0, "training takes at least one row");
        let mut batches = Batches::new(examples, self.options.batch);
        let shuffle = self.options.shuffle.then_some(self.options.seed);
        let mut begun = None;
        while self.position.epoch < self.options.epochs {
            let Position { epoch, batch } = self.position;
            if begun.replace(epoch) != Some(epoch) {
                batches.begin(shuffle, epoch);
            }
            let (x, target) = batches.get(batch);
            let record = self.step(x, target)?;
            self.position = self.position.after(batches.count());
            if observe(self, record.as_ref()).is_break() {
                break;
            }
        }
        Ok(self.summary())
    }
}
