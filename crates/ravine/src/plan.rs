//! How epochs are cut into batches, and batches into blocks.

use std::ops::Range;

use ravine_models::Model;
use ravine_simd::{Par, Tree};
use ravine_tensor::LEAF_ROWS;

use crate::{Batch, Options};

/// Bytes of a block's inputs, unless a leaf has more.
const BLOCK_BYTES: usize = 32 << 20;

/// Which rows of an epoch's order make a batch, and which of these go through the model at a time.
///
/// A batch of more rows than a block has goes through the model block by block, each a node of the
/// tree that gradients are summed in.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Rows of an epoch.
    pub(crate) rows: usize,
    /// Epochs of the course.
    pub(crate) epochs: u64,
    /// Seed of the order that each epoch draws for itself.
    pub(crate) shuffle: Option<u64>,
    /// Threads that gather rows in a drawn order.
    pub(crate) par: Par,
    /// Rows of a batch; the last may be short.
    batch: usize,
    /// Blocks of a batch, and of the last.
    blocks: [Vec<Range<usize>>; 2],
}

impl Plan {
    /// The plan of a training.
    pub(crate) fn new(rows: usize, model: &impl Model, options: &Options) -> Self {
        let batch = match options.batch {
            Batch::Full => rows,
            Batch::Rows(batch) => batch.get().min(rows),
        };
        // Leaves go to threads, and are few enough to stay near them between two passes.
        let near = if options.par == Par::Seq { 1 } else { 2 * options.par.count() };
        let most = near.min(BLOCK_BYTES / (4 * LEAF_ROWS * model.inputs().max(1))).max(1);
        let cut = Self::cut(rows, batch, most);
        // A batch of all rows needs no order.
        let shuffle = (options.shuffle && batch < rows).then_some(options.seed);
        Self { epochs: options.epochs, shuffle, par: options.par, ..cut }
    }

    /// The plan of one pass over rows in their own order, a leaf at a time.
    pub(crate) fn pass(rows: usize) -> Self {
        Self::cut(rows, rows.min(LEAF_ROWS), 1)
    }

    /// One epoch of batches of `batch` rows, in blocks of at most `most` leaves.
    fn cut(rows: usize, batch: usize, most: usize) -> Self {
        let blocks = [batch, (rows - 1) % batch + 1].map(|rows| blocks(rows, most));
        Self { rows, epochs: 1, shuffle: None, par: Par::Seq, batch, blocks }
    }

    /// Batches of an epoch.
    pub(crate) fn batches(&self) -> u64 {
        self.rows.div_ceil(self.batch) as u64
    }

    /// The blocks of a batch, as places in the epoch's order.
    ///
    /// # Panics
    ///
    /// If an epoch has no such batch.
    pub(crate) fn blocks(&self, batch: u64) -> impl ExactSizeIterator<Item = Range<usize>> + Clone {
        let count = self.batches();
        assert!(batch < count, "batch {batch} of an epoch of {count}");
        let at = usize::try_from(batch).expect("below a number of rows") * self.batch;
        let blocks = &self.blocks[usize::from(batch + 1 == count)];
        blocks.iter().map(move |block| at + block.start..at + block.end)
    }

    /// Rows of the largest block.
    pub(crate) fn block_rows(&self) -> usize {
        self.blocks.iter().flatten().map(Range::len).max().unwrap_or(0)
    }
}

/// The nodes of at most `most` leaves, of the tree over the leaves of `rows` samples.
fn blocks(rows: usize, most: usize) -> Vec<Range<usize>> {
    let mut tree = Tree::new(rows.div_ceil(LEAF_ROWS));
    let mut blocks = Vec::new();
    while let Some(n) = tree.next_node(most) {
        let from = tree.at() * LEAF_ROWS;
        blocks.push(from..rows.min(from + n * LEAF_ROWS));
        tree.push(n, (), |(), ()| ());
    }
    blocks
}
