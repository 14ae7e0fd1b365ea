//! The loop.

use std::ops::ControlFlow;

use ravine_models::Model;

use crate::plan::Plan;
use crate::{NonFinite, Position, Rows, RowsError, Run, StepRecord, ahead};

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Steps taken.
    pub steps: u64,
    /// Batches whose loss or gradient was not finite, and that changed nothing.
    pub skipped: u64,
}

/// Why a run ended before its time; one line.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A step met a loss or a gradient that is not finite.
    #[error(transparent)]
    NonFinite(#[from] NonFinite),
    /// Rows could not be read.
    #[error("{0}")]
    Read(#[from] RowsError),
}

impl<M: Model> Run<M> {
    /// Trains for the configured epochs, from the first batch of the first on, and shows each step
    /// that was taken to `observe`.
    ///
    /// # Errors
    ///
    /// At the first loss or gradient that is not finite, unless the run skips such steps; and where
    /// rows cannot be read.
    ///
    /// # Panics
    ///
    /// If the rows do not fit the model's inputs, or there are none.
    pub fn train(
        &mut self,
        rows: &impl Rows,
        mut observe: impl FnMut(&StepRecord),
    ) -> Result<Summary, TrainError> {
        self.position = Position::default();
        self.go_on(rows, |_, record| {
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
    /// As [`train`](Self::train), and if the run stands at a batch that an epoch of these rows, or
    /// of its options' batches, does not have.
    pub fn go_on(
        &mut self,
        rows: &impl Rows,
        mut observe: impl FnMut(&Self, Option<&StepRecord>) -> ControlFlow<()>,
    ) -> Result<Summary, TrainError> {
        assert_ne!(rows.count(), 0, "training takes at least one row");
        let plan = Plan::new(rows.count(), &self.model, &self.options);
        ahead::feed(rows, &plan, self.position, |feed| {
            while self.position.epoch < plan.epochs {
                let Position { epoch, batch } = self.position;
                let mut blocks = plan.blocks(batch);
                let record = if blocks.len() > 1 {
                    self.step_in_blocks(feed, epoch, blocks)?
                } else {
                    let places = blocks.next().expect("a batch has rows");
                    let (x, target) = feed.block(epoch, places)?;
                    self.step(x, target)?
                };
                self.position = self.position.after(plan.batches());
                if observe(self, record.as_ref()).is_break() {
                    break;
                }
            }
            Ok(self.summary())
        })
    }
}
