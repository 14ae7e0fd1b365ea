//! A step of momentum and an average of the new weights, each kept wide or in 16 bits.
//!
//! A step of an [`update`](crate::update) is taken in `f32`; then its new parameters go into an
//! average, β the decay of that and both its numbers rounded to `f32` once:
//!
//! ```text
//! m ← β·m + (1 − β)·w          then +0 where |m| < 2⁻¹²⁶
//! ```
//!
//! What is computed is used as it is, and rounded where it is stored: to a `bf16`, the upper half
//! of an `f32`'s bits, to the nearest or by chance. Averages begin at the parameters, those of 16
//! bits at the nearest to them; velocities begin at zero.
//!
//! In integers, `≫` a shift that brings zeros in, `⊕` exclusive or, x the bits of the number and
//! everything modulo 2³² (k modulo 2⁶⁴), the bits of the `bf16` are:
//!
//! ```text
//! nearest     (x + 7fff + (x ≫ 16 & 1)) ≫ 16         ties to even
//! by chance   (x + (r & ffff)) ≫ 16
//! NaN         any NaN, in either
//!
//! r, for the seed, the step t counted from 1 and the element i counted from 0:
//! k ← seed + t · 9e3779b97f4a7c15
//! k ← (k ⊕ k ≫ 30) · bf58476d1ce4e5b9
//! k ← (k ⊕ k ≫ 27) · 94d049bb133111eb
//! r ← (i ⊕ i ≫ 16) · 7feb352d ⊕ (k ≫ 32)
//! r ← (r ⊕ r ≫ 15) · 846ca68b
//! r ← r ⊕ r ≫ 16
//! ```
//!
//! So a number is rounded up as often as it is far from the one below, whoever computes it and in
//! whatever order (finalizers of Steele, Lea and Flood, 2014, and of Wellons, 2018).
//!
//! # Examples
//!
//! ```
//! use ravine_conformance::narrow::Kept;
//!
//! // The neighbors are 1 and 1 + 2⁻⁷.
//! assert_eq!(Kept::Nearest.round(1, 0, 1.003), 1.0);
//! let chance = Kept::Stochastic { seed: 7 };
//! let sum: f32 = (0..1000).map(|i| chance.round(1, i, 1.003) - 1.0).sum();
//! assert!((sum / 1000.0 - 0.003).abs() < 3e-4);
//! ```

mod case;
mod cases;
mod kept;
mod step;

pub use case::{Case, Course, Trial};
pub use cases::{cases, settings};
pub use kept::Kept;
pub use step::{Setting, Step};

use crate::{Agreement, Checked, Failure};

/// A program that takes steps.
pub trait Kernel {
    /// Takes one step of a case, and the new parameters into the average. Steps of a case come in
    /// order, from a velocity of zeros and an average of the parameters at [`index`](Step::index)
    /// 0; `velocity` is empty where the form has none.
    ///
    /// Numbers of 16 bits stand in the slices as the `f32` that they are equal to.
    fn step(
        &mut self,
        step: &Step,
        params: &mut [f32],
        velocity: &mut [f32],
        average: &mut [f32],
        grads: &[f32],
    );
}

/// Holds a kernel to the formula in every case.
///
/// # Errors
///
/// At the first element that is not as expected, and at the first write outside a slice.
pub fn check(
    kernel: &mut impl Kernel,
    cases: impl IntoIterator<Item = Case>,
    agreement: Agreement,
) -> Result<Checked, Failure> {
    Checked::count(cases, |case| case.trial().run(kernel, agreement))
}
