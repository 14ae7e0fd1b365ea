//! Exponential moving averages of vectors, such as a model's weights.

use half::bf16;
use ravine_simd::{Buffer, Kernel, Lanes, Level, Par, Simd, stream};

use crate::precision::{Memory, Slots, Store};
use crate::rates::{check, check_taken, keeps_less, multiplied};
use crate::sweep::{self, Averaging};
use crate::{HyperError, Precision, Rounding, round, share};

/// Exponential moving averages of the elements of a vector, such as a model's parameters:
///
/// ```text
/// m ← β·m + (1 − β)·x          then +0 where |m| < 2⁻¹²⁶
/// ```
///
/// β and 1 − β are rounded to `f32` once. A step reads 8 and writes 4 bytes per element, or 6 and
/// 2 where the averages are [`bf16`]; as a further output of a step of the parameters
/// ([`Sgd::step_averaged`](crate::Sgd::step_averaged)) it costs its own bytes alone.
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
pub struct VectorEma<A: Precision = f32> {
    level: Level,
    par: Par,
    decay: f64,
    warms_up: bool,
    count: u64,
    left: f64,
    value: Buffer<A::Memory>,
    rounding: Rounding,
}

impl VectorEma {
    /// Averages with `decay` = β in `0..1`, also as an `f32`, that start at `initial`.
    ///
    /// # Errors
    ///
    /// If β is outside its range.
    pub fn new(level: Level, par: Par, decay: f64, initial: &[f32]) -> Result<Self, HyperError> {
        Self::zeroed(level, par, decay, initial.len(), Rounding::Nearest).map(|mut average| {
            average.value.copy_from_slice(initial);
            average
        })
    }

    /// Writes what averages that started at zero estimate, `m/(1 − Πβ)` with the divisor
    /// rounded to `f32` once. Before the first value that is 0/0. Reads 4 and writes 4 bytes per
    /// element.
    ///
    /// # Panics
    ///
    /// If `out` is not as long as the averages.
    pub fn write_unbiased(&self, out: &mut [f32]) {
        let (level, sum) = (self.level, round(1.0 - self.left));
        share::run(self.par, [out], &self.value, &|_, [out], average| {
            level.run(Quotient { out, average, sum });
        });
    }
}

impl VectorEma<bf16> {
    /// The same in half the bytes; `initial` is rounded to the nearest.
    ///
    /// An average of a model's weights takes another seed than its velocity, or both are rounded by
    /// the same chance. Rounded to the nearest an average stalls where (1 − β)·|x − m| stays below
    /// 2⁻⁹ of m; by chance it does not.
    ///
    /// # Errors
    ///
    /// If β is outside its range.
    pub fn narrow(
        level: Level,
        par: Par,
        decay: f64,
        initial: &[f32],
        rounding: Rounding,
    ) -> Result<Self, HyperError> {
        let mut average = Self::zeroed(level, par, decay, initial.len(), rounding)?;
        for (m, x) in average.value.iter_mut().zip(initial) {
            *m = bf16::from_f32(*x).to_bits();
        }
        Ok(average)
    }
}

impl<A: Precision> VectorEma<A> {
    fn zeroed(
        level: Level,
        par: Par,
        decay: f64,
        len: usize,
        rounding: Rounding,
    ) -> Result<Self, HyperError> {
        check("decay", decay, "0 ≤ decay < 1 as an f32", keeps_less(decay))?;
        let value = Buffer::zeroed(len);
        Ok(Self { level, par, decay, warms_up: false, count: 0, left: 1.0, value, rounding })
    }

    /// The same averages with the decay min(β, (1 + t)/(10 + t)) in step t, counted from 0: the
    /// first values count for more, and the initial one is soon forgotten.
    #[must_use]
    pub fn warming_up(self) -> Self {
        Self { warms_up: true, ..self }
    }

    /// Takes in `x`.
    ///
    /// # Panics
    ///
    /// If `x` is not as long as the averages.
    pub fn push(&mut self, x: &[f32]) {
        let (level, par) = (self.level, self.par);
        let average = self.begin(x.len());
        push(level, par, average, x);
    }

    /// Begins a step: the averages, and what is taken into them.
    ///
    /// # Panics
    ///
    /// If there are not `len` averages; nothing has changed then.
    pub(crate) fn begin(&mut self, len: usize) -> sweep::Average<'_> {
        assert_eq!(len, self.value.len(), "the average is of another length");
        let decay = self.next_decay();
        self.left = multiplied(self.left, decay);
        self.count += 1;
        let shares = [round(decay), round(1.0 - decay)];
        let averaging = Averaging { shares, key: self.rounding.key(self.count) };
        sweep::Average { slots: A::slots(&mut self.value), averaging }
    }

    /// The decay of the next step.
    #[must_use]
    pub fn next_decay(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of steps are far below 2⁵³")]
        let t = self.count as f64;
        let warm = (1.0 + t) / (10.0 + t);
        if self.warms_up && warm < self.decay { warm } else { self.decay }
    }

    /// Saved averages, taken up again from where they stood: `count` values were taken in, and `left`
    /// is their Πβ. The initial values are those that were saved.
    ///
    /// # Errors
    ///
    /// If the count is not below 2⁵³, or Πβ not in `0..=1`.
    pub fn resumed(self, count: u64, left: f64) -> Result<Self, HyperError> {
        check_taken("values", count, left)?;
        Ok(Self { count, left, ..self })
    }

    /// Values taken in so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The averages.
    #[must_use]
    pub fn value(&self) -> &[A] {
        A::values(&self.value)
    }

    /// Πβ, the weight that the initial values still have.
    #[must_use]
    pub fn left(&self) -> f64 {
        self.left
    }
}

/// Takes `x` into averages of any precision.
fn push(level: Level, par: Par, average: sweep::Average<'_>, x: &[f32]) {
    fn of<A: Memory>(level: Level, par: Par, value: &mut [A], averaging: Averaging, x: &[f32]) {
        share::run(par, [value], x, &|at, [average], x| {
            level.run(Average { average, x, averaging, at });
        });
    }
    let sweep::Average { slots, averaging } = average;
    match slots {
        Slots::Wide(value) => of(level, par, value, averaging, x),
        Slots::Narrow(value) => of(level, par, value, averaging, x),
    }
}

struct Average<'a, A> {
    average: &'a mut [A],
    x: &'a [f32],
    averaging: Averaging,
    at: usize,
}

impl<A: Memory> Kernel for Average<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { average, x, averaging: Averaging { shares, key }, at } = self;
        let shares = (simd.splat(shares[0]), simd.splat(shares[1]));
        let store = Store::new(simd, key);
        stream::run_at(
            simd,
            [average],
            [x],
            #[inline(always)]
            |i, [m], [x]| {
                let m = averaged::<S>(shares, A::widen(m), x);
                [store.narrow::<A>(simd, m, at + i)]
            },
        );
    }
}

/// Averages with `x` taken in, which all averages of this crate are: `keep·m + take·x`, flushed.
#[inline(always)]
pub(crate) fn averaged<S: Simd>((keep, take): (S::F32, S::F32), m: S::F32, x: S::F32) -> S::F32 {
    (keep * m + take * x).flushed()
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
