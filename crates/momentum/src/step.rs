//! One step with all its numbers, ready to run.

use ravine_simd::{Kernel, Level, Par, Simd};

use crate::rule::{
    AHEAD, AS_IS, CLAMPED, COUPLED, DECOUPLED, HEAVY, NONE, Numbers, Operands, PLAIN, SCALED, Sweep,
};
use crate::{Rule, sweep};

/// What is done to the gradient before all else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gradient {
    /// Nothing.
    AsIs,
    /// `g ← s·g`: the factor of clipping by the norm, or of undoing a loss scale.
    Scaled(f32),
    /// Each element into `−C..=C` by compare and select, C ≥ 0; NaN stays NaN.
    Clamped(f32),
}

/// What pulls the parameters towards zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decay {
    /// Nothing.
    None,
    /// `g ← g + λ·w`: the gradient of λ/2·|w|², which the velocity remembers (PyTorch's SGD).
    Coupled(f32),
    /// `w ← w − e·w` with e = αλ, past the velocity (SGDW: Loshchilov and Hutter, 2019).
    Decoupled(f32),
}

/// What moves the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Motion {
    /// `w ← w − lr·g`.
    Plain {
        /// Learning rate.
        lr: f32,
    },
    /// The rule of four numbers.
    Momentum(Rule),
}

/// One step, its numbers rounded and its options chosen.
///
/// In this order, with what is absent left out:
///
/// ```text
/// g ← s·g                      or g into −C..=C
/// g ← g + λ·w                  coupled decay
/// v ← a·v + b·g                then +0 where |v| < 2⁻¹²⁶
/// w ← w − e·w                  decoupled decay
/// w ← w − (c·v + d·g)          or w − c·v, or w − lr·g
/// ```
///
/// A step reads 12 and writes 8 bytes per parameter; a plain one reads 8 and writes 4. Bits do
/// not depend on the level, on the threads, or on how the slices are cut into blocks.
///
/// # Examples
///
/// ```
/// use ravine_momentum::{Decay, Gradient, Motion, Rule, Step};
/// use ravine_simd::{Level, Par};
///
/// let rule = Rule { a: 0.5, b: 1.0, c: 0.25, d: None };
/// let motion = Motion::Momentum(rule);
/// let step = Step { gradient: Gradient::AsIs, decay: Decay::None, motion };
/// let (mut params, mut velocity) = ([1.0; 20], [2.0; 20]);
/// step.run(Level::detect(), Par::Seq, &mut params, &mut velocity, &[3.0; 20]);
/// assert_eq!((params[19], velocity[19]), (0.0, 4.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// What is done to the gradient first.
    pub gradient: Gradient,
    /// What pulls the parameters towards zero.
    pub decay: Decay,
    /// What moves the parameters.
    pub motion: Motion,
}

impl Step {
    /// Applies the step to whole slices; large ones are shared between the threads of `par`.
    ///
    /// # Panics
    ///
    /// If the slices differ in length; a plain step wants an empty `velocity`. Nothing has been
    /// written then.
    pub fn run(
        &self,
        level: Level,
        par: Par,
        params: &mut [f32],
        velocity: &mut [f32],
        grads: &[f32],
    ) {
        let step = *self;
        match self.motion {
            Motion::Plain { .. } => {
                assert!(velocity.is_empty(), "a plain step has no velocity");
                sweep::run(par, [params], [grads], &|[params], [grads]| {
                    let velocity = &mut [];
                    level.run(Block { step, operands: Operands { params, velocity, grads } });
                });
            }
            Motion::Momentum(_) => {
                sweep::run(par, [params, velocity], [grads], &|[params, velocity], [grads]| {
                    level.run(Block { step, operands: Operands { params, velocity, grads } });
                });
            }
        }
    }

    /// Applies the step to a piece of the slices inside a kernel that is already running: what
    /// a product calls on a stretch of a gradient that it has just finished.
    ///
    /// The options are decided once a call; the loop itself is a function of its own, compiled
    /// for the level, so that callers do not carry a copy for every choice.
    ///
    /// # Panics
    ///
    /// As [`Step::run`].
    #[inline(always)]
    pub fn block<S: Simd>(&self, simd: S, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
        let operands = Operands { params, velocity, grads };
        match self.gradient {
            Gradient::AsIs => self.decide::<S, AS_IS>(simd, 1.0, operands),
            Gradient::Scaled(s) => self.decide::<S, SCALED>(simd, s, operands),
            Gradient::Clamped(s) => self.decide::<S, CLAMPED>(simd, s, operands),
        }
    }

    /// Decides on the decay.
    #[inline(always)]
    fn decide<S: Simd, const GRADIENT: u8>(&self, simd: S, gradient: f32, to: Operands<'_>) {
        match self.decay {
            Decay::None => self.move_by::<S, GRADIENT, NONE>(simd, [gradient, 0.0], to),
            Decay::Coupled(e) => self.move_by::<S, GRADIENT, COUPLED>(simd, [gradient, e], to),
            Decay::Decoupled(e) => self.move_by::<S, GRADIENT, DECOUPLED>(simd, [gradient, e], to),
        }
    }

    /// Decides on the motion, and enters the loop.
    #[inline(always)]
    fn move_by<S: Simd, const GRADIENT: u8, const DECAY: u8>(
        &self,
        simd: S,
        [gradient, decay]: [f32; 2],
        operands: Operands<'_>,
    ) {
        match self.motion {
            Motion::Plain { lr } => {
                let numbers =
                    Numbers { gradient, decay, rule: Rule { a: 0.0, b: 0.0, c: lr, d: None } };
                simd.vectorize(Sweep::<GRADIENT, DECAY, PLAIN> { numbers, operands });
            }
            Motion::Momentum(rule) => {
                let numbers = Numbers { gradient, decay, rule };
                match rule.d {
                    None => simd.vectorize(Sweep::<GRADIENT, DECAY, HEAVY> { numbers, operands }),
                    Some(_) => {
                        simd.vectorize(Sweep::<GRADIENT, DECAY, AHEAD> { numbers, operands });
                    }
                }
            }
        }
    }
}

/// [`Step::block`] as a kernel.
struct Block<'a> {
    step: Step,
    operands: Operands<'a>,
}

impl Kernel for Block<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Operands { params, velocity, grads } = self.operands;
        self.step.block(simd, params, velocity, grads);
    }
}
