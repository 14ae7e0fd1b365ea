//! Sums over the rows of each column, while the rows pass by.

use ravine_simd::{Tree, sum};

/// Lanes of a sum.
const LANES: usize = 32;

/// Sums of the columns of rows that come in blocks of any length: each has the bits of
/// [`sum::run`] over the column.
pub(crate) struct ColumnSums {
    /// Sums of the leaf at hand: lane after lane, a column each; no more lanes than rows reach,
    /// to a power of two. The others stay at zero and change no sum.
    lanes: Vec<f64>,
    cols: usize,
    /// Rows that have come.
    at: usize,
    /// Rows that will have come.
    rows: usize,
    tree: Tree<Vec<f64>>,
}

impl ColumnSums {
    pub(crate) fn new(rows: usize, cols: usize) -> Self {
        let tree = Tree::new(rows.div_ceil(sum::LEAF));
        let n_lanes = rows.clamp(1, LANES).next_power_of_two();
        Self { lanes: vec![0.0; n_lanes * cols], cols, at: 0, rows, tree }
    }

    /// Adds `term(x, of)` of each element, with the number in `of` for its column.
    pub(crate) fn add(&mut self, block: &[f32], of: &[f64], term: impl Fn(f64, f64) -> f64) {
        if self.cols == 0 {
            return;
        }
        let n_lanes = self.lanes.len() / self.cols;
        for row in block.chunks_exact(self.cols) {
            let lane = self.at % n_lanes * self.cols;
            let lane = &mut self.lanes[lane..lane + self.cols];
            for ((sum, &x), &of) in lane.iter_mut().zip(row).zip(of) {
                *sum += term(f64::from(x), of);
            }
            self.at += 1;
            if self.at.is_multiple_of(sum::LEAF) || self.at == self.rows {
                self.end_leaf();
            }
        }
    }

    fn end_leaf(&mut self) {
        let mut half = self.lanes.len() / self.cols / 2;
        while half > 0 {
            let (low, high) = self.lanes.split_at_mut(half * self.cols);
            low.iter_mut().zip(high).for_each(|(low, high)| *low += *high);
            half /= 2;
        }
        self.tree.push(1, self.lanes[..self.cols].to_vec(), |mut a, b| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            a
        });
        self.lanes.fill(0.0);
    }

    /// The sums.
    ///
    /// # Panics
    ///
    /// If rows are missing.
    pub(crate) fn finish(self) -> Vec<f64> {
        if self.cols == 0 {
            return Vec::new();
        }
        self.tree.finish().unwrap_or_else(|| vec![0.0; self.cols])
    }
}

#[cfg(test)]
mod tests {
    use ravine_simd::{Level, Par};

    use super::*;

    #[test]
    fn blocks_of_any_length_give_the_bits_of_a_sum_over_each_column() {
        for (rows, cols) in
            [(0, 2), (1, 3), (3, 2), (8, 1), (31, 1), (33, 5), (4095, 2), (4097, 3), (20_001, 2)]
        {
            let value = |i: usize| ((i * 7919 % 10_007) as f32 - 5000.0) / 64.0;
            let x: Vec<f32> = (0..rows * cols).map(value).collect();
            for block in [1, 37, 4096, 5000, rows.max(1)] {
                let (mut sums, mut squares) =
                    (ColumnSums::new(rows, cols), ColumnSums::new(rows, cols));
                let of: Vec<f64> = (0..cols).map(|col| col as f64).collect();
                for block in x.chunks(block * cols) {
                    sums.add(block, &of, |x, of| x + of);
                    squares.add(block, &of, |x, of| (x + of) * (x + of));
                }
                let found = sums.finish().into_iter().zip(squares.finish());
                for (col, (found, found_squares)) in found.enumerate() {
                    // Exact: the sum of a small integer and a multiple of a power of two.
                    let column: Vec<f32> =
                        x.iter().skip(col).step_by(cols).map(|x| x + col as f32).collect();
                    let wanted = sum::sum(Level::detect(), Par::Seq, &column);
                    let at = format!("{rows} × {cols} in blocks of {block}, column {col}");
                    assert_eq!(found.to_bits(), wanted.to_bits(), "{at}");
                    let wanted = sum::squares(Level::detect(), Par::Seq, &column);
                    assert_eq!(found_squares.to_bits(), wanted.to_bits(), "squares, {at}");
                }
            }
        }
    }
}
