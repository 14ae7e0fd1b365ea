//! What momentum remembers between steps.

use half::bf16;
use ravine_simd::{Buffer, Level, Par};

use crate::rates::check_taken;
use crate::{HyperError, Precision, Rounding};

/// What a run of [`Sgd`](crate::Sgd) remembers between steps, its velocity as `f32` or as [`bf16`].
#[derive(Clone, Debug)]
pub struct State<V: Precision = f32> {
    pub(crate) level: Level,
    pub(crate) par: Par,
    pub(crate) step_count: u64,
    pub(crate) beta_product: f64,
    pub(crate) velocity: Buffer<V::Memory>,
    pub(crate) rounding: Rounding,
}

impl State {
    /// A state from its parts, as saved: `step_count` steps taken, `beta_product` the product of
    /// their momenta (1 before the first), and the `velocity`, empty for
    /// [`Form::Plain`](crate::Form::Plain).
    ///
    /// # Errors
    ///
    /// If the count is not below 2⁵³, or the product not in `0..=1`.
    pub fn from_parts(
        level: Level,
        par: Par,
        step_count: u64,
        beta_product: f64,
        velocity: Buffer,
    ) -> Result<Self, HyperError> {
        check_taken("steps", step_count, beta_product)?;
        let rounding = Rounding::Nearest;
        Ok(Self { level, par, step_count, beta_product, velocity, rounding })
    }
}

impl State<bf16> {
    /// As [`State::from_parts`], with a narrow velocity and its rounding.
    ///
    /// # Errors
    ///
    /// As [`State::from_parts`].
    pub fn from_narrow_parts(
        level: Level,
        par: Par,
        step_count: u64,
        beta_product: f64,
        (velocity, rounding): (&[bf16], Rounding),
    ) -> Result<Self, HyperError> {
        check_taken("steps", step_count, beta_product)?;
        let mut state = Self {
            level,
            par,
            step_count,
            beta_product,
            velocity: Buffer::zeroed(velocity.len()),
            rounding,
        };
        state.velocity_mut().copy_from_slice(velocity);
        Ok(state)
    }
}

impl<V: Precision> State<V> {
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

    /// The velocity, as long as the parameters; empty for [`Form::Plain`](crate::Form::Plain).
    #[must_use]
    pub fn velocity(&self) -> &[V] {
        V::values(&self.velocity)
    }

    /// The velocity, for fused steps and for conversions.
    #[must_use]
    pub fn velocity_mut(&mut self) -> &mut [V] {
        V::values_mut(&mut self.velocity)
    }
}
