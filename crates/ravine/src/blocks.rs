//! One step on a batch that goes through the model block by block.

use std::ops::Range;

use ravine_models::{BatchLoss, Model, Store};
use ravine_simd::{Buffer, Level, Tree};
use ravine_tensor::{LEAF_ROWS, View, ViewMut, add};

use crate::feed::Feed;
use crate::step::{Next, conclude};
use crate::{Options, Run, StepRecord, TrainError};

impl<M: Model> Run<M> {
    /// One step on a batch that comes in blocks, each a node of the tree that gradients over
    /// samples are summed in: the bits of [`step`](Self::step) on the whole batch.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step), and if rows cannot be read.
    pub(crate) fn step_in_blocks(
        &mut self,
        feed: &mut dyn Feed,
        epoch: u64,
        blocks: impl Iterator<Item = Range<usize>> + Clone,
    ) -> Result<Option<StepRecord>, TrainError> {
        let Options { level, par, .. } = self.options;
        let outputs = self.model.outputs();
        let rows = blocks.clone().map(|places| places.len()).sum::<usize>();
        self.reserve(blocks.clone().map(|places| places.len()).max().unwrap_or(0));
        let work = self.work.as_mut().expect("buffers were reserved");
        let next = Next::of(&self.options, &self.state);

        let mut loss = BatchLoss::new(self.loss, rows, outputs);
        let mut tree = Tree::new(rows.div_ceil(LEAF_ROWS));
        for places in blocks {
            let (x, target) = feed.block(epoch, places)?;
            let spare = work.spare.pop();
            let mut grads = spare.unwrap_or_else(|| Buffer::zeroed(self.params.len()));
            let params = &self.params;
            if let Some(once) = self.model.once(&mut work.cache, params, x, target, &mut loss) {
                grads.copy_from_slice(once);
                push(&mut tree, level, &mut work.spare, (x.rows(), grads));
                continue;
            }
            let y = self.model.forward(&mut work.cache, &self.params, x);
            loss.forward(level, par, y, target);
            let dy = &mut work.dy[..x.rows() * outputs];
            loss.backward(level, par, &mut ViewMut::new(dy, x.rows(), outputs), y, target);
            let dy = View::new(dy, x.rows(), outputs);
            let sink = Store { params: &self.params, grads: &mut grads };
            self.model.backward(&mut work.cache, sink, x, dy);
            push(&mut tree, level, &mut work.spare, (x.rows(), grads));
        }
        let loss = loss.mean();
        let grads = tree.finish().expect("a batch has blocks");
        let state = (&mut *self.params, &mut self.state);
        let concluded = conclude(&self.options, &next, loss, &grads, state);
        work.spare.push(grads);
        match concluded {
            Ok(record) => Ok(Some(record)),
            Err(what) => Ok(self.refuse(next.step, what)?),
        }
    }
}

/// Adds the gradients of the next rows of a batch to its tree; buffers that are free go to `spare`.
fn push(
    tree: &mut Tree<Buffer>,
    level: Level,
    spare: &mut Vec<Buffer>,
    (rows, grads): (usize, Buffer),
) {
    tree.push(rows.div_ceil(LEAF_ROWS), grads, |mut sum, other| {
        add(level, &mut sum, &other);
        spare.push(other);
        sum
    });
}
