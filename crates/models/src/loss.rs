//! Losses, and their gradients by the predictions.

mod batch;
mod pointwise;
mod rows;
mod short;
mod softmax;

use std::ops::Range;

use ravine_simd::{Level, Par, sum};
use ravine_tensor::{View, ViewMut};

pub use batch::BatchLoss;
pub(crate) use pointwise::{ByTerm, Pointwise};
use pointwise::{Logistic, Squared};
pub(crate) use rows::column;

/// What the predictions are held against, a row each.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// Numbers, in the shape of the predictions; probabilities of class 1 for the binary loss.
    Values(View<'a>),
    /// The number of each row's class.
    Classes(&'a [u32]),
}

impl Target<'_> {
    /// The number of rows.
    #[must_use]
    pub fn rows(self) -> usize {
        match self {
            Self::Values(values) => values.rows(),
            Self::Classes(classes) => classes.len(),
        }
    }

    /// The targets of some of the rows.
    ///
    /// # Panics
    ///
    /// If one of them does not exist.
    #[must_use]
    pub fn row_range(self, rows: Range<usize>) -> Self {
        match self {
            Self::Values(values) => Self::Values(values.row_range(rows)),
            Self::Classes(classes) => Self::Classes(&classes[rows]),
        }
    }
}

/// How far predictions are from their targets: a mean over the rows of a batch.
///
/// With B rows of O predictions y (or logits z) and targets t:
///
/// | loss | value | gradient |
/// |---|---|---|
/// | mean squared | Σ (y − t)² / (B·O) | 2·(y − t) / (B·O) |
/// | binary cross-entropy, O = 1 | Σ max(z, 0) − z·t + ln(1 + exp(−abs z)) / B | (σ(z) − t) / B |
/// | cross-entropy | Σ ln Σⱼ exp(zⱼ) − z of the class / B | (softmax(z) − onehot) / B |
///
/// Values are within a relative 1e-6 of the loss of the same predictions in exact arithmetic,
/// also where a loss is tiny, and finite for all finite logits. They are sums in `f64` in an order
/// that depends on the shape alone, so neither level nor threads change a bit.
///
/// Targets are [`Target::Values`] for the mean squared loss, [`Target::Classes`] for the
/// cross-entropy, and either for the binary one.
///
/// # Examples
///
/// ```
/// use ravine_models::{Loss, Target};
/// use ravine_simd::{Level, Par};
/// use ravine_tensor::View;
///
/// let logits = View::new(&[0.0, 0.0, 3.0, 3.0], 2, 2);
/// let loss = Loss::CrossEntropy.forward(
///     Level::detect(),
///     Par::Seq,
///     logits,
///     Target::Classes(&[0, 1]),
/// );
/// assert!((loss - std::f64::consts::LN_2).abs() < 1e-7);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Mean of the squared differences over all elements.
    MeanSquared,
    /// Cross-entropy of one logit and the classes 0 and 1.
    BinaryCrossEntropy,
    /// Cross-entropy of a row of logits, one a class.
    CrossEntropy,
}

impl Loss {
    /// The loss of the predictions `y`; NaN for a batch of no rows.
    ///
    /// # Panics
    ///
    /// If the shapes do not agree, the target is of the wrong kind, a class has no logit, or the
    /// rows of `y` or of the values (for one column: the column) are not contiguous.
    #[must_use]
    pub fn forward(self, level: Level, par: Par, y: View<'_>, target: Target<'_>) -> f64 {
        self.check([y.rows(), y.cols()], target);
        self.sum(level, par, y, target) / self.count(y.rows(), y.cols())
    }

    /// The sum of the terms, in a tree over leaves of [`leaf_rows`](Self::leaf_rows).
    fn sum(self, level: Level, par: Par, y: View<'_>, target: Target<'_>) -> f64 {
        match self {
            Self::CrossEntropy => softmax::sum(level, par, y, classes_of(target)),
            _ => self.by_term(target, pointwise::Sum { level, par, y }),
        }
    }

    /// Runs a pass of a loss that is a sum over elements, by a target that was checked.
    fn by_term<'a, R: ByTerm<'a>>(self, target: Target<'a>, pass: R) -> R::Output {
        match (self, target) {
            (Self::MeanSquared, Target::Values(t)) => pass.run(Squared, t),
            (Self::BinaryCrossEntropy, Target::Values(t)) => pass.run(Logistic::<false>, t),
            (Self::BinaryCrossEntropy, Target::Classes(classes)) => {
                pass.run(Logistic::<true>, as_bits(classes))
            }
            _ => unreachable!("checked: a loss of elements, and a target of its kind"),
        }
    }

    /// Rows of a leaf of the sum over predictions of `outputs` columns.
    fn leaf_rows(self, outputs: usize) -> usize {
        if outputs == 1 && self != Self::CrossEntropy { sum::LEAF } else { rows::LEAF }
    }

