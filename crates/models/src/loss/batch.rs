//! The loss of a batch that comes in blocks of rows.

use ravine_simd::{Level, Par, Tree, sum};
use ravine_tensor::{View, ViewMut};

use super::{ByTerm, Loss, Target};

/// A loss over a batch whose rows come in blocks, because all of them are too many for memory or
/// for the cache; with the bits of [`Loss::forward`] and [`Loss::backward`] of the whole batch.
///
/// # Examples
///
/// ```
/// use ravine_models::{BatchLoss, Loss, Target};
/// use ravine_simd::{Level, Par};
/// use ravine_tensor::View;
///
/// let (level, par, y) = (Level::detect(), Par::Seq, vec![1.5; 5000]);
/// let block = |rows: std::ops::Range<usize>| View::new(&y[rows.clone()], rows.len(), 1);
/// let mut loss = BatchLoss::new(Loss::MeanSquared, 5000, 1);
/// for rows in [0..4096, 4096..5000] {
///     loss.forward(level, par, block(rows.clone()), Target::Values(block(rows)));
/// }
/// assert_eq!(loss.mean(), 0.0);
/// ```
#[derive(Clone, Debug)]
pub struct BatchLoss {
    loss: Loss,
    rows: usize,
    outputs: usize,
    /// Rows that no block has had.
    left: usize,
    sum: Tree<f64>,
}

impl BatchLoss {
    /// Rows that blocks are made of: each but the last block has a multiple of them.
    pub const ROWS: usize = sum::LEAF;

    /// The loss of `rows` rows of `outputs` predictions.
    #[must_use]
    pub fn new(loss: Loss, rows: usize, outputs: usize) -> Self {
        let sum = Tree::new(rows.div_ceil(loss.leaf_rows(outputs)));
        Self { loss, rows, outputs, left: rows, sum }
    }

    /// Adds the terms of the next block's predictions.
    ///
    /// # Panics
    ///
    /// As [`Loss::forward`], and if blocks have other rows than they should.
    pub fn forward(&mut self, level: Level, par: Par, y: View<'_>, target: Target<'_>) {
        assert_eq!(y.cols(), self.outputs, "outputs of a block, and of the batch");
        self.loss.check([y.rows(), y.cols()], target);
        let leaf = self.loss.leaf_rows(self.outputs);
        self.take(y.rows(), leaf);
        let mut from = 0;
        while from < y.rows() {
            let most = (y.rows() - from).div_ceil(leaf);
            let n = self.sum.next_node(most).expect("documented: blocks have the batch's rows");
            let to = y.rows().min(from + n * leaf);
            let rows = from..to;
            let sum = self.loss.sum(level, par, y.row_range(rows.clone()), target.row_range(rows));
            self.sum.push(n, sum, |a, b| a + b);
            from = to;
        }
    }

    /// Writes the gradient of the batch's loss by a block's predictions.
    ///
    /// # Panics
    ///
    /// As [`Loss::backward`].
    pub fn backward(
        &self,
        level: Level,
        par: Par,
        dy: &mut ViewMut<'_>,
        y: View<'_>,
        target: Target<'_>,
    ) {
        self.loss.slopes(level, par, dy, y, target, self.rows);
    }

    /// Runs a pass over predictions of some of the batch's rows.
    ///
    /// # Panics
    ///
    /// If the loss is no sum over elements, or the target is not one for it.
    pub(crate) fn by_term<'a, R: ByTerm<'a>>(&self, target: Target<'a>, pass: R) -> R::Output {
        self.loss.check([target.rows(), self.outputs], target);
        self.loss.by_term(target, pass)
    }

    /// What the mean divides the sum of its terms by.
    pub(crate) fn count(&self) -> f64 {
        self.loss.count(self.rows, self.outputs)
    }

    /// Whether a term is one of a single prediction.
    pub(crate) fn is_pointwise(&self) -> bool {
        self.loss != Loss::CrossEntropy && self.outputs == 1
    }

    /// Adds the sum of the terms of the next `rows` rows, the leaves of a node of the batch's tree.
    ///
    /// # Panics
    ///
    /// If they are no such node.
    pub(crate) fn push(&mut self, rows: usize, sum: f64) {
        self.take(rows, Self::ROWS);
        self.sum.push(rows.div_ceil(Self::ROWS), sum, |a, b| a + b);
    }

