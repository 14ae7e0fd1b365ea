//! Stochastic gradient descent: configuration, state, one step.

use ravine_simd::{Buffer, Level, Par};

use crate::rates::check;
use crate::{Decay, Form, Gradient, HyperError, Motion, Rates, Step, round};

/// Weight decay λ, and where it acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WeightDecay {
    /// No decay.
    None,
    /// `g ← g + λ·w`, λ ≥ 0: the gradient of the penalty λ/2·|w|², as PyTorch's SGD.
    Coupled(f64),
    /// `w ← w − αλ·w`, λ ≥ 0, past gradient and velocity, as SGDW.
    Decoupled(f64),
}

/// Stochastic gradient descent with any form of momentum.
///
/// Learning rate and momentum are not here but in [`Rates`], one value a step: a schedule needs
/// no setter.
///
/// # Examples
///
/// ```
/// use ravine_momentum::{Form, Rates, Sgd, WeightDecay};
///
/// let sgd = Sgd { form: Form::Classic { nesterov: false }, weight_decay: WeightDecay::None };
/// let mut state = sgd.init(3)?;
/// let mut params = [0.0, 0.0, 0.0];
/// for lr in [0.1, 0.01] {
///     sgd.step(&mut state, Rates::new(lr, 0.9)?, &mut params, &[1.0, 2.0, 3.0]);
/// }
/// assert!((params[0] + 0.119).abs() < 1e-7);
/// # Ok::<(), ravine_momentum::HyperError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// The form of momentum.
    pub form: Form,
    /// The decay of the parameters.
    pub weight_decay: WeightDecay,
}

/// What a run of [`Sgd`] remembers between steps.
#[derive(Clone, Debug)]
pub struct State {
    level: Level,
    par: Par,
    step_count: u64,
    beta_product: f64,
    velocity: Buffer,
}

impl State {
    /// A state from its parts, as saved: `step_count` steps taken, `beta_product` the product of
    /// their momenta (1 before the first), and the `velocity`, empty for [`Form::Plain`].
    #[must_use]
    pub fn from_parts(
        level: Level,
        par: Par,
        step_count: u64,
        beta_product: f64,
        velocity: Buffer,
    ) -> Self {
        Self { level, par, step_count, beta_product, velocity }
    }

    /// The instruction set that steps run on.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// The threads that share a step.
    #[must_use]
    pub fn par(&self) -> Par {
        self.par
    }

    /// Steps begun so far.
    #[must_use]
    pub fn step_count(&self) -> u64 {
        self.step_count
    }

    /// Πβ, the product of the momenta of all steps begun so far; 1 before the first.
    #[must_use]
    pub fn beta_product(&self) -> f64 {
        self.beta_product
    }

    /// The velocity, as long as the parameters; empty for [`Form::Plain`].
    #[must_use]
    pub fn velocity(&self) -> &[f32] {
        &self.velocity
    }

    /// The velocity, for fused steps and for conversions.
    #[must_use]
    pub fn velocity_mut(&mut self) -> &mut [f32] {
        &mut self.velocity
    }
}

impl Sgd {
    /// The state before the first step on `len` parameters: the CPU's widest level, one thread.
    ///
    /// # Errors
    ///
    /// If a number of the form is outside its range, or the weight decay negative or not finite.
    pub fn init(&self, len: usize) -> Result<State, HyperError> {
        self.init_on(Level::detect(), Par::Seq, len)
    }

    /// The state before the first step on `len` parameters. `level` and `par` change speed and
    /// nothing else.
    ///
    /// # Errors
    ///
    /// As [`Sgd::init`].
    pub fn init_on(&self, level: Level, par: Par, len: usize) -> Result<State, HyperError> {
        self.validate()?;
        let velocity = Buffer::zeroed(if self.form.has_velocity() { len } else { 0 });
        Ok(State::from_parts(level, par, 0, 1.0, velocity))
    }

    /// Looks at the form's numbers and the weight decay.
    ///
    /// # Errors
    ///
    /// If one of them is outside its range.
    pub fn validate(&self) -> Result<(), HyperError> {
        self.form.validate()?;
        if let WeightDecay::Coupled(decay) | WeightDecay::Decoupled(decay) = self.weight_decay {
            let valid = (0.0..f64::INFINITY).contains(&decay);
            check("weight decay", decay, "0 ≤ weight decay < ∞", valid)?;
        }
        Ok(())
    }

    /// Begins a step: gives its numbers, and counts it.
    ///
    /// Whoever fuses the update into the product that makes the gradient runs the [`Step`] on
    /// each finished stretch. A step that is to be skipped must not be begun.
    #[inline]
    #[must_use]
    pub fn begin(&self, state: &mut State, rates: Rates, gradient: Gradient) -> Step {
        let first = state.step_count == 0;
        state.step_count += 1;
        state.beta_product *= rates.momentum();
        // Long since 1 − Πβ is 1; left to sink into the subnormal numbers, the product would cost
        // every later step more than the rest of its numbers.
        if state.beta_product < f64::MIN_POSITIVE {
            state.beta_product = 0.0;
        }
        let decay = match self.weight_decay {
            WeightDecay::Coupled(decay) if 0.0 < decay => Decay::Coupled(round(decay)),
            WeightDecay::Decoupled(decay) if 0.0 < decay => {
                Decay::Decoupled(round(rates.lr() * decay))
            }
            _ => Decay::None,
        };
        let motion = match self.form.rule(rates, first, state.beta_product) {
            Some(rule) => Motion::Momentum(rule),
            None => Motion::Plain { lr: round(rates.lr()) },
        };
        Step { gradient, decay, motion }
    }

    /// Takes one step on the gradient as it is.
    ///
    /// # Panics
    ///
    /// If `params` and `grads` differ in length, or from the length that `state` was made for;
    /// nothing has changed then.
    pub fn step(&self, state: &mut State, rates: Rates, params: &mut [f32], grads: &[f32]) {
        assert_eq!(params.len(), grads.len(), "params and grads differ in length");
        let len = if self.form.has_velocity() { params.len() } else { 0 };
        assert_eq!(state.velocity.len(), len, "the state is of another length or form");
        let step = self.begin(state, rates, Gradient::AsIs);
        step.run(state.level, state.par, params, &mut state.velocity, grads);
    }
}
