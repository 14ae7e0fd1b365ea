//! How well a run predicts.

use ravine_models::Model;

use crate::{Examples, Labels, Options, Run};

/// Rows that an evaluation keeps in memory at a time.
const EVALUATED_ROWS: usize = 4096;

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
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "rows are counted far below 2⁵³")]
fn count(n: usize) -> f64 {
    n as f64
}
