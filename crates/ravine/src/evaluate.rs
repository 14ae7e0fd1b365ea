//! How well a run predicts.

use ravine_models::Model;

use crate::plan::Plan;
use crate::{Labels, Options, Position, Rows, Run, TrainError, ahead};

/// How well a model predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean loss.
    pub loss: f64,
    /// Share of rows whose class is right, where classes are predicted.
    pub accuracy: Option<f64>,
}

impl<M: Model> Run<M> {
    /// Loss, and accuracy where classes are predicted, over all rows.
    ///
    /// # Errors
    ///
    /// If rows cannot be read.
    ///
    /// # Panics
    ///
    /// If the rows do not fit the model, or there are none.
    pub fn evaluate(&self, rows: &impl Rows) -> Result<Evaluation, TrainError> {
        let n = rows.count();
        assert_ne!(n, 0, "an evaluation takes at least one row");
        let Options { level, par, .. } = self.options;
        let classes = matches!(rows.labels(), Labels::Classes(_));
        let plan = Plan::pass(n);
        let mut cache = self.model.cache(level, par, plan.block_rows());
        let (mut loss, mut correct) = (0.0, 0);
        ahead::feed(rows, &plan, Position::default(), |feed| {
            for places in (0..plan.batches()).flat_map(|batch| plan.blocks(batch)) {
                let rows = count(places.len());
                let (x, target) = feed.block(0, places)?;
                let y = self.model.forward(&mut cache, &self.params, x);
                loss += self.loss.forward(level, par, y, target) * rows;
                if classes {
                    correct += self.loss.correct(y, target);
                }
            }
            let accuracy = classes.then_some(count(correct) / count(n));
            Ok(Evaluation { loss: loss / count(n), accuracy })
        })
    }
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "rows are counted far below 2⁵³")]
fn count(n: usize) -> f64 {
    n as f64
}
