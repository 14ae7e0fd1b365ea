//! RMSProp: configuration, state, one step.

use ravine_simd::{Buffer, Level, Par};

use crate::part::total;
use crate::rates::check_squares;
use crate::root_mean_square::{Centered, CenteredHeavy, Heavy, Numbers, Plain};
use crate::sweep::{self, Average, Options};
use crate::{Gradient, HyperError, Precision, Rates, Tensor, VectorEma, WeightDecay, round};

/// Steps along the gradient, each parameter's divided by the root of its mean square (Tieleman
/// and Hinton, 2012), with PyTorch's options.
///
/// With α and β the [`Rates`] of the step and ρ the decay of the mean squares:
///
/// ```text
/// u ← ρ·u + (1 − ρ)·(g·g)          then +0 where u < 2⁻¹²⁶
/// h ← g / (√u + ε)
/// w ← w − α·h
///
/// centered:  m ← ρ·m + (1 − ρ)·g   then +0 where |m| < 2⁻¹²⁶
///            √(u − m·m) for √u, with +0 for a difference that rounding made negative
/// momentum:  v ← β·v + h           then +0 where |v| < 2⁻¹²⁶
///            w ← w − α·v
/// ```
///
/// A step reads 12 and writes 8 bytes per parameter; momentum and the center cost 8 more each.
///
/// # Examples
///
/// ```
/// use ravine_momentum::{Rates, RmsProp};
///
/// let rule = RmsProp::default();
/// let mut params = [1.0, -2.0, 3.0];
/// let mut state = rule.init(params.len())?;
/// rule.step(&mut state, Rates::new(0.01, 0.0)?, &mut params, &[0.5, -0.1, 20.0]);
/// assert!((params[0] - 0.9).abs() < 1e-6);
/// # Ok::<(), ravine_momentum::HyperError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// Decay ρ of the mean squares, in `0..1`.
    pub square_decay: f64,
    /// ε, what keeps the divisor from zero, positive also as an `f32`.
    pub epsilon: f64,
    /// Whether squares are taken from the mean gradient, so that u estimates a variance.
    pub centered: bool,
    /// Whether a velocity is kept; without one the momentum of the rates is not looked at.
    pub momentum: bool,
    /// The decay of the parameters.
    pub weight_decay: WeightDecay,
}

impl Default for RmsProp {
    /// ρ = 0.99, ε = 10⁻⁸, nothing else.
    fn default() -> Self {
        Self {
            square_decay: 0.99,
            epsilon: 1e-8,
            centered: false,
            momentum: false,
            weight_decay: WeightDecay::None,
        }
    }
}

/// What a run of [`RmsProp`] remembers between steps.
#[derive(Clone, Debug)]
pub struct RmsPropState {
    level: Level,
    par: Par,
    square: Buffer,
    mean: Buffer,
    velocity: Buffer,
}

impl RmsPropState {
    /// A state from its parts, as saved: the averages of squares and of gradients, and the
    /// velocity; empty are those that the rule does not have.
    #[must_use]
    pub fn from_parts(level: Level, par: Par, [square, mean, velocity]: [Buffer; 3]) -> Self {
        Self { level, par, square, mean, velocity }
    }

    /// The average of the squares of the gradients.
    #[must_use]
    pub fn square(&self) -> &[f32] {
        &self.square
    }

    /// The average of the gradients; empty where the rule is not centered.
    #[must_use]
    pub fn mean(&self) -> &[f32] {
        &self.mean
    }

    /// The velocity; empty where there is none.
    #[must_use]
    pub fn velocity(&self) -> &[f32] {
        &self.velocity
    }
}

impl RmsProp {
    /// The state before the first step on `len` parameters: the CPU's widest level, one thread.
    ///
    /// # Errors
    ///
    /// If ρ, ε or the weight decay is outside its range.
    pub fn init(&self, len: usize) -> Result<RmsPropState, HyperError> {
        self.init_on(Level::detect(), Par::Seq, len)
    }

