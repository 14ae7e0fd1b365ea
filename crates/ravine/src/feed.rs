//! What hands blocks of rows to the loop.

use std::ops::Range;

use ravine_data::Order;
use ravine_models::Target;
use ravine_simd::{Buffer, Par};
use ravine_tensor::View;

use crate::plan::Plan;
use crate::{Labels, Picked, Rows, RowsError};

/// Hands over the blocks of a plan, in their order.
pub(crate) trait Feed {
    /// The inputs and labels of the block that comes next, at these places of the epoch's order.
    ///
    /// # Errors
    ///
    /// If they could not be read.
    fn block(
        &mut self,
        epoch: u64,
        places: Range<usize>,
    ) -> Result<(View<'_>, Target<'_>), RowsError>;
}

/// The order of the epoch at hand.
#[derive(Debug)]
pub(crate) struct Drawn {
    /// The order, the seed that it is drawn from, and the epoch that it is drawn for.
    order: Option<(Order, u64, Option<u64>)>,
}

impl Drawn {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { order: plan.shuffle.map(|seed| (Order::new(plan.rows), seed, None)) }
    }

    /// The rows at places of an epoch's order.
    pub(crate) fn rows(&mut self, epoch: u64, places: Range<usize>) -> Picked<'_> {
        let Some((order, seed, drawn)) = &mut self.order else { return Picked::Range(places) };
        if drawn.replace(epoch) != Some(epoch) {
            order.shuffle(*seed, epoch);
        }
        Picked::Rows(&order.as_slice()[places])
    }
}

/// Rows copied from where they lie, one after another.
#[derive(Debug)]
pub(crate) struct Gathered {
    x: Buffer,
    cols: usize,
    labels: Labels,
}

impl Gathered {
    /// Room for `n` rows.
    ///
    /// # Errors
    ///
    /// If memory has none.
    pub(crate) fn room(rows: &impl Rows, n: usize) -> Result<Self, RowsError> {
        let cols = rows.cols();
        let x = n.checked_mul(cols).and_then(Buffer::try_zeroed).ok_or_else(|| {
            format!("found {n} rows of {cols} columns at a time, wanted no more than memory holds")
        })?;
        Ok(Self { x, cols, labels: rows.labels().room(n) })
    }

    pub(crate) fn fill(
        &mut self,
        par: Par,
        rows: &impl Rows,
        picked: Picked<'_>,
    ) -> Result<(), RowsError> {
        self.labels.copy(&picked, rows.labels());
        let len = picked.count() * self.cols;
        rows.read(par, picked, &mut self.x[..len])
    }

    /// The rows at these places among those that it was filled with.
    pub(crate) fn get(&self, places: Range<usize>) -> (View<'_>, Target<'_>) {
        let x = &self.x[places.start * self.cols..places.end * self.cols];
        (View::new(x, places.len(), self.cols), self.labels.target(places))
    }
}

/// Rows in memory: views where their order is their own, gathered where one is drawn.
pub(crate) struct Near<'a, R> {
    rows: &'a R,
    x: View<'a>,
    drawn: Drawn,
    /// Room for the largest block, made for the first that is gathered.
    gathered: Option<Gathered>,
    block_rows: usize,
    par: Par,
}

impl<'a, R: Rows> Near<'a, R> {
    pub(crate) fn new(rows: &'a R, x: View<'a>, plan: &Plan) -> Self {
        let (drawn, block_rows) = (Drawn::new(plan), plan.block_rows());
        Self { rows, x, drawn, gathered: None, block_rows, par: plan.par }
    }
}

impl<R: Rows> Feed for Near<'_, R> {
    fn block(
        &mut self,
        epoch: u64,
        places: Range<usize>,
    ) -> Result<(View<'_>, Target<'_>), RowsError> {
        match self.drawn.rows(epoch, places) {
            Picked::Range(range) => {
                Ok((self.x.row_range(range.clone()), self.rows.labels().target(range)))
            }
            picked => {
                let n = picked.count();
                let gathered = match &mut self.gathered {
                    Some(gathered) => gathered,
                    none => none.insert(Gathered::room(self.rows, self.block_rows)?),
                };
                gathered.fill(self.par, self.rows, picked)?;
                Ok(gathered.get(0..n))
            }
        }
    }
}
