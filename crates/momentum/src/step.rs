//! One step with all its numbers, ready to run.

use ravine_simd::{Level, Par};

use crate::part::total;
use crate::precision::{Memory, Slots};
use crate::rule::{Ahead, Heavy, Plain};
use crate::sweep::{
    self, AS_IS, Average, CLAMPED, COUPLED, DECOUPLED, FINITE_CLAMPED, FINITE_SCALED, NONE,
    Options, SCALED,
};
use crate::{Rows, Rule, Tensor};

/// What is done to the gradient before all else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Gradient {
    /// Nothing.
    AsIs,
    /// `g ← s·g`: the factor of clipping by the norm, or of undoing a loss scale.
    Scaled(f32),
    /// Each element into `−C..=C` by compare and select, C ≥ 0; NaN stays NaN.
    Clamped(f32),
    /// `g ← s·g`, and +0 for each element that is not finite.
    FiniteScaled(f32),
    /// Each element into `−C..=C`, and +0 for each that is not finite.
    FiniteClamped(f32),
}

impl Gradient {
    /// The factor or bound; 1 where there is none.
    #[inline]
    pub(crate) fn number(self) -> f32 {
        match self {
            Self::AsIs => 1.0,
            Self::Scaled(number)
            | Self::Clamped(number)
            | Self::FiniteScaled(number)
            | Self::FiniteClamped(number) => number,
        }
    }

    /// The kernel's constant.
    #[inline]
    pub(crate) fn kind(self) -> u8 {
        match self {
            Self::AsIs => AS_IS,
            Self::Scaled(_) => SCALED,
            Self::Clamped(_) => CLAMPED,
            Self::FiniteScaled(_) => FINITE_SCALED,
            Self::FiniteClamped(_) => FINITE_CLAMPED,
        }
    }
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

impl Decay {
    /// λ or αλ; 0 where there is none.
    #[inline]
    pub(crate) fn number(self) -> f32 {
        match self {
            Self::None => 0.0,
            Self::Coupled(number) | Self::Decoupled(number) => number,
        }
    }

    /// The kernel's constant.
    #[inline]
    pub(crate) fn kind(self) -> u8 {
        match self {
            Self::None => NONE,
            Self::Coupled(_) => COUPLED,
            Self::Decoupled(_) => DECOUPLED,
        }
    }
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
        let tensors = &mut [Tensor { params, grads }];
        let len = total(tensors);
        self.run_tensors((level, par), (tensors, len), velocity);
    }

    /// Applies the step, on the calling thread, to rows of a matrix whose gradients have just been
    /// finished: `params` and `velocity` begin with the first row's first, `grads` with its
    /// gradient.
    ///
    /// # Panics
    ///
    /// If a slice ends before the last row does, when the rows before it have been written; a plain
    /// step wants an empty `velocity`.
    pub fn run_rows(
        &self,
        level: Level,
        rows: Rows,
        params: &mut [f32],
        velocity: &mut [f32],
        grads: &[f32],
    ) {
        let options = &Options::new(self.gradient, self.decay);
        match self.mover() {
            Moves::Plain(mover) => {
                assert!(velocity.is_empty(), "a plain step has no velocity");
                sweep::run_rows(level, options, &mover, &rows, (params, grads, []));
            }
            Moves::Heavy(mover) => {
                sweep::run_rows(level, options, &mover, &rows, (params, grads, [velocity]));
            }
            Moves::Ahead(mover) => {
                sweep::run_rows(level, options, &mover, &rows, (params, grads, [velocity]));
            }
        }
    }

    /// Applies the step to tensors, of so many parameters together, whose velocities lie one
    /// behind another.
    #[inline]
    fn run_tensors(
        &self,
        on: (Level, Par),
        tensors: (&mut [Tensor<'_>], usize),
        velocity: &mut [f32],
    ) {
        let options = &Options::new(self.gradient, self.decay);
        self.fits(tensors.1, velocity.len());
        match self.mover() {
            Moves::Plain(mover) => sweep::run_decided(on, options, &mover, tensors, ([], [])),
            Moves::Heavy(mover) => match mover.whole() {
                None => sweep::run_decided(on, options, &mover, tensors, ([velocity], [])),
                Some(mover) => sweep::run_decided(on, options, &mover, tensors, ([velocity], [])),
            },
            Moves::Ahead(mover) => {
                sweep::run_decided(on, options, &mover, tensors, ([velocity], []));
            }
        }
    }

    /// The same with a velocity of any precision, rounded by the chance of `key`, and with an
    /// average of the new parameters.
    pub(crate) fn run_slots(
        &self,
        on: (Level, Par),
        tensors: (&mut [Tensor<'_>], usize),
        (velocity, key): (Slots<'_>, Option<u32>),
        average: Option<Average<'_>>,
    ) {
        match (velocity, average) {
            (Slots::Wide(velocity), None) => self.run_tensors(on, tensors, velocity),
            (Slots::Wide(velocity), average) => {
                self.run_kept(on, tensors, (velocity, key), average);
            }
            (Slots::Narrow(velocity), average) => {
                self.run_kept(on, tensors, (velocity, key), average);
            }
        }
    }

    fn run_kept<V: Memory>(
        &self,
        on: (Level, Par),
        tensors: (&mut [Tensor<'_>], usize),
        (velocity, state_key): (&mut [V], Option<u32>),
        average: Option<Average<'_>>,
    ) {
        let options = Options { state_key, ..Options::new(self.gradient, self.decay) };
        self.fits(tensors.1, velocity.len());
        match self.mover() {
            Moves::Plain(mover) => {
                let none: [&mut [f32]; 0] = [];
                sweep::run_any(on, options, &mover, tensors, (none, average));
            }
            Moves::Heavy(mover) => {
                sweep::run_any(on, options, &mover, tensors, ([velocity], average));
            }
            Moves::Ahead(mover) => {
                sweep::run_any(on, options, &mover, tensors, ([velocity], average));
            }
        }
    }

    /// # Panics
    ///
    /// If the velocity is not as long as the parameters, or as nothing where there is none.
    #[inline]
    fn fits(&self, params: usize, velocity: usize) {
        match self.motion {
            Motion::Plain { .. } => assert_eq!(velocity, 0, "a plain step has no velocity"),
            Motion::Momentum(_) => {
                assert_eq!(velocity, params, "params and velocity differ in length");
            }
        }
    }

    #[inline]
    fn mover(&self) -> Moves<'_> {
        match &self.motion {
            &Motion::Plain { lr } => Moves::Plain(Plain { lr }),
            Motion::Momentum(rule) => match rule.d {
                None => Moves::Heavy(Heavy { rule }),
                Some(d) => Moves::Ahead(Ahead { heavy: Heavy { rule }, d }),
            },
        }
    }
}

/// The kernels' formulas.
enum Moves<'a> {
    Plain(Plain),
    Heavy(Heavy<'a>),
    Ahead(Ahead<'a>),
}
