//! The rule of four numbers, and the one kernel.

use ravine_simd::{Kernel, Lanes, MaskLanes, Simd, stream};

use crate::round;

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

/// The slices of one step, of one length; `velocity` is empty where there is none.
pub(crate) struct Operands<'a> {
    pub(crate) params: &'a mut [f32],
    pub(crate) velocity: &'a mut [f32],
    pub(crate) grads: &'a [f32],
}

/// The factor, bound or λ of the step's options, and the rule; what the constants leave out of
/// a [`Sweep`] is not read.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) gradient: f32,
    pub(crate) decay: f32,
    pub(crate) rule: Rule,
}

/// Constants of [`Sweep`]: what is done to the gradient, …
pub(crate) const AS_IS: u8 = 0;
pub(crate) const SCALED: u8 = 1;
pub(crate) const CLAMPED: u8 = 2;
/// … what decays the weights, …
pub(crate) const NONE: u8 = 0;
pub(crate) const COUPLED: u8 = 1;
pub(crate) const DECOUPLED: u8 = 2;
/// … and what moves them: the gradient, the velocity, or both.
pub(crate) const PLAIN: u8 = 0;
pub(crate) const HEAVY: u8 = 1;
pub(crate) const AHEAD: u8 = 2;

/// One step over slices, every option decided.
pub(crate) struct Sweep<'a, const GRADIENT: u8, const DECAY: u8, const MOTION: u8> {
    pub(crate) numbers: Numbers,
    pub(crate) operands: Operands<'a>,
}

impl<const GRADIENT: u8, const DECAY: u8, const MOTION: u8> Kernel
    for Sweep<'_, GRADIENT, DECAY, MOTION>
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Numbers { gradient: s, decay: e, rule } = self.numbers;
        // One by one: a map over an array of them is a call for each.
        let (s, e) = (simd.splat(s), simd.splat(e));
        let (a, b, c) = (simd.splat(rule.a), simd.splat(rule.b), simd.splat(rule.c));
        let d = simd.splat(rule.d.unwrap_or(0.0));
        let Operands { params, velocity, grads } = self.operands;
        if MOTION == PLAIN {
            assert!(velocity.is_empty(), "a plain step has no velocity");
            stream::run(
                simd,
                [params],
                [grads],
                #[inline(always)]
                |[w], [g]| {
                    let g = gradient::<S, GRADIENT, DECAY>(g, w, s, e);
                    [weight::<S, DECAY>(w, e) - c * g]
                },
            );
        } else {
            stream::run(
                simd,
                [params, velocity],
                [grads],
                #[inline(always)]
                |[w, v], [g]| {
                    let g = gradient::<S, GRADIENT, DECAY>(g, w, s, e);
                    let v = (a * v + b * g).flushed();
                    let step = if MOTION == AHEAD { c * v + d * g } else { c * v };
                    [weight::<S, DECAY>(w, e) - step, v]
                },
            );
        }
    }
}

/// The gradient that the rule sees: `s·g`, or `g` within `−s..=s`; plus `e·w`.
#[inline(always)]
fn gradient<S: Simd, const GRADIENT: u8, const DECAY: u8>(
    g: S::F32,
    w: S::F32,
    s: S::F32,
    e: S::F32,
) -> S::F32 {
    let g = match GRADIENT {
        SCALED => s * g,
        CLAMPED => {
            let g = s.lt(g).select(s, g);
            g.lt(-s).select(-s, g)
        }
        _ => g,
    };
    if DECAY == COUPLED { g + e * w } else { g }
}

/// The weight that the rule moves: `w`, or `w − e·w`.
#[inline(always)]
fn weight<S: Simd, const DECAY: u8>(w: S::F32, e: S::F32) -> S::F32 {
    if DECAY == DECOUPLED { w - e * w } else { w }
}
