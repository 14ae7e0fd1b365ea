//! What is to be predicted.

use std::ops::Range;

use ravine_data::Matrix;
use ravine_models::Target;
use ravine_tensor::View;

use crate::Picked;

/// What is to be predicted, a row each.
#[derive(Clone, Debug)]
pub enum Labels {
    /// Numbers: rows × outputs.
    Values(Matrix),
    /// Indices of classes.
    Classes(Vec<u32>),
}

impl Labels {
    /// One number a row.
    #[must_use]
    pub fn numbers(mut y: Vec<f32>) -> Self {
        const PIECE: usize = 1 << 20;
        let mut values = Matrix::zeroed(y.len(), 1);
        let to = values.as_mut_slice();
        // From the end on, and given back on the way: memory holds them once and not twice.
        while !y.is_empty() {
            let from = (y.len() - 1) / PIECE * PIECE;
            to[from..y.len()].copy_from_slice(&y[from..]);
            y.truncate(from);
            y.shrink_to_fit();
        }
        Self::Values(values)
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Values(values) => values.rows(),
            Self::Classes(classes) => classes.len(),
        }
    }

    /// The labels of neighboring rows.
    pub(crate) fn target(&self, rows: Range<usize>) -> Target<'_> {
        match self {
            Self::Values(values) => {
                let values = View::new(values.as_slice(), values.rows(), values.cols());
                Target::Values(values.row_range(rows))
            }
            Self::Classes(classes) => Target::Classes(&classes[rows]),
        }
    }

    /// Room for as many labels of this kind.
    pub(crate) fn room(&self, rows: usize) -> Self {
        match self {
            Self::Values(values) => Self::Values(Matrix::zeroed(rows, values.cols())),
            Self::Classes(_) => Self::Classes(vec![0; rows]),
        }
    }

    /// Copies the labels of the picked rows of `from` to the first of its own.
    pub(crate) fn copy(&mut self, picked: &Picked<'_>, from: &Self) {
        let n = picked.count();
        match (self, from) {
            (Self::Values(to), Self::Values(from)) => {
                let cols = from.cols();
                picked.copy(&mut to.as_mut_slice()[..n * cols], from.as_slice(), cols);
            }
            (Self::Classes(to), Self::Classes(from)) => picked.copy(&mut to[..n], from, 1),
            _ => unreachable!("room was made for labels of the kind"),
        }
    }
}