    /// Writes the gradient of [`forward`](Self::forward) by the predictions `y`.
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward), and if `dy` has not the shape of `y`.
    pub fn backward(
        self,
        level: Level,
        par: Par,
        dy: &mut ViewMut<'_>,
        y: View<'_>,
        target: Target<'_>,
    ) {
        self.slopes(level, par, dy, y, target, y.rows());
    }

    /// The gradient by the predictions of some rows, of a mean over `rows` rows.
    fn slopes(
        self,
        level: Level,
        par: Par,
        dy: &mut ViewMut<'_>,
        y: View<'_>,
        target: Target<'_>,
        rows: usize,
    ) {
        self.check([y.rows(), y.cols()], target);
        let shape = (dy.rows(), dy.cols());
        assert_eq!(shape, (y.rows(), y.cols()), "gradient and predictions differ in shape");
        let (dy, count) = (dy.reborrow(), self.count(rows, y.cols()));
        match self {
            Self::CrossEntropy => {
                softmax::slopes(level, par, dy, y, classes_of(target), scale(1.0, count));
            }
            _ => self.by_term(target, pointwise::Backward { level, par, dy, y, count }),
        }
    }

    /// Rows whose class is predicted: that of the largest logit, the first of equals; for the
    /// binary loss, class 1 where the logit is above zero. A row without any logit above −∞, or
    /// with the only logit NaN, predicts nothing.
    ///
    /// Zero for the mean squared loss, which knows no classes. A probability above ½ stands for
    /// class 1.
    ///
    /// # Panics
    ///
    /// If the shapes do not agree or the target is of the wrong kind.
    #[must_use]
    pub fn correct(self, y: View<'_>, target: Target<'_>) -> usize {
        self.check([y.rows(), y.cols()], target);
        let rows = 0..y.rows();
        match (self, target) {
            (Self::MeanSquared, _) => 0,
            (Self::BinaryCrossEntropy, Target::Values(t)) => {
                rows.filter(|&i| binary_class(y.at(i, 0)) == binary_class(t.at(i, 0) - 0.5)).count()
            }
            (Self::BinaryCrossEntropy, Target::Classes(classes)) => {
                rows.filter(|&i| binary_class(y.at(i, 0)) == Some(classes[i])).count()
            }
            (Self::CrossEntropy, target) => {
                let classes = classes_of(target);
                rows.filter(|&i| largest(y, i).is_some_and(|j| j == classes[i] as usize)).count()
            }
        }
    }

    /// What the sum of terms is divided by.
    fn count(self, rows: usize, outputs: usize) -> f64 {
        match self {
            Self::MeanSquared => rows as f64 * outputs as f64,
            Self::BinaryCrossEntropy | Self::CrossEntropy => rows as f64,
        }
    }

    fn check(self, [rows, cols]: [usize; 2], target: Target<'_>) {
        assert_eq!(target.rows(), rows, "targets and predictions differ in rows");
        if let Target::Values(values) = target {
            assert_eq!(values.cols(), cols, "targets and predictions differ in columns");
        }
        match self {
            Self::MeanSquared => {
                assert!(matches!(target, Target::Values(_)), "the mean squared loss takes values");
            }
            Self::BinaryCrossEntropy => {
                assert_eq!(cols, 1, "the binary cross-entropy takes one logit a row");
            }
            Self::CrossEntropy => {
                assert!(matches!(target, Target::Classes(_)), "the cross-entropy takes classes");
            }
        }
    }
}

/// What the slopes of a mean over `count` terms are multiplied by.
#[expect(clippy::cast_possible_truncation, reason = "the one rounding")]
pub(crate) fn scale(factor: f64, count: f64) -> f32 {
    (factor / count) as f32
}

/// The classes as a column of floats of the same bits, for loops over floats.
fn as_bits(classes: &[u32]) -> View<'_> {
    View::new(bytemuck::must_cast_slice(classes), classes.len(), 1)
}

fn classes_of(target: Target<'_>) -> &[u32] {
    match target {
        Target::Classes(classes) => classes,
        Target::Values(_) => unreachable!("checked: the cross-entropy takes classes"),
    }
}

/// Class 1 above zero, class 0 up to it, none for NaN.
fn binary_class(z: f32) -> Option<u32> {
    (!z.is_nan()).then_some(u32::from(z > 0.0))
}

/// The column of the largest element of row `i`, the first of equals.
fn largest(y: View<'_>, i: usize) -> Option<usize> {
    let mut best = (f32::NEG_INFINITY, None);
    for j in 0..y.cols() {
        let z = y.at(i, j);
        if z > best.0 {
            best = (z, Some(j));
        }
    }
    best.1
}