    /// The state before the first step on `len` parameters. `level` and `par` change speed and
    /// nothing else.
    ///
    /// # Errors
    ///
    /// As [`RmsProp::init`].
    pub fn init_on(&self, level: Level, par: Par, len: usize) -> Result<RmsPropState, HyperError> {
        check_squares(self.square_decay, self.epsilon)?;
        self.weight_decay.validate()?;
        let zeros = |is_kept| Buffer::zeroed(if is_kept { len } else { 0 });
        let parts = [true, self.centered, self.momentum].map(zeros);
        Ok(RmsPropState::from_parts(level, par, parts))
    }

    /// Takes one step on the gradient as it is.
    ///
    /// # Panics
    ///
    /// If `params` and `grads` differ in length, or from the length that `state` was made for;
    /// nothing has changed then.
    pub fn step(&self, state: &mut RmsPropState, rates: Rates, params: &mut [f32], grads: &[f32]) {
        self.step_tensors(state, rates, Gradient::AsIs, &mut [Tensor { params, grads }]);
    }

    /// Takes one step on tensors, as [`Sgd::step_tensors`](crate::Sgd::step_tensors).
    ///
    /// # Panics
    ///
    /// If a tensor's parameters and gradients differ in length, or all together from the length
    /// that `state` was made for; nothing has changed then.
    pub fn step_tensors(
        &self,
        state: &mut RmsPropState,
        rates: Rates,
        gradient: Gradient,
        tensors: &mut [Tensor<'_>],
    ) {
        let len = total(tensors);
        self.fits(state, len);
        self.step_kept(state, (rates, gradient), (tensors, len), None);
    }

    /// The same, and takes the new parameters into an average in the same pass: reads and writes
    /// 4 bytes more for an average of `f32`, 2 for one of [`bf16`](half::bf16).
    ///
    /// # Panics
    ///
    /// As [`RmsProp::step_tensors`], and if the average is of another length.
    pub fn step_averaged<A: Precision>(
        &self,
        state: &mut RmsPropState,
        rates: Rates,
        gradient: Gradient,
        tensors: &mut [Tensor<'_>],
        average: &mut VectorEma<A>,
    ) {
        let len = total(tensors);
        self.fits(state, len);
        self.step_kept(state, (rates, gradient), (tensors, len), Some(average.begin(len)));
    }

    fn step_kept(
        &self,
        state: &mut RmsPropState,
        (rates, gradient): (Rates, Gradient),
        tensors: (&mut [Tensor<'_>], usize),
        average: Option<Average<'_>>,
    ) {
        let options = Options::new(gradient, self.weight_decay.of(rates));
        let numbers = Numbers {
            keep: round(self.square_decay),
            take: round(1.0 - self.square_decay),
            epsilon: round(self.epsilon),
            lr: round(rates.lr()),
            momentum: round(rates.momentum()),
        };
        let RmsPropState { level, par, square: u, mean: m, velocity: v } = state;
        let on = (*level, *par);
        match (self.centered, self.momentum) {
            (false, false) => {
                let kept = ([&mut u[..]], average);
                sweep::run_any(on, options, &Plain(numbers), tensors, kept);
            }
            (false, true) => {
                let kept = ([&mut u[..], &mut v[..]], average);
                sweep::run_any(on, options, &Heavy(numbers), tensors, kept);
            }
            (true, false) => {
                let kept = ([&mut u[..], &mut m[..]], average);
                sweep::run_any(on, options, &Centered(numbers), tensors, kept);
            }
            (true, true) => {
                let kept = ([&mut u[..], &mut m[..], &mut v[..]], average);
                sweep::run_any(on, options, &CenteredHeavy(numbers), tensors, kept);
            }
        }
    }

    fn fits(&self, state: &RmsPropState, len: usize) {
        let kept =
            [(true, &state.square), (self.centered, &state.mean), (self.momentum, &state.velocity)];
        for (is_kept, values) in kept {
            let len = if is_kept { len } else { 0 };
            assert_eq!(values.len(), len, "the state is of another length or rule");
        }
    }
}
