//! Nesterov's two points: where the gradient is taken, and where the method is.

use ravine_simd::{Kernel, Level, Par, Simd, stream};

use crate::form::Exact;
use crate::{Form, Rates, round, share};

/// # Look-ahead
///
/// Nesterov's method has two points: the iterate θ and the look-ahead point w, where the gradient
/// is taken. Sutskever's coding writes them as
///
/// ```text
/// v ← β·v − α·∇f(w),  θ ← θ + v,  w = θ + β·v
/// ```
///
/// A training loop holds w, and so do all of this crate's Nesterov forms: w = θ − c·v with the
/// `c` of their rule, so PyTorch's parameters are Sutskever's look-ahead point for constant α and
/// β. Where β changes, only Sutskever's form with the next step's β
/// ([`Rates::followed_by`](crate::Rates::followed_by)) keeps w at a look-ahead point of that
/// schedule. Evaluate a model at θ, and train it on from w.
impl Form {
    /// Turns the look-ahead point w, after a step with `rates`, into the iterate θ = w + c·v.
    /// Without Nesterov the parameters are the iterate, and stay as they are.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    pub fn to_iterate(
        self,
        level: Level,
        par: Par,
        rates: Rates,
        params: &mut [f32],
        velocity: &[f32],
    ) {
        self.shift(level, par, rates, 1.0, params, velocity);
    }

    /// Turns the iterate θ into the look-ahead point w = θ − c·v: undoes [`Form::to_iterate`], up
    /// to rounding. To train on with the very same bits, keep w.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    pub fn to_look_ahead(
        self,
        level: Level,
        par: Par,
        rates: Rates,
        params: &mut [f32],
        velocity: &[f32],
    ) {
        self.shift(level, par, rates, -1.0, params, velocity);
    }
}

impl Form {
    /// `w ← w + sign·c·v`.
    fn shift(
        self,
        level: Level,
        par: Par,
        rates: Rates,
        sign: f64,
        params: &mut [f32],
        velocity: &[f32],
    ) {
        let (Self::Classic { nesterov: true }
        | Self::Dampened { nesterov: true, .. }
        | Self::Sutskever { nesterov: true }
        | Self::Ema { nesterov: true }) = self
        else {
            return;
        };
        let exact = Exact::of(self, rates, 0.0).expect("a form with Nesterov has a velocity");
        let by = round(sign * exact.c);
        share::run(par, [params], velocity, &|_, [params], velocity| {
            level.run(Shift { params, by, velocity });
        });
    }
}

/// `w ← w + by·v`.
struct Shift<'a> {
    params: &'a mut [f32],
    by: f32,
    velocity: &'a [f32],
}

impl Kernel for Shift<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let by = simd.splat(self.by);
        stream::run(
            simd,
            [self.params],
            [self.velocity],
            #[inline(always)]
            |[w], [v]| [w + by * v],
        );
    }
}
