//! One step with all its numbers, ready to run.

use ravine_simd::{Level, Par};

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
    /// Applies the step to slices; large ones are shared between the threads of `par`.
    ///
    /// Bits do not depend on how slices are cut, so a product may run the step on each stretch of
    /// a gradient that it has just finished.
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
        let operands = Operands { params, velocity, grads };
        match self.gradient {
            Gradient::AsIs => self.decide::<AS_IS>(level, par, 1.0, operands),
            Gradient::Scaled(s) => self.decide::<SCALED>(level, par, s, operands),
            Gradient::Clamped(s) => self.decide::<CLAMPED>(level, par, s, operands),
        }
    }

    /// Decides on the decay.
    fn decide<const GRADIENT: u8>(&self, level: Level, par: Par, gradient: f32, to: Operands<'_>) {
        match self.decay {
            Decay::None => self.move_by::<GRADIENT, NONE>(level, par, [gradient, 0.0], to),
            Decay::Coupled(e) => self.move_by::<GRADIENT, COUPLED>(level, par, [gradient, e], to),
            Decay::Decoupled(e) => {
                self.move_by::<GRADIENT, DECOUPLED>(level, par, [gradient, e], to);
            }
        }
    }

    /// Decides on the motion, and enters the loop: a function of its own for every choice and
    /// level, which is what keeps its numbers in registers.
    fn move_by<const GRADIENT: u8, const DECAY: u8>(
        &self,
        level: Level,
        par: Par,
        [gradient, decay]: [f32; 2],
        operands: Operands<'_>,
    ) {
        match self.motion {
            Motion::Plain { lr } => {
                assert!(operands.velocity.is_empty(), "a plain step has no velocity");
                let rule = Rule { a: 0.0, b: 0.0, c: lr, d: None };
                let numbers = Numbers { gradient, decay, rule };
                let Operands { params, grads, .. } = operands;
                sweep::run(par, [params], [grads], &|[params], [grads]| {
                    let operands = Operands { params, velocity: &mut [], grads };
                    level.run(Sweep::<GRADIENT, DECAY, PLAIN> { numbers, operands });
                });
            }
            Motion::Momentum(rule) => {
                let numbers = Numbers { gradient, decay, rule };
                let Operands { params, velocity, grads } = operands;
                sweep::run(par, [params, velocity], [grads], &|[params, velocity], [grads]| {
                    let operands = Operands { params, velocity, grads };
                    match rule.d {
                        None => level.run(Sweep::<GRADIENT, DECAY, HEAVY> { numbers, operands }),
                        Some(_) => {
                            level.run(Sweep::<GRADIENT, DECAY, AHEAD> { numbers, operands });
                        }
                    }
                });
            }
        }
    }
}
