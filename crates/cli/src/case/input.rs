//! The input of an epoch: its order, and its batches, gathered.

use std::num::NonZeroUsize;

use ravine::data::{Order, Purpose, Stream};
use ravine::simd::{Buffer, Par, limit};
use ravine::{Examples, Labels, Picked, Rows as _};

use super::{Case, Cost, Fastest, Mismatch, number};

/// What an epoch does before its steps: draws an order of the rows, and copies the inputs and the
/// labels of each batch to where a step reads them.
#[derive(Debug)]
pub struct Input<'a> {
    examples: &'a Examples,
    batch: usize,
    par: Par,
    order: Order,
    epoch: u64,
    /// Room for a batch.
    x: Buffer,
    y: Buffer,
    fastest: Fastest,
}

impl<'a> Input<'a> {
    /// The input of batches of `batch` rows of numbers to predict.
    pub(super) fn new(examples: &'a Examples, batch: NonZeroUsize, par: Par) -> Self {
        let (rows, batch) = (examples.rows(), batch.get().min(examples.rows()));
        let room = |cols| Buffer::zeroed(batch * cols);
        let (x, y) = (room(examples.x.cols()), room(values(examples).1));
        let (order, fastest) = (Order::new(rows), Fastest::default());
        Self { examples, batch, par, order, epoch: 0, x, y, fastest }
    }
}

/// What is to be predicted, and how many numbers a row.
fn values(examples: &Examples) -> (&[f32], usize) {
    let Labels::Values(values) = &examples.labels else { unreachable!("drawn as values") };
    (values.as_slice(), values.cols())
}

impl Case for Input<'_> {
    fn id(&self) -> String {
        let x = &self.examples.x;
        format!("input/{}x{}x{}/{}t", x.rows(), x.cols(), self.batch, self.par.count())
    }

    /// A reading of every row; copies stay in a cache.
    fn cost(&self) -> Cost {
        let cols = self.examples.x.cols() + values(self.examples).1;
        Cost { bytes: 4.0 * number(self.examples.rows() * cols), flops: 0.0 }
    }

    /// The last batch of the first epoch is that of a shuffle of numbers.
    fn check(&mut self) -> Result<(), Mismatch> {
        self.epoch = 0;
        self.run();
        let mut order: Vec<usize> = (0..self.examples.rows()).collect();
        Stream::new(0, Purpose::Shuffle, 0).shuffle(&mut order);
        let last = order.chunks(self.batch).last().unwrap_or_default();
        let x = self.examples.x.select(last);
        Mismatch::find(&self.id(), &self.x[..x.as_slice().len()], x.as_slice())
    }

    fn run(&mut self) {
        self.order.shuffle(0, self.epoch);
        self.epoch += 1;
        let (labels, outputs) = values(self.examples);
        for rows in self.order.as_slice().chunks(self.batch) {
            let x = &mut self.x[..rows.len() * self.examples.x.cols()];
            self.examples.read(self.par, Picked::Rows(rows), x).expect("rows in memory are there");
            for (y, &row) in self.y.chunks_exact_mut(outputs).zip(rows) {
                y.copy_from_slice(&labels[row as usize * outputs..][..outputs]);
            }
            std::hint::black_box((&self.x, &self.y));
        }
    }

    fn limit(&mut self) -> f64 {
        let x = self.examples.x.as_slice();
        self.fastest.run(|level| {
            std::hint::black_box(limit::read(level, self.par, x));
        });
        4.0 * number(x.len()) / self.cost().bytes
    }
}
