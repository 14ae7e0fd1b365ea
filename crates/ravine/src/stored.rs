//! Rows that stay in their file.

use std::sync::Arc;

use ravine_data::{ArrayFile, ReadError, SplitError, Standardizer, Symmetric, hessian_pass};
use ravine_data::{Matrix, split_rows};
use ravine_simd::Par;
use ravine_tensor::View;

use crate::{Labels, Picked, Rows, RowsError};

/// Bytes of the inputs that a pass shows at a time, unless a row has more.
const PASS_BYTES: usize = 8 << 20;
/// Bytes between two rows that are read with them rather than skipped.
const GAP_BYTES: usize = 1 << 10;
/// Bytes of neighbors that are read at once to pick rows out of them.
const NEAR_BYTES: usize = 1 << 18;

/// Rows of a file, or some of them, in any number: their inputs stay in the file, their labels lie
/// in memory.
///
/// Clones share the open file.
#[derive(Clone, Debug)]
pub struct Stored {
    array: Arc<ArrayFile>,
    labels: Labels,
    standardizer: Option<Standardizer>,
    /// The rows of the file that are rows of this, in ascending order; all where it is `None`.
    picked: Option<Vec<u32>>,
}

impl Stored {
    /// All rows of `array`.
    ///
    /// # Panics
    ///
    /// If labels and rows are not of one number, or there are more than 2³² of them.
    #[must_use]
    pub fn new(array: ArrayFile, labels: Labels) -> Self {
        assert_eq!(array.rows(), labels.rows(), "rows, and a label for each");
        assert!(array.rows() as u64 <= 1 << 32, "rows, and indices of 32 bits for them");
        Self { array: Arc::new(array), labels, standardizer: None, picked: None }
    }

    /// The same rows with other labels.
    ///
    /// # Panics
    ///
    /// If labels and rows are not of one number.
    #[must_use]
    pub fn with_labels(self, labels: Labels) -> Self {
        assert_eq!(self.count(), labels.rows(), "rows, and a label for each");
        Self { labels, ..self }
    }

    /// The training rows and the held-out rows that [`split_rows`] makes of these.
    ///
    /// # Errors
    ///
    /// As [`split_rows`].
    pub fn split(self, fraction: f64, seed: u64) -> Result<(Self, Self), SplitError> {
        let (train, test) = split_rows(self.count(), fraction, seed)?;
        Ok((self.select(&train), self.select(&test)))
    }

    /// Some of the rows, in ascending order.
    fn select(&self, rows: &[usize]) -> Self {
        let index = |&row: &usize| u32::try_from(row).expect("at most 2³² rows");
        let mut rows: Vec<u32> = rows.iter().map(index).collect();
        let mut labels = self.labels.room(rows.len());
        labels.copy(&Picked::Rows(&rows), &self.labels);
        if let Some(own) = &self.picked {
            rows.iter_mut().for_each(|row| *row = own[*row as usize]);
        }
        let (array, standardizer) = (Arc::clone(&self.array), self.standardizer.clone());
        Self { array, labels, standardizer, picked: Some(rows) }
    }

    /// Standardizes rows as they are read.
    ///
    /// # Panics
    ///
    /// If the standardizer was fitted to rows of another number of columns.
    pub fn standardize(&mut self, standardizer: Standardizer) {
        assert_eq!(standardizer.mean().len(), self.cols(), "columns fitted, and columns");
        self.standardizer = Some(standardizer);
    }

    /// Shows all inputs to `visit`, in order and in blocks of a multiple of `leaf` rows, but for
    /// the last.
    ///
    /// # Errors
    ///
    /// If rows cannot be read.
    pub fn pass(&self, leaf: usize, visit: &mut dyn FnMut(&[f32])) -> Result<(), ReadError> {
        let (rows, cols) = (self.count(), self.cols());
        let leaves = PASS_BYTES / (4 * cols * leaf);
        let block = rows.min(leaf * leaves.max(1));
        let bytes = (block as u64).saturating_mul(4).saturating_mul(cols as u64);
        let mut x = Matrix::try_zeroed(block, cols)
            .ok_or_else(|| ReadError::Memory { file: self.array.path().into(), bytes })?;
        for from in (0..rows).step_by(block) {
            let to = rows.min(from + block);
            let x = &mut x.as_mut_slice()[..(to - from) * cols];
            self.fill(&Picked::Range(from..to), x)?;
            visit(x);
        }
        Ok(())
    }

    /// The statistics of the inputs.
    ///
    /// # Errors
    ///
    /// If rows cannot be read.
    pub fn fit(&self) -> Result<Standardizer, ReadError> {
        Standardizer::fit_passes(self.count(), self.cols(), |visit| self.pass(1, visit))
    }

    /// [`hessian`](ravine_data::hessian) of the inputs.
    ///
    /// # Errors
    ///
    /// If rows cannot be read.
    pub fn hessian(&self, par: Par, bias: bool) -> Result<Symmetric, ReadError> {
        hessian_pass(par, [self.count(), self.cols()], bias, |visit| self.pass(1024, visit))
    }

    fn fill(&self, picked: &Picked<'_>, x: &mut [f32]) -> Result<(), ReadError> {
        match (picked, &self.picked) {
            (Picked::Range(range), None) => self.array.read(range.clone(), x)?,
            (Picked::Range(range), Some(rows)) => self.gather(rows[range.clone()].iter(), x)?,
            (Picked::Rows(rows), None) => self.gather(rows.iter(), x)?,
            (Picked::Rows(rows), Some(own)) => {
                self.gather(rows.iter().map(|&row| &own[row as usize]), x)?;
            }
        }
        if let Some(standardizer) = &self.standardizer {
            standardizer.apply_rows(x);
        }
        Ok(())
    }

    /// Reads rows of the file in the order in which they lie there, neighbors together.
    fn gather<'a>(
        &self,
        rows: impl Iterator<Item = &'a u32>,
        x: &mut [f32],
    ) -> Result<(), ReadError> {
        let cols = self.cols();
        assert_eq!(x.len() % cols, 0, "whole rows");
        let mut wanted: Vec<(usize, usize)> =
            rows.enumerate().map(|(place, &row)| (row as usize, place)).collect();
        assert_eq!(wanted.len(), x.len() / cols, "room for the picked rows");
        wanted.sort_unstable();
        let (gap, near) = (1 + GAP_BYTES / (4 * cols), (NEAR_BYTES / (4 * cols)).max(1));
        let mut read = vec![0.0; near * cols];
        let mut rest = &wanted[..];
        while let Some(&(first, place)) = rest.first() {
            let joins =
                |pair: &&[(usize, usize)]| pair[1].0 - pair[0].0 <= gap && pair[1].0 - first < near;
            let n = 1 + rest.windows(2).take_while(joins).count();
            let (run, others) = rest.split_at(n);
            rest = others;
            let last = run[n - 1].0;
            if n == 1 {
                self.array.read(first..first + 1, &mut x[place * cols..][..cols])?;
                continue;
            }
            let read = &mut read[..(last + 1 - first) * cols];
            self.array.read(first..last + 1, read)?;
            for &(row, place) in run {
                let from = (row - first) * cols;
                x[place * cols..][..cols].copy_from_slice(&read[from..from + cols]);
            }
        }
        Ok(())
    }
}

impl Rows for Stored {
    fn cols(&self) -> usize {
        self.array.cols()
    }

    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn in_memory(&self) -> Option<View<'_>> {
        None
    }

    fn read(&self, _: Par, picked: Picked<'_>, x: &mut [f32]) -> Result<(), RowsError> {
        Ok(self.fill(&picked, x)?)
    }
}