    /// Counts a block's rows, each but the last block's whole leaves.
    ///
    /// # Panics
    ///
    /// If they are not.
    fn take(&mut self, rows: usize, leaf: usize) {
        let left = self.left;
        assert!(rows <= left, "a block of {rows} rows where the batch has {left} left");
        let is_whole = rows == left || rows.is_multiple_of(leaf);
        assert!(is_whole, "a block of {rows} rows before the last, wanted multiples of {leaf}");
        self.left -= rows;
    }

    /// The loss; NaN for a batch of no rows.
    ///
    /// # Panics
    ///
    /// If blocks are missing.
    #[must_use]
    pub fn mean(self) -> f64 {
        let count = self.count();
        self.sum.finish().unwrap_or(0.0) / count
    }
}

#[cfg(test)]
mod tests {
    use ravine_conformance::Agreement;

    use super::*;

    /// Numbers of both signs, none of them zero.
    fn wave(len: usize, seed: f32) -> Vec<f32> {
        (1_u16..).cycle().map(|i| (f32::from(i) * seed).sin() + 0.01).take(len).collect()
    }

    /// Losses and slopes of blocks of up to `most` leaves, against those of the whole batch.
    fn compare(loss: Loss, outputs: usize, rows: usize, values: bool, most: usize) {
        let (y, t) = (wave(rows * outputs, 0.37), wave(rows * outputs, 0.71));
        let n_classes = if loss == Loss::BinaryCrossEntropy { 2 } else { outputs };
        let n_classes = u32::try_from(n_classes).expect("few");
        let classes: Vec<u32> = (0..n_classes).cycle().take(rows).collect();
        let y = View::new(&y, rows, outputs);
        let target = match values {
            true => Target::Values(View::new(&t, rows, outputs)),
            false => Target::Classes(&classes),
        };
        let level = Level::detect();
        let mut whole = vec![f32::NAN; rows * outputs];
        loss.backward(level, Par::Seq, &mut ViewMut::new(&mut whole, rows, outputs), y, target);
        for par in [1, 3].map(Par::threads) {
            let mut batch = BatchLoss::new(loss, rows, outputs);
            let mut slopes = vec![f32::NAN; rows * outputs];
            let block = most * BatchLoss::ROWS;
            for (from, dy) in (0..rows).step_by(block).zip(slopes.chunks_mut(block * outputs)) {
                let range = from..rows.min(from + block);
                let mut dy = ViewMut::new(dy, range.len(), outputs);
                let (y, target) = (y.row_range(range.clone()), target.row_range(range));
                batch.forward(level, par, y, target);
                batch.backward(level, par, &mut dy, y, target);
            }
            let blocks = format!("blocks of {most} leaves");
            let at = format!("{level}, {loss:?}, {rows} × {outputs}, {blocks}, {par:?}");
            let same = ravine_conformance::compare(&whole, &slopes, Agreement::Bits);
            assert_eq!(same, Ok(()), "{at}");
            let wanted = loss.forward(level, Par::Seq, y, target);
            assert_eq!(batch.mean().to_bits(), wanted.to_bits(), "{at}");
        }
    }

    #[test]
    fn blocks_give_the_bits_of_the_whole_batch() {
        for rows in [1, 4095, 4096, 4097, 3 * 4096 - 1, 5 * 4096 + 1] {
            for most in [1, 2, 3] {
                for outputs in [1, 3] {
                    compare(Loss::MeanSquared, outputs, rows, true, most);
                }
                compare(Loss::BinaryCrossEntropy, 1, rows, true, most);
                compare(Loss::BinaryCrossEntropy, 1, rows, false, most);
                compare(Loss::CrossEntropy, 1, rows, false, most);
                compare(Loss::CrossEntropy, 3, rows, false, most);
            }
        }
    }

    /// The loss of a batch of `rows` rows that has had a block of `block`.
    fn begun(rows: usize, block: usize) -> BatchLoss {
        let mut batch = BatchLoss::new(Loss::MeanSquared, rows, 1);
        let y = vec![1.0; block];
        let y = View::from_col(&y);
        batch.forward(Level::detect(), Par::Seq, y, Target::Values(y));
        batch
    }

    #[test]
    #[should_panic(expected = "leaves that came")]
    fn a_batch_whose_rows_did_not_all_come_has_no_loss() {
        let _ = begun(5000, 4096).mean();
    }

    #[test]
    #[should_panic(expected = "a block of 5 rows where the batch has 3 left")]
    fn a_block_of_more_rows_than_the_batch_has_left_is_refused() {
        let _ = begun(3, 5);
    }

    #[test]
    #[should_panic(expected = "a block of 1 rows before the last")]
    fn a_block_that_ends_inside_a_leaf_of_the_batch_is_refused() {
        let _ = begun(5000, 1);
    }
}
