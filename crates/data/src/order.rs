//! The order of rows in an epoch.

use crate::{Purpose, Stream};

/// The indices of all rows, in the order in which an epoch visits them.
///
/// # Examples
///
/// ```
/// use ravine_data::Order;
///
/// let mut order = Order::new(5);
/// assert_eq!(order.as_slice(), [0, 1, 2, 3, 4]);
/// order.shuffle(1, 0);
/// assert_ne!(order.as_slice(), [0, 1, 2, 3, 4]);
/// ```
#[derive(Clone, Debug)]
pub struct Order {
    rows: Vec<u32>,
}

impl Order {
    /// All rows in their own order.
    ///
    /// # Panics
    ///
    /// If there are more than 2³² rows.
    #[must_use]
    pub fn new(n_rows: usize) -> Self {
        let rows: Vec<u32> = (0..=u32::MAX).take(n_rows).collect();
        assert_eq!(rows.len(), n_rows, "rows, and indices of 32 bits for them");
        Self { rows }
    }

    /// Takes the random order of `epoch`: [`Stream::shuffle`] of all rows in their own order by
    /// the stream [`Purpose::Shuffle`], `epoch`.
    ///
    /// It depends on the seed and the epoch alone, not on the epochs before. Allocates nothing.
    ///
    /// # Panics
    ///
    /// If `epoch` is not below 2³².
    pub fn shuffle(&mut self, seed: u64, epoch: u64) {
        for (place, row) in (0..).zip(&mut self.rows) {
            *row = place;
        }
        Stream::new(seed, Purpose::Shuffle, epoch).shuffle(&mut self.rows);
    }

    /// The rows in order.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(n_rows: usize, seed: u64, epochs: &[u64]) -> Vec<u32> {
        let mut order = Order::new(n_rows);
        epochs.iter().for_each(|&epoch| order.shuffle(seed, epoch));
        order.as_slice().to_vec()
    }

    #[test]
    fn every_row_comes_once() {
        for n_rows in 0..=70 {
            let mut rows = order(n_rows, 3, &[9]);
            rows.sort_unstable();
            assert_eq!(rows, order(n_rows, 3, &[]), "{n_rows} rows");
            assert!(rows.len() == n_rows && (0..).zip(&rows).all(|(i, &row)| i == row));
        }
    }

    #[test]
    fn the_order_depends_on_seed_and_epoch_alone() {
        assert_eq!(order(50, 1, &[0, 1, 2]), order(50, 1, &[2]));
        assert_ne!(order(50, 1, &[0]), order(50, 1, &[1]));
        assert_ne!(order(50, 1, &[0]), order(50, 2, &[0]));
    }

    #[test]
    fn the_order_is_the_same_everywhere() {
        assert_eq!(order(8, 0, &[0]), [5, 0, 6, 4, 2, 3, 1, 7]);
    }
}
