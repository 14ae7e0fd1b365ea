//! Exponential moving averages.

use ravine_simd::{Buffer, Kernel, Lanes, Level, Par, Simd, stream};

use crate::rates::check;
use crate::{HyperError, round, sweep};

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
        Ok(Self { decay: valid(decay)?, initial, value: initial, left: 1.0 })
    }

    /// Takes in `x`; gives the new average.
    pub fn push(&mut self, x: f64) -> f64 {
        self.value = self.decay * self.value + (1.0 - self.decay) * x;
        self.left *= self.decay;
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

/// Exponential moving averages of the elements of a vector, such as a model's parameters:
///
/// ```text
/// m ← β·m + (1 − β)·x          then +0 where |m| < 2⁻¹²⁶
/// ```
///
/// β and 1 − β are rounded to `f32` once. A step reads 8 and writes 4 bytes per element.
///
/// # Examples
///
/// ```
/// use ravine_momentum::VectorEma;
/// use ravine_simd::{Level, Par};
///
/// let mut average = VectorEma::new(Level::detect(), Par::Seq, 0.5, &[0.0; 3])?;
/// average.push(&[1.0, 2.0, 4.0]);
/// assert_eq!(average.value(), [0.5, 1.0, 2.0]);
/// # Ok::<(), ravine_momentum::HyperError>(())
/// ```
#[derive(Clone, Debug)]
pub struct VectorEma {
    level: Level,
    par: Par,
    decay: f64,
    left: f64,
    value: Buffer,
}

impl VectorEma {
    /// Averages with `decay` = β in `0..1` that start at `initial`.
    ///
    /// # Errors
    ///
    /// If β is outside its range.
    pub fn new(level: Level, par: Par, decay: f64, initial: &[f32]) -> Result<Self, HyperError> {
        Ok(Self { level, par, decay: valid(decay)?, left: 1.0, value: Buffer::from(initial) })
    }

    /// Takes in `x`.
    ///
    /// # Panics
    ///
    /// If `x` is not as long as the averages.
    pub fn push(&mut self, x: &[f32]) {
        self.left *= self.decay;
        let (level, keep, take) = (self.level, round(self.decay), round(1.0 - self.decay));
        sweep::run(self.par, [&mut *self.value], [x], &|[average], [x]| {
            level.run(Average { average, x, keep, take });
        });
    }

    /// The averages.
    #[must_use]
    pub fn value(&self) -> &[f32] {
        &self.value
    }

    /// β^T, the weight that the initial values still have.
    #[must_use]
    pub fn left(&self) -> f64 {
        self.left
    }

    /// Writes what averages that started at zero estimate, `m/(1 − β^T)` with the divisor
    /// rounded to `f32` once. Before the first value that is 0/0.
    ///
    /// # Panics
    ///
    /// If `out` is not as long as the averages.
    pub fn write_unbiased(&self, out: &mut [f32]) {
        let (level, sum) = (self.level, round(1.0 - self.left));
        sweep::run(self.par, [out], [&*self.value], &|[out], [average]| {
            level.run(Quotient { out, average, sum });
        });
    }
}

fn valid(decay: f64) -> Result<f64, HyperError> {
    check("decay", decay, "0 ≤ decay < 1", (0.0..1.0).contains(&decay))
}

struct Average<'a> {
    average: &'a mut [f32],
    x: &'a [f32],
    keep: f32,
    take: f32,
}

impl Kernel for Average<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let [keep, take] = [self.keep, self.take].map(|x| simd.splat(x));
        stream::run(
            simd,
            [self.average],
            [self.x],
            #[inline(always)]
            |[m], [x]| [(keep * m + take * x).flushed()],
        );
    }
}

struct Quotient<'a> {
    out: &'a mut [f32],
    average: &'a [f32],
    sum: f32,
}

impl Kernel for Quotient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let sum = simd.splat(self.sum);
        stream::run(
            simd,
            [self.out],
            [self.average],
            #[inline(always)]
            |[_], [m]| [m / sum],
        );
    }
}
