//! The rule of four numbers, and what moves weights by it.

use ravine_simd::{Lanes, Simd};

use crate::round;
use crate::sweep::Mover;

/// What every form with a velocity does in one step:
///
/// ```text
/// v ← a·v + b·g            then +0 where |v| < 2⁻¹²⁶
/// w ← w − (c·v + d·g)      or w − c·v where there is no d
/// ```
///
/// Every operation is rounded to `f32` by itself, in this order, on every level.
///
/// The flush is part of the rule because a velocity that only decays never reaches zero by
/// itself: with gradual underflow β·v sticks at a subnormal number, and on many CPUs each later
/// step then costs over a hundred cycles an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Share of the velocity that the step keeps.
    pub a: f32,
    /// Weight of the gradient in the velocity.
    pub b: f32,
    /// Weight of the new velocity in the step.
    pub c: f32,
    /// Weight of the gradient itself in the step; `None` where the form has no such term.
    pub d: Option<f32>,
}

impl Rule {
    /// The rule after `v ← factor·v`, without the pass over memory: `a` becomes `factor·a`,
    /// computed in `f64` and rounded.
    ///
    /// Here `a` has been rounded before. [`Rates::rescaled`](crate::Rates::rescaled) folds the
    /// factor in before the only rounding.
    #[must_use]
    pub fn rescaled(self, factor: f64) -> Self {
        Self { a: round(f64::from(self.a) * factor), ..self }
    }
}

/// `w ← w − lr·g`.
#[derive(Clone, Copy)]
pub(crate) struct Plain {
    pub(crate) lr: f32,
}

impl Mover<0> for Plain {
    type Lanes<S: Simd> = S::F32;

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> S::F32 {
        simd.splat(self.lr)
    }

    #[inline(always)]
    fn step<S: Simd>(lr: S::F32, g: S::F32, []: [S::F32; 0]) -> (S::F32, [S::F32; 0]) {
        (lr * g, [])
    }
}

/// [`Rule`] without d; `WHOLE` where b is 1 and b·g is g. On a Zen 5 a multiplication less is 3 to
/// 5 % of the time in a first-level cache (`ravine bench update --len 2000 --threads 1`, and with
/// `--form ema`, whose b is not 1). The numbers are read where the step has them, as all that a
/// [`Sweep`](crate::sweep::Sweep) is given.
#[derive(Clone, Copy)]
pub(crate) struct Heavy<'a, const WHOLE: bool = false> {
    pub(crate) rule: &'a Rule,
}

impl<'a> Heavy<'a> {
    /// The same for a b of 1.
    #[inline]
    pub(crate) fn whole(self) -> Option<Heavy<'a, true>> {
        let Self { rule } = self;
        (rule.b.to_bits() == 1_f32.to_bits()).then_some(Heavy { rule })
    }
}

impl<const WHOLE: bool> Mover<1> for Heavy<'_, WHOLE> {
    type Lanes<S: Simd> = (S::F32, S::F32, S::F32);

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> Self::Lanes<S> {
        let Rule { a, b, c, .. } = *self.rule;
        (simd.splat(a), simd.splat(b), simd.splat(c))
    }

    #[inline(always)]
    fn step<S: Simd>(
        (a, b, c): Self::Lanes<S>,
        g: S::F32,
        [v]: [S::F32; 1],
    ) -> (S::F32, [S::F32; 1]) {
        let g = if WHOLE { g } else { b * g };
        let v = (a * v + g).flushed();
        (c * v, [v])
    }
}

/// [`Rule`] with d.
#[derive(Clone, Copy)]
pub(crate) struct Ahead<'a> {
    pub(crate) heavy: Heavy<'a>,
    pub(crate) d: f32,
}

impl<'a> Mover<1> for Ahead<'a> {
    type Lanes<S: Simd> = (<Heavy<'a> as Mover<1>>::Lanes<S>, S::F32);

    #[inline(always)]
    fn lanes<S: Simd>(self, simd: S) -> Self::Lanes<S> {
        (self.heavy.lanes(simd), simd.splat(self.d))
    }

    #[inline(always)]
    fn step<S: Simd>(
        (heavy, d): Self::Lanes<S>,
        g: S::F32,
        v: [S::F32; 1],
    ) -> (S::F32, [S::F32; 1]) {
        let (step, v) = Heavy::<false>::step::<S>(heavy, g, v);
        (step + d * g, v)
    }
}
