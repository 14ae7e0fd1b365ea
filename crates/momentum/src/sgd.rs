//! Stochastic gradient descent: configuration, and one step.

use half::bf16;
use ravine_simd::{Buffer, Level, Par};

use crate::part::total;
use crate::rates::{check, multiplied};
use crate::sweep::Average;
use crate::{
    Decay, Form, Gradient, HyperError, Motion, Precision, Rates, Rounding, State, Step, Tensor,
    VectorEma, round,
};

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

impl WeightDecay {
    /// Looks at λ.
    ///
    /// # Errors
    ///
    /// If it is negative, or not finite as an `f32`.
    pub fn validate(self) -> Result<(), HyperError> {
        if let Self::Coupled(decay) | Self::Decoupled(decay) = self {
            let valid = 0.0 <= decay && round(decay) < f32::INFINITY;
            check("weight decay", decay, "0 ≤ weight decay < ∞ as an f32", valid)?;
        }
        Ok(())
    }

    /// The numbers of a step with `rates`.
    pub(crate) fn of(self, rates: Rates) -> Decay {
        match self {
            Self::Coupled(decay) if 0.0 < decay => Decay::Coupled(round(decay)),
            Self::Decoupled(decay) if 0.0 < decay => Decay::Decoupled(round(rates.lr() * decay)),
            _ => Decay::None,
        }
    }
}

/// Stochastic gradient descent with any form of momentum.
///
/// A step reads parameters, gradients and velocities once and writes parameters and velocities: 12
/// bytes read and 8 written a parameter with a velocity of `f32`, 10 and 6 with one of [`bf16`], 8
/// and 4 by [`Form::Plain`].
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
        self.zeroed(level, par, len, Rounding::Nearest)
    }

    /// The same with a velocity of 2 bytes a parameter: a step then reads 10 and writes 6 bytes
    /// a parameter. It moves the parameters by the new velocity before that is rounded.
    ///
    /// # Errors
    ///
    /// As [`Sgd::init`].
    pub fn init_narrow(
        &self,
        level: Level,
        par: Par,
        len: usize,
        rounding: Rounding,
    ) -> Result<State<bf16>, HyperError> {
        self.zeroed(level, par, len, rounding)
    }

    fn zeroed<V: Precision>(
        &self,
        level: Level,
        par: Par,
        len: usize,
        rounding: Rounding,
    ) -> Result<State<V>, HyperError> {
        self.validate()?;
        let velocity = Buffer::zeroed(if self.form.has_velocity() { len } else { 0 });
        Ok(State { level, par, step_count: 0, beta_product: 1.0, velocity, rounding })
    }

    /// Looks at the form's numbers and the weight decay.
    ///
    /// # Errors
    ///
    /// If one of them is outside its range.
    pub fn validate(&self) -> Result<(), HyperError> {
        self.form.validate()?;
        self.weight_decay.validate()
    }

    /// Begins a step: gives its numbers, and counts it.
    ///
    /// Whoever fuses the update into the product that makes the gradient runs the [`Step`] on
    /// each finished stretch. A step that is to be skipped must not be begun.
    #[inline]
    #[must_use]
    pub fn begin<V: Precision>(
        &self,
        state: &mut State<V>,
        rates: Rates,
        gradient: Gradient,
    ) -> Step {
        let first = state.step_count == 0;
        state.step_count += 1;
        state.beta_product = multiplied(state.beta_product, rates.momentum());
        let decay = self.weight_decay.of(rates);
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
    #[inline]
    pub fn step<V: Precision>(
        &self,
        state: &mut State<V>,
        rates: Rates,
        params: &mut [f32],
        grads: &[f32],
    ) {
        self.step_tensors(state, rates, Gradient::AsIs, &mut [Tensor { params, grads }]);
    }

    /// Takes one step on tensors, whose velocities lie one behind another in `state`, in one pass
    /// that threads share by elements: as fast as on one vector, and with its bits.
    ///
    /// Groups of parameters with rates of their own are an `Sgd` and a state each, and a call
    /// each; [`Guard`](crate::Guard) looks at the gradients of all.
    ///
    /// # Panics
    ///
    /// If a tensor's parameters and gradients differ in length, or all together from the length
    /// that `state` was made for; nothing has changed then.
    #[inline]
    pub fn step_tensors<V: Precision>(
        &self,
        state: &mut State<V>,
        rates: Rates,
        gradient: Gradient,
        tensors: &mut [Tensor<'_>],
    ) {
        let len = total(tensors);
        self.fits(state, len);
        self.step_kept(state, (rates, gradient), (tensors, len), None);
    }

    /// The same, and takes the new parameters into an average in the same pass: reads and writes
    /// 4 bytes more for an average of `f32`, 2 for one of [`bf16`].
    ///
    /// # Panics
    ///
    /// As [`Sgd::step_tensors`], and if the average is of another length.
    pub fn step_averaged<V: Precision, A: Precision>(
        &self,
        state: &mut State<V>,
        rates: Rates,
        gradient: Gradient,
        tensors: &mut [Tensor<'_>],
        average: &mut VectorEma<A>,
    ) {
        let len = total(tensors);
        self.fits(state, len);
        self.step_kept(state, (rates, gradient), (tensors, len), Some(average.begin(len)));
    }

    #[inline]
    fn step_kept<V: Precision>(
        &self,
        state: &mut State<V>,
        (rates, gradient): (Rates, Gradient),
        tensors: (&mut [Tensor<'_>], usize),
        average: Option<Average<'_>>,
    ) {
        let step = self.begin(state, rates, gradient);
        let State { level, par, step_count, ref mut velocity, rounding, .. } = *state;
        let velocity = (V::slots(velocity), rounding.key(step_count));
        step.run_slots((level, par), tensors, velocity, average);
    }

    /// # Panics
    ///
    /// If `state` is not one for `len` parameters.
    #[inline]
    fn fits<V: Precision>(&self, state: &State<V>, len: usize) {
        let len = if self.form.has_velocity() { len } else { 0 };
        assert_eq!(state.velocity.len(), len, "the state is of another length or form");
    }
}
