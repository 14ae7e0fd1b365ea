//! The batches of an epoch.

use ravine_data::Order;
use ravine_models::Target;
use ravine_simd::Buffer;
use ravine_tensor::View;

use crate::{Batch, Examples, Labels};

/// Cuts epochs into batches: views of the examples where their order is their own, gathered rows
/// where an epoch has an order drawn for it.
#[derive(Debug)]
pub(crate) struct Batches<'a> {
    examples: &'a Examples,
    rows: usize,
    order: Option<Order>,
    x: Buffer,
    values: Buffer,
    classes: Vec<u32>,
}

impl<'a> Batches<'a> {
    pub(crate) fn new(examples: &'a Examples, batch: Batch) -> Self {
        let rows = match batch {
            Batch::Full => examples.rows(),
            Batch::Rows(rows) => rows.get().min(examples.rows()),
        };
        let (values, classes) = match &examples.labels {
            Labels::Values(values) => (rows * values.cols(), 0),
            Labels::Classes(_) => (0, rows),
        };
        Self {
            examples,
            rows,
            order: None,
            x: Buffer::zeroed(rows * examples.x.cols()),
            values: Buffer::zeroed(values),
            classes: vec![0; classes],
        }
    }

    /// Batches of an epoch; the last may be short.
    pub(crate) fn count(&self) -> u64 {
        self.examples.rows().div_ceil(self.rows) as u64
    }

    /// Starts an epoch, in an order drawn from `seed` where there is one. A batch of all rows
    /// needs no order.
    pub(crate) fn begin(&mut self, seed: Option<u64>, epoch: u64) {
        if let Some(seed) = seed
            && self.count() > 1
        {
            self.order.get_or_insert_with(|| Order::new(self.examples.rows())).shuffle(seed, epoch);
        }
    }

    /// The inputs and labels of a batch.
    ///
    /// # Panics
    ///
    /// If an epoch has no such batch.
    pub(crate) fn get(&mut self, batch: u64) -> (View<'_>, Target<'_>) {
        let count = self.count();
        assert!(batch < count, "batch {batch} of an epoch of {count}");
        let from = usize::try_from(batch).expect("below a number of rows") * self.rows;
        let to = self.examples.rows().min(from + self.rows);
        let Some(order) = &self.order else { return self.examples.range(from, to) };
        let picked = &order.as_slice()[from..to];
        let (n, cols) = (picked.len(), self.examples.x.cols());
        gather(&mut self.x, picked, self.examples.x.as_slice(), cols);
        let x = View::new(&self.x[..n * cols], n, cols);
        let target = match &self.examples.labels {
            Labels::Values(values) => {
                let outputs = values.cols();
                gather(&mut self.values, picked, values.as_slice(), outputs);
                Target::Values(View::new(&self.values[..n * outputs], n, outputs))
            }
            Labels::Classes(classes) => {
                for (class, &row) in self.classes.iter_mut().zip(picked) {
                    *class = classes[row as usize];
                }
                Target::Classes(&self.classes[..n])
            }
        };
        (x, target)
    }
}

/// Copies the picked rows of `cols` elements each, one after another.
fn gather(to: &mut [f32], picked: &[u32], from: &[f32], cols: usize) {
    for (to, &row) in to.chunks_exact_mut(cols.max(1)).zip(picked) {
        let at = row as usize * cols;
        to.copy_from_slice(&from[at..at + cols]);
    }
}
