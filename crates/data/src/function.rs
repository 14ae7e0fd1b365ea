//! Functions of several parameters with known minima.

use std::f64::consts::PI;

use ravine_simd::math;

use crate::narrow::narrow;
use crate::{Purpose, Stream};

/// A function to descend, with its gradient and its minimum.
pub trait Function {
    /// The number of parameters.
    fn dim(&self) -> usize;

    /// The parameters of the least value, which is 0.
    fn minimum(&self) -> &[f32];

    /// The value at `params`.
    ///
    /// # Panics
    ///
    /// If the number of parameters is not [`dim`](Self::dim).
    fn value(&self, params: &[f32]) -> f64;

    /// Writes the gradient at `params`, computed in `f64` and rounded once.
    ///
    /// # Panics
    ///
    /// If the number of parameters or of gradients is not [`dim`](Self::dim).
    fn gradient(&self, grads: &mut [f32], params: &[f32]);
}

/// Rosenbrock's curved valley, in pairs of parameters.
///
/// ```text
/// f = Σ 100·(y − x²)² + (1 − x)²        over the pairs (x, y)
/// ```
///
/// # Examples
///
/// ```
/// use ravine_data::{Function, Valley};
///
/// let valley = Valley::new(1);
/// let mut grads = [0.0; 2];
/// valley.gradient(&mut grads, &[-1.0, 2.0]);
/// assert_eq!((valley.value(&[-1.0, 2.0]), grads), (104.0, [396.0, 200.0]));
/// ```
///
/// # References
///
/// H. H. Rosenbrock, *An automatic method for finding the greatest or least value of a function*,
/// 1960; in pairs, J. J. Moré, B. S. Garbow and K. E. Hillstrom, *Testing unconstrained
/// optimization software*, 1981.
#[derive(Clone, Debug)]
pub struct Valley {
    minimum: Vec<f32>,
}

impl Valley {
    /// The valley of `n_pairs` pairs; the usual one has one.
    #[must_use]
    pub fn new(n_pairs: usize) -> Self {
        Self { minimum: vec![1.0; 2 * n_pairs] }
    }
}

impl Function for Valley {
    fn dim(&self) -> usize {
        self.minimum.len()
    }

    fn minimum(&self) -> &[f32] {
        &self.minimum
    }

    fn value(&self, params: &[f32]) -> f64 {
        assert_eq!(params.len(), self.dim(), "parameters, and dimensions of the valley");
        params.as_chunks().0.iter().fold(0.0, |sum, &[x, y]| {
            let (x, y) = (f64::from(x), f64::from(y));
            let (off, left) = (y - x * x, 1.0 - x);
            sum + 100.0 * off * off + left * left
        })
    }

    fn gradient(&self, grads: &mut [f32], params: &[f32]) {
        assert_eq!(params.len(), self.dim(), "parameters, and dimensions of the valley");
        assert_eq!(grads.len(), self.dim(), "gradients, and dimensions of the valley");
        for (g, &[x, y]) in grads.as_chunks_mut().0.iter_mut().zip(params.as_chunks().0) {
            let (x, y) = (f64::from(x), f64::from(y));
            let off = y - x * x;
            *g = [narrow(-400.0 * x * off - 2.0 * (1.0 - x)), narrow(200.0 * off)];
        }
    }
}

/// A bowl with bumps, which stop plain descent and not momentum.
///
/// ```text
/// f = Σ ½·w² + A·(1 − cos 2πw)        A = 0.2
/// ```
///
/// Along each axis there is a local minimum near ±0.87, behind a bump of height 0.10; the minimum
/// at 0 lies 0.54 below the bump's top. From 3, and with a rate of 0.01, plain descent stops at
/// the local minimum, and heavy-ball momentum of 0.9 reaches 0. Curvature is at most 8.9.
///
/// # Examples
///
/// ```
/// use ravine_data::{Function, Hills};
///
/// assert_eq!(Hills::new(2).value(&[0.5, 1.0]), 0.125 + 0.4 + 0.5);
/// ```
#[derive(Clone, Debug)]
pub struct Hills {
    minimum: Vec<f32>,
}

impl Hills {
    /// Half the height of a bump, A.
    pub const HEIGHT: f64 = 0.2;

    /// Hills along `dim` axes.
    #[must_use]
    pub fn new(dim: usize) -> Self {
        Self { minimum: vec![0.0; dim] }
    }
}

impl Function for Hills {
    fn dim(&self) -> usize {
        self.minimum.len()
    }

    fn minimum(&self) -> &[f32] {
        &self.minimum
    }

