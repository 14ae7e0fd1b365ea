//! Held-out rows.

use thiserror::Error;

use crate::{Purpose, Stream, Table};

/// Cuts a table into training rows and held-out rows, in that order: those of [`split_rows`].
///
/// The parts stay in the table's memory ([`arrange`], [`Matrix::split_at`](crate::Matrix::split_at)).
///
/// # Examples
///
/// ```
/// use ravine_data::{Matrix, Table, split};
///
/// let table = Table { x: Matrix::zeroed(10, 2), y: vec![0.0; 10], ..Table::default() };
/// let (train, test) = split(table, 0.25, 1)?;
/// assert_eq!((train.y.len(), test.y.len()), (7, 3));
/// # Ok::<(), ravine_data::SplitError>(())
/// ```
///
/// # Errors
///
/// As [`split_rows`].
pub fn split(table: Table, fraction: f64, seed: u64) -> Result<(Table, Table), SplitError> {
    let mut table = table;
    let n_train = arrange(&mut table, fraction, seed)?;
    Ok(table.split_at(n_train))
}

/// Puts the rows that [`split_rows`] holds out behind the training rows, each in their order, and
/// gives the number of training rows.
///
/// Rows move within the table's memory.
///
/// # Errors
///
/// As [`split_rows`].
pub fn arrange(table: &mut Table, fraction: f64, seed: u64) -> Result<usize, SplitError> {
    let (mut from, test) = split_rows(table.y.len(), fraction, seed)?;
    let n_train = from.len();
    from.extend(test);
    let cols = table.x.cols();
    let (x, y, mut held) = (table.x.as_mut_slice(), &mut table.y, vec![0.0; cols]);
    // A permutation is cycles: the first row of each is held while the others move up.
    for first in 0..from.len() {
        held.copy_from_slice(&x[first * cols..][..cols]);
        let (held_y, mut to) = (y[first], first);
        while from[to] != first {
            let row = std::mem::replace(&mut from[to], to);
            x.copy_within(row * cols..(row + 1) * cols, to * cols);
            y[to] = y[row];
            to = row;
        }
        from[to] = to;
        x[to * cols..][..cols].copy_from_slice(&held);
        y[to] = held_y;
    }
    Ok(n_train)
}

/// Cuts the indices of `n_rows` rows into those of training rows and of held-out rows, each in
/// ascending order.
///
/// Of N rows `⌊F·N + ½⌋` are held out: the first of a random order of all rows (the stream
/// [`Purpose::Split`], 0).
///
/// # Errors
///
/// If `fraction` is outside `0 < F < 1`, or either part would be empty.
pub fn split_rows(
    n_rows: usize,
    fraction: f64,
    seed: u64,
) -> Result<(Vec<usize>, Vec<usize>), SplitError> {
    if !(0.0 < fraction && fraction < 1.0) {
        return Err(SplitError::Fraction { fraction });
    }
    let n_test = whole(fraction * n_rows as f64 + 0.5);
    if n_test == 0 || n_rows <= n_test {
        return Err(SplitError::Empty { fraction, n_rows, n_test });
    }
    let mut test: Vec<usize> = (0..n_rows).collect();
    Stream::new(seed, Purpose::Split, 0).shuffle(&mut test);
    let mut train = test.split_off(n_test);
    test.sort_unstable();
    train.sort_unstable();
    Ok((train, test))
}

/// Rows cannot be held out as asked.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum SplitError {
    /// The fraction is outside its range.
    #[error("test fraction is {fraction}, but 0 < test fraction < 1")]
    Fraction {
        /// The fraction.
        fraction: f64,
    },
    /// No row would be left on one side.
    #[error(
        "test fraction {fraction} of {n_rows} rows holds out {n_test}, \
         but at least 1 row must be on either side"
    )]
    Empty {
        /// The fraction.
        fraction: f64,
        /// Rows of the table.
        n_rows: usize,
        /// Rows that would be held out.
        n_test: usize,
    },
}

/// The whole part.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a positive number below the number of rows + 1"
)]
fn whole(value: f64) -> usize {
    value as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Matrix;

    fn table(n_rows: u16) -> Table {
        let y: Vec<f32> = (0..n_rows).map(f32::from).collect();
        Table { x: Matrix::from_vec(y.clone(), y.len(), 1), y, ..Table::default() }
    }

    #[test]
    fn every_row_is_on_one_side_in_the_order_of_the_table() {
        let (train, test) = split(table(101), 0.3, 4).unwrap();
        assert_eq!((train.y.len(), test.y.len()), (71, 30));
        assert!(train.y.is_sorted() && test.y.is_sorted());
        let mut all = [&train.y[..], &test.y].concat();
        all.sort_by(f32::total_cmp);
        assert_eq!(all, table(101).y);
        assert_eq!((train.x.as_slice(), test.x.as_slice()), (&train.y[..], &test.y[..]));
    }

    #[test]
    fn the_seed_chooses_the_rows() {
        let held_out = |seed| split(table(50), 0.5, seed).unwrap().1.y;
        assert_eq!(held_out(1), held_out(1));
        assert_ne!(held_out(1), held_out(2));
    }

    #[test]
    fn a_fraction_outside_its_range_is_refused() {
        for fraction in [0.0, 1.0, -0.5, f64::INFINITY, f64::NAN] {
            let error = split(table(10), fraction, 0).unwrap_err();
            assert!(matches!(error, SplitError::Fraction { .. }), "{error}");
        }
    }

    #[test]
    fn a_side_without_rows_is_refused() {
        for (n_rows, fraction, n_test) in [(4, 0.1, 0), (4, 0.9, 4), (1, 0.5, 1), (0, 0.5, 0)] {
            let error = split(table(n_rows), fraction, 0).unwrap_err();
            assert_eq!(error, SplitError::Empty { fraction, n_rows: n_rows.into(), n_test });
        }
    }
}
