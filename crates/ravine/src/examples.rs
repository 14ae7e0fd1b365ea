//! Rows and what is to be predicted from them.

use ravine_data::{Classes, Generated, Matrix, Table, UnknownClass};
use ravine_models::Loss;
use ravine_simd::Par;
use ravine_tensor::View;

use crate::{Labels, Picked, Rows, RowsError};

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Numbers, by the mean squared error.
    Regression,
    /// One of two classes, by the cross-entropy of one logit.
    Binary,
    /// One of several classes, by the cross-entropy of a logit each.
    Multiclass,
}

impl Task {
    /// The loss that the task is trained on.
    #[must_use]
    pub fn loss(self) -> Loss {
        match self {
            Self::Regression => Loss::MeanSquared,
            Self::Binary => Loss::BinaryCrossEntropy,
            Self::Multiclass => Loss::CrossEntropy,
        }
    }

    /// The outputs of a model for `classes` classes.
    #[must_use]
    pub fn outputs(self, classes: usize) -> usize {
        match self {
            Self::Regression | Self::Binary => 1,
            Self::Multiclass => classes,
        }
    }
}

/// Rows of inputs with their labels.
#[derive(Clone, Debug)]
pub struct Examples {
    /// Inputs: rows × columns.
    pub x: Matrix,
    /// Labels, one a row.
    pub labels: Labels,
}

impl Examples {
    /// A table's rows as numbers to predict.
    #[must_use]
    pub fn regression(table: Table) -> Self {
        Self { x: table.x, labels: Labels::numbers(table.y) }
    }

    /// A table's rows as members of `classes`.
    ///
    /// # Errors
    ///
    /// If a target is none of `classes`.
    pub fn classification(table: Table, classes: &Classes) -> Result<Self, UnknownClass> {
        let labels = Labels::Classes(classes.index(&table.y)?);
        Ok(Self { x: table.x, labels })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.x.rows()
    }

    /// All inputs.
    #[must_use]
    pub fn inputs(&self) -> View<'_> {
        View::new(self.x.as_slice(), self.x.rows(), self.x.cols())
    }
}

impl Rows for Examples {
    fn cols(&self) -> usize {
        self.x.cols()
    }

    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn in_memory(&self) -> Option<View<'_>> {
        Some(self.inputs())
    }

    fn read(&self, par: Par, picked: Picked<'_>, x: &mut [f32]) -> Result<(), RowsError> {
        picked.copy_inputs(par, x, self.x.as_slice(), self.x.cols());
        Ok(())
    }
}

impl From<&Generated> for Examples {
    fn from(made: &Generated) -> Self {
        Self { x: made.x.clone(), labels: Labels::numbers(made.y.clone()) }
    }
}
