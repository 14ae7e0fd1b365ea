//! Quadratic bowls with a prescribed spectrum.

use crate::narrow::narrow;
use crate::rotation::rotation;
use crate::{Best, Function, Purpose, Spectrum, SpectrumError, Stream};

/// The bowl `½·(w − w*)ᵀ·A·(w − w*)` of a known minimum and known eigenvalues.
///
/// A is diagonal, or turned by a random orthogonal matrix V: `A = V·diag(λ)·Vᵀ`.
///
/// # Examples
///
/// ```
/// use ravine_data::{Bowl, Function, Spectrum};
///
/// let bowl = Bowl::new(Spectrum::Log, 3, 100.0, 1)?.rotated(2);
/// let minimum = bowl.minimum().to_vec();
/// assert_eq!(bowl.value(&minimum), 0.0);
/// assert!((bowl.best().rate - 9.0 / 11.0).abs() < 1e-12);
/// # Ok::<(), ravine_data::SpectrumError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bowl {
    eigenvalues: Vec<f64>,
    /// V by rows, where A is not diagonal.
    directions: Option<Vec<f64>>,
    minimum: Vec<f32>,
}

impl Bowl {
    /// A bowl along the axes, whose minimum is drawn from the standard normal.
    ///
    /// # Errors
    ///
    /// If there is no such spectrum.
    pub fn new(
        spectrum: Spectrum,
        dim: usize,
        condition: f64,
        seed: u64,
    ) -> Result<Self, SpectrumError> {
        let eigenvalues = spectrum.eigenvalues(dim, condition)?;
        let mut draws = Stream::new(seed, Purpose::Weights, 0);
        let minimum = (0..dim).map(|_| narrow(draws.normal())).collect();
        Ok(Self { eigenvalues, directions: None, minimum })
    }

    /// The same bowl, turned about its minimum by a random orthogonal matrix.
    #[must_use]
    pub fn rotated(mut self, seed: u64) -> Self {
        self.directions = Some(rotation(self.eigenvalues.len(), seed));
        self
    }

    /// The eigenvalues of A, ascending.
    #[must_use]
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// The constants that reach the minimum fastest.
    #[must_use]
    pub fn best(&self) -> Best {
        Best::of(self.eigenvalues[0], self.eigenvalues[self.eigenvalues.len() - 1])
    }

    /// w − w* in the directions of the eigenvalues.
    fn offsets(&self, params: &[f32]) -> Vec<f64> {
        assert_eq!(params.len(), self.dim(), "parameters, and dimensions of the bowl");
        let off = params.iter().zip(&self.minimum).map(|(&w, &at)| f64::from(w) - f64::from(at));
        let Some(v) = &self.directions else { return off.collect() };
        let mut turned = vec![0.0; self.dim()];
        for (off, v) in off.zip(v.chunks_exact(self.dim())) {
            turned.iter_mut().zip(v).for_each(|(sum, v)| *sum += off * v);
        }
        turned
    }
}

impl Function for Bowl {
    fn dim(&self) -> usize {
        self.eigenvalues.len()
    }

    fn minimum(&self) -> &[f32] {
        &self.minimum
    }

    fn value(&self, params: &[f32]) -> f64 {
        let offsets = self.offsets(params);
        let terms = offsets.iter().zip(&self.eigenvalues).map(|(off, lambda)| lambda * off * off);
        0.5 * terms.fold(0.0, |sum, term| sum + term)
    }

    fn gradient(&self, grads: &mut [f32], params: &[f32]) {
        assert_eq!(grads.len(), self.dim(), "gradients, and dimensions of the bowl");
        let mut slopes = self.offsets(params);
        slopes.iter_mut().zip(&self.eigenvalues).for_each(|(off, lambda)| *off *= lambda);
        match &self.directions {
            Some(v) => {
                for (g, v) in grads.iter_mut().zip(v.chunks_exact(slopes.len())) {
                    *g = narrow(v.iter().zip(&slopes).fold(0.0, |sum, (v, s)| sum + v * s));
                }
            }
            None => grads.iter_mut().zip(slopes).for_each(|(g, slope)| *g = narrow(slope)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Symmetric, function::tests::assert_gradient};

    #[test]
    fn the_gradient_is_that_of_the_value() {
        for dim in 2..9 {
            let bowl = Bowl::new(Spectrum::Linear, dim, 7.0, 3).unwrap();
            let at: Vec<f32> = (0..dim).map(|i| 1.5 - i as f32).collect();
            assert_gradient(&bowl, &at);
            assert_gradient(&bowl.rotated(4), &at);
        }
    }

    #[test]
    fn the_curvature_has_the_prescribed_eigenvalues() {
        let bowl = Bowl::new(Spectrum::Log, 6, 50.0, 1).unwrap().rotated(2);
        // Differences of gradients, whose rounding to f32 is the tolerance.
        let gradient = |i: Option<usize>| {
            let mut at = vec![0.0; 6];
            i.into_iter().for_each(|i| at[i] = 1.0);
            let mut grads = vec![f32::NAN; 6];
            bowl.gradient(&mut grads, &at);
            grads
        };
        let flat = gradient(None);
        let curvature = Symmetric::from_fn(6, |i, j| f64::from(gradient(Some(i))[j] - flat[j]));
        for (found, wanted) in curvature.eigenvalues().iter().zip(bowl.eigenvalues()) {
            assert!((found - wanted).abs() < 1e-6, "{found}, not {wanted}");
        }
    }

    #[test]
    fn the_best_constants_cross_the_bowl_at_the_best_rate() {
        let bowl = Bowl::new(Spectrum::Log, 20, 400.0, 5).unwrap().rotated(6);
        let best = bowl.best();
        let (lr, momentum) = (narrow(best.lr), narrow(best.momentum));
        let (mut w, mut v, mut g) = (vec![3.0_f32; 20], [0.0; 20], [f32::NAN; 20]);
        let start = bowl.value(&w);
        for _ in 0..100 {
            bowl.gradient(&mut g, &w);
            for ((w, v), g) in w.iter_mut().zip(&mut v).zip(g) {
                *v = momentum * *v + g;
                *w -= lr * *v;
            }
        }
        // rate = 19/21 leaves 2e-9 of the value after 100 steps, times at most about (100·2)².
        let left = bowl.value(&w) / start;
        assert!((1e-13..1e-4).contains(&left), "{left}");
    }
}
