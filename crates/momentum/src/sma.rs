//! Simple moving averages.

use crate::HyperError;
use crate::rates::check;

/// The mean of the last `window` numbers; of all so far while there are fewer.
///
/// The window is added up anew for every value, oldest first: there is no running sum that
/// rounding could carry away, and a NaN is gone when it leaves the window.
///
/// # Examples
///
/// ```
/// use ravine_momentum::Sma;
///
/// let mut mean = Sma::new(3)?;
/// assert_eq!([1.0, 2.0, 6.0, 4.0].map(|x| mean.push(x)), [1.0, 1.5, 3.0, 4.0]);
/// # Ok::<(), ravine_momentum::HyperError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sma {
    /// The last values; once full, the oldest is at `oldest`.
    values: Vec<f64>,
    window: usize,
    oldest: usize,
}

impl Sma {
    /// A mean over `window` values, at least 1.
    ///
    /// # Errors
    ///
    /// If the window is empty.
    pub fn new(window: usize) -> Result<Self, HyperError> {
        check("window", window as f64, "1 ≤ window", 1 <= window)?;
        Ok(Self { values: Vec::new(), window, oldest: 0 })
    }

    /// Takes in `x`; gives the new mean.
    pub fn push(&mut self, x: f64) -> f64 {
        if self.values.len() < self.window {
            self.values.push(x);
        } else {
            self.values[self.oldest] = x;
            self.oldest = (self.oldest + 1) % self.window;
        }
        self.mean()
    }

    /// The mean; `None` before the first value.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (!self.values.is_empty()).then(|| self.mean())
    }

    fn mean(&self) -> f64 {
        let (newer, older) = self.values.split_at(self.oldest);
        let sum = older.iter().chain(newer).fold(0.0, |sum, x| sum + x);
        sum / self.values.len() as f64
    }
}

/// The weights that the mean gives to each of `n` values, oldest first: 1/min(window, n) for the
/// last min(window, n), 0 for those before. They add up to 1 unless `n` is 0.
///
/// # Panics
///
/// If the window is empty.
#[must_use]
pub fn weights(window: usize, n: usize) -> Vec<f64> {
    assert!(1 <= window, "an empty window has no weights");
    let inside = window.min(n);
    let mut weights = vec![0.0; n];
    weights[n - inside..].fill(1.0 / inside as f64);
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_the_weighted_sum_of_all_values() {
        for window in [1, 2, 5, 40] {
            let mut mean = Sma::new(window).unwrap();
            assert_eq!(mean.value(), None);
            let values: Vec<f64> = (1..=30_u8).map(|i| f64::from(i).sqrt()).collect();
            for n in 1..=values.len() {
                let got = mean.push(values[n - 1]);
                let weights = weights(window, n);
                let want: f64 = weights.iter().zip(&values).map(|(w, x)| w * x).sum();
                assert!((got - want).abs() < 1e-14, "window {window}, {n} values");
                assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-14);
                assert_eq!(mean.value(), Some(got));
            }
        }
    }

    #[test]
    fn a_nan_is_gone_when_it_leaves_the_window() {
        let mut mean = Sma::new(2).unwrap();
        assert!([f64::NAN, 1.0].map(|x| mean.push(x)).iter().all(|x| x.is_nan()));
        assert_eq!([3.0, 5.0].map(|x| mean.push(x).to_bits()), [2.0, 4.0_f64].map(f64::to_bits));
    }

    #[test]
    fn an_empty_window_is_refused() {
        assert_eq!(Sma::new(0).unwrap_err().to_string(), "window is 0, but 1 ≤ window");
    }
}
