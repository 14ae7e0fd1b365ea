//! The rows of an epoch, cut into batches.

use std::ops::Range;

use crate::{Matrix, Order};

/// The order of rows in an epoch, in batches of one size; the last one may be short.
///
/// # Examples
///
/// ```
/// use ravine_data::{Batches, Matrix};
///
/// let (x, y) = (Matrix::from_vec(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, 2), [10.0, 20.0, 30.0]);
/// let batches = Batches::new(3, 2);
/// let (mut some_x, mut some_y) = ([0.0; 4], [0.0; 2]);
/// assert_eq!(batches.gather(1, &mut some_x, &mut some_y, &x, &y), 1);
/// assert_eq!((&some_x[..2], some_y[0]), (&[5.0, 6.0][..], 30.0));
/// ```
#[derive(Clone, Debug)]
pub struct Batches {
    order: Order,
    batch: usize,
    shuffled: bool,
}

impl Batches {
    /// All rows in their own order.
    ///
    /// # Panics
    ///
    /// If `batch` is 0, or there are more than 2³² rows.
    #[must_use]
    pub fn new(n_rows: usize, batch: usize) -> Self {
        assert!(batch > 0, "batch is 0, but batch ≥ 1");
        Self { order: Order::new(n_rows), batch, shuffled: false }
    }

    /// Takes the rows in the random order of `epoch`, as [`Order::shuffle`].
    ///
    /// # Panics
    ///
    /// If `epoch` is not below 2³².
    pub fn shuffle(&mut self, seed: u64, epoch: u64) {
        self.order.shuffle(seed, epoch);
        self.shuffled = true;
    }

    /// The number of batches, 0 where there are no rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.as_slice().len().div_ceil(self.batch)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.as_slice().is_empty()
    }

    /// The number of rows in a full batch.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The rows of a batch, in their order.
    ///
    /// # Panics
    ///
    /// If there is no such batch.
    #[must_use]
    pub fn rows(&self, batch_idx: usize) -> &[u32] {
        &self.order.as_slice()[self.places(batch_idx)]
    }

    /// The rows of a batch as a range, where rows are in their own order and need no gathering.
    ///
    /// # Panics
    ///
    /// If there is no such batch.
    #[must_use]
    pub fn range(&self, batch_idx: usize) -> Option<Range<usize>> {
        let places = self.places(batch_idx);
        if self.shuffled { None } else { Some(places) }
    }

    /// Copies the rows of a batch to the start of `x`, and their targets to the start of `y`;
    /// gives back how many there are.
    ///
    /// Allocates nothing. Moves 8 bytes for each feature.
    ///
    /// # Panics
    ///
    /// If there is no such batch, or `x` or `y` is too short for it, or `all_x` or `all_y` has
    /// other rows than the batches.
    pub fn gather<T: Copy>(
        &self,
        batch_idx: usize,
        x: &mut [f32],
        y: &mut [T],
        all_x: &Matrix,
        all_y: &[T],
    ) -> usize {
        assert_eq!(
            all_x.rows(),
            self.order.as_slice().len(),
            "rows of features, and rows in batches"
        );
        assert_eq!(all_y.len(), self.order.as_slice().len(), "targets, and rows in batches");
        let rows = self.rows(batch_idx);
        let cols = all_x.cols();
        let (x, y) = (&mut x[..rows.len() * cols], &mut y[..rows.len()]);
        for (place, (&row, y)) in rows.iter().zip(y).enumerate() {
            let row = row as usize;
            x[place * cols..][..cols].copy_from_slice(all_x.row(row));
            *y = all_y[row];
        }
        rows.len()
    }

    fn places(&self, batch_idx: usize) -> Range<usize> {
        assert!(batch_idx < self.len(), "batch index is {batch_idx}, but index < {}", self.len());
        let start = batch_idx * self.batch;
        start..self.order.as_slice().len().min(start + self.batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(batches: &Batches) -> Vec<u32> {
        (0..batches.len()).flat_map(|i| batches.rows(i).to_vec()).collect()
    }

    #[test]
    fn an_epoch_has_every_row_once() {
        for n_rows in 0..=40 {
            for batch in [1, 2, 7, 32, 40, 41] {
                let mut batches = Batches::new(n_rows, batch);
                assert_eq!(
                    epoch(&batches),
                    (0..u32::try_from(n_rows).unwrap()).collect::<Vec<_>>()
                );
                batches.shuffle(3, 9);
                let mut rows = epoch(&batches);
                rows.sort_unstable();
                assert!((0..).zip(&rows).all(|(i, &row)| i == row), "{n_rows} by {batch}");
                assert_eq!((rows.len(), batches.len()), (n_rows, n_rows.div_ceil(batch)));
            }
        }
    }

    #[test]
    fn only_the_last_batch_is_short() {
        let batches = Batches::new(10, 4);
        assert_eq!([0, 1, 2].map(|i| batches.range(i)), [Some(0..4), Some(4..8), Some(8..10)]);
        let mut batches = batches;
        batches.shuffle(1, 0);
        assert_eq!([0, 1, 2].map(|i| batches.rows(i).len()), [4, 4, 2]);
        assert_eq!([0, 1, 2].map(|i| batches.range(i)), [None, None, None]);
    }

    #[test]
    fn gathering_copies_rows_with_their_targets_and_leaves_the_rest() {
        let values: Vec<f32> = (0_u8..35).map(f32::from).collect();
        let (all_x, all_y) = (Matrix::from_vec(values.clone(), 7, 5), [0, 1, 2, 3, 4, 5, 6]);
        let mut batches = Batches::new(7, 3);
        batches.shuffle(1, 0);
        for i in 0..3 {
            let (mut x, mut y) = ([f32::NAN; 20], [99_u32; 4]);
            let n = batches.gather(i, &mut x, &mut y, &all_x, &all_y);
            assert_eq!((n, &y[..n]), ([3, 3, 1][i], batches.rows(i)));
            for (place, &row) in batches.rows(i).iter().enumerate() {
                assert_eq!(x[5 * place..][..5], values[5 * row as usize..][..5]);
            }
            assert!(x[5 * n..].iter().all(|x| x.is_nan()) && y[n..].iter().all(|&y| y == 99));
        }
    }
}
