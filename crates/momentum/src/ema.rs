//! Exponential moving averages.

use crate::HyperError;
use crate::rates::{check, multiplied};

/// An exponential moving average of numbers:
///
/// ```text
/// m ← β·m + (1 − β)·x
/// ```
///
/// After T values that of step i has the weight (1 − β)·β^(T−i), and the initial m the weight
/// β^T. Starting from zero the average is therefore too small at first; [`Ema::unbiased`]
/// divides by what is missing (Kingma and Ba, 2015).
///
/// # Examples
///
/// ```
/// use ravine_momentum::Ema;
///
/// let mut average = Ema::new(0.75, 0.0)?;
/// assert_eq!([4.0, 8.0].map(|x| average.push(x)), [1.0, 2.75]);
/// assert_eq!(average.unbiased(), Some(2.75 / (1.0 - 0.75 * 0.75)));
/// # Ok::<(), ravine_momentum::HyperError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ema {
    decay: f64,
    initial: f64,
    value: f64,
    left: f64,
}

impl Ema {
    /// An average with `decay` = β in `0..1` that starts at `initial`.
    ///
    /// # Errors
    ///
    /// If β is outside its range.
    pub fn new(decay: f64, initial: f64) -> Result<Self, HyperError> {
        let decay = check("decay", decay, "0 ≤ decay < 1", (0.0..1.0).contains(&decay))?;
        Ok(Self { decay, initial, value: initial, left: 1.0 })
    }

    /// Takes in `x`; gives the new average.
    pub fn push(&mut self, x: f64) -> f64 {
        self.value = self.decay * self.value + (1.0 - self.decay) * x;
        self.left = multiplied(self.left, self.decay);
        self.value
    }

    /// The average.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The average without the share of the initial value, `(m − β^T·m₀)/(1 − β^T)`; `None`
    /// before the first value.
    #[must_use]
    pub fn unbiased(&self) -> Option<f64> {
        (self.left < 1.0).then(|| (self.value - self.left * self.initial) / (1.0 - self.left))
    }
}

/// The weights that an average gives to its initial value, and to each of `n` values, oldest
/// first: β^n, and (1 − β)·β^(n−i) for i = 1..=n. They add up to 1.
#[must_use]
pub fn weights(decay: f64, n: usize) -> (f64, Vec<f64>) {
    let mut values = vec![0.0; n];
    let mut left = 1.0;
    for value in values.iter_mut().rev() {
        *value = (1.0 - decay) * left;
        left *= decay;
    }
    (left, values)
}