    fn value(&self, params: &[f32]) -> f64 {
        assert_eq!(params.len(), self.dim(), "parameters, and dimensions of the hills");
        params.iter().fold(0.0, |sum, &w| {
            let w = f64::from(w);
            sum + 0.5 * w * w + Self::HEIGHT * (1.0 - math::cos_pi(2.0 * w))
        })
    }

    fn gradient(&self, grads: &mut [f32], params: &[f32]) {
        assert_eq!(params.len(), self.dim(), "parameters, and dimensions of the hills");
        assert_eq!(grads.len(), self.dim(), "gradients, and dimensions of the hills");
        for (g, &w) in grads.iter_mut().zip(params) {
            let w = f64::from(w);
            *g = narrow(w + 2.0 * PI * Self::HEIGHT * math::sin_pi(2.0 * w));
        }
    }
}

/// A function whose gradient is seen through noise.
///
/// ```text
/// g ← ∇f(w) + σ·z        z standard normal (the stream `Purpose::Gradient`, step)
/// ```
#[derive(Clone, Debug)]
pub struct Noisy<F> {
    /// The function.
    pub function: F,
    /// The standard deviation σ of the noise on each element of the gradient.
    pub std: f64,
    /// The seed of the noise.
    pub seed: u64,
}

impl<F: Function> Noisy<F> {
    /// Writes the gradient at `params` with the noise of `step`.
    ///
    /// # Panics
    ///
    /// If the number of parameters or of gradients is not that of the function, or `step` is not
    /// below 2³².
    pub fn gradient(&self, step: u64, grads: &mut [f32], params: &[f32]) {
        self.function.gradient(grads, params);
        let mut draws = Stream::new(self.seed, Purpose::Gradient, step);
        grads.iter_mut().for_each(|g| *g = narrow(f64::from(*g) + self.std * draws.normal()));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Asserts that the gradient is the central difference of the value, and zero at the minimum.
    pub(crate) fn assert_gradient(function: &impl Function, at: &[f32]) {
        const STEP: f32 = 1.0 / 1024.0;
        let mut grads = vec![f32::NAN; at.len()];
        function.gradient(&mut grads, at);
        assert!(grads.iter().any(|&g| g.abs() > 0.01), "{grads:?}");
        for i in 0..at.len() {
            let value = |step| {
                let mut at = at.to_vec();
                at[i] += step;
                function.value(&at)
            };
            let difference = (value(STEP) - value(-STEP)) / f64::from(2.0 * STEP);
            let off = (f64::from(grads[i]) - difference).abs() / difference.abs().max(1.0);
            assert!(off < 1e-4, "element {i}: {}, not {difference}", grads[i]);
        }
        let minimum = function.minimum();
        function.gradient(&mut grads, minimum);
        assert!(function.value(minimum).abs() < 1e-30 && grads.iter().all(|&g| g.abs() < 1e-30));
        assert!(function.value(at) > 0.0);
    }

    #[test]
    fn gradients_are_those_of_the_values() {
        let at = [0.3, -0.7, 1.25, 2.5, -1.0, 0.125, 0.9, -2.0];
        (1..=4).for_each(|n| assert_gradient(&Valley::new(n), &at[..2 * n]));
        (1..=8).for_each(|n| assert_gradient(&Hills::new(n), &at[..n]));
    }

    #[test]
    fn hills_stop_plain_descent_and_not_momentum() {
        let end = |momentum: f32| {
            let (mut w, mut v, mut g) = ([3.0, -3.0], [0.0; 2], [f32::NAN; 2]);
            for _ in 0..5000 {
                Hills::new(2).gradient(&mut g, &w);
                for ((w, v), g) in w.iter_mut().zip(&mut v).zip(g) {
                    *v = momentum * *v + g;
                    *w -= 0.01 * *v;
                }
            }
            w
        };
        let [stopped, rolled] = [end(0.0), end(0.9)];
        assert!(stopped.iter().all(|w| (0.8..0.95).contains(&w.abs())), "{stopped:?}");
        assert!(rolled.iter().all(|w| w.abs() < 1e-6), "{rolled:?}");
    }

    #[test]
    fn noise_depends_on_seed_and_step_and_has_its_deviation() {
        let noise = |seed, step| {
            let noisy = Noisy { function: Hills::new(500), std: 2.0, seed };
            let mut grads = vec![f32::NAN; 500];
            noisy.gradient(step, &mut grads, &[0.0; 500]);
            grads
        };
        assert_eq!(noise(1, 7), noise(1, 7));
        assert_ne!(noise(1, 7), noise(1, 8));
        assert_ne!(noise(1, 7), noise(2, 7));
        let variance = noise(1, 7).iter().map(|g| g * g).sum::<f32>() / 500.0;
        assert!((3.2..4.8).contains(&variance), "{variance}");
    }
}
