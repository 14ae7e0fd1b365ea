//! The update: seven forms of momentum, with every decay and treatment of the gradient.
//!
//! With learning rate α, momentum β of the step, Πβ the product of all momenta so far, this
//! step's included, a form is four numbers, computed in `f64` and rounded to `f32` once:
//!
//! | form | a | b | c | d | with Nesterov: c, d |
//! |---|---|---|---|---|---|
//! | plain | | | | | |
//! | classic | β | 1 | α | none | αβ, α |
//! | dampened | β, first step 0 | 1 − τ, first step 1 | α | none | αβ, α |
//! | sutskever | β | −α | −1 | none | −β of the next step, α |
//! | ema | β | 1 − β | α | none | αβ, α(1 − β) |
//! | ema-unbiased | β | 1 − β | α / (1 − Πβ) | none | |
//! | quasi-hyperbolic | β | 1 − β | αν | α(1 − ν) | |
//!
//! (As in PyTorch, τ is ignored where β = 0.) A step does, in this order, each operation rounded
//! to `f32` by itself, and what is absent left out:
//!
//! ```text
//! g ← s·g                      or g into −C..=C by compare and select
//! g ← g + λ·w                  coupled decay
//! v ← a·v + b·g                then +0 where |v| < 2⁻¹²⁶
//! w ← w − e·w                  decoupled decay, e = αλ
//! w ← w − (c·v + d·g)          or w − c·v where there is no d, or w − α·g without a velocity
//! ```

mod case;
mod cases;
pub(crate) mod option;
mod step;

pub use case::{Case, Course, SCHEDULE, Trial};
pub use cases::{cases, settings};
pub use option::{Decay, Gradient};
pub use step::{Form, Motion, Rates, Setting, Step};

use crate::{Agreement, Checked, Failure};

/// A program that takes steps.
pub trait Kernel {
    /// Takes one step of a case. Steps of a case come in order, from a velocity of zeros at
    /// [`index`](Step::index) 0; `velocity` is empty for [`Form::Plain`].
    fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]);
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
