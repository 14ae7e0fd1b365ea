//! Adam and RMSProp: steps that divide the gradient by the root of its mean square.
//!
//! With α and β the learning rate and momentum of the step, Πβ and Πβ₂ the products over all steps
//! so far, this one included, and ρ and β₂ the decays of the squares, a step has these numbers,
//! computed in `f64` and rounded to `f32` once:
//!
//! | rule | square | mean | momentum | c | ε |
//! |---|---|---|---|---|---|
//! | Adam | β₂, 1 − β₂ | β, 1 − β | | α·√(1 − Πβ₂) / (1 − Πβ) | ε·√(1 − Πβ₂) |
//! | RMSProp | ρ, 1 − ρ | ρ, 1 − ρ where it is centered | β where it has momentum | α | ε |
//!
//! A step does, in this order, each operation rounded to `f32` by itself, and what is absent left
//! out:
//!
//! ```text
//! g ← +0                                 where g is not finite, if that is asked for
//! g ← s·g                                or g into −C..=C by compare and select
//! g ← g + λ·w                            coupled decay
//! u ← square₀·u + square₁·(g·g)          then +0 where u < 2⁻¹²⁶
//! m ← mean₀·m + mean₁·g                  then +0 where |m| < 2⁻¹²⁶
//! w ← w − e·w                            decoupled decay, e = αλ
//!
//! Adam       w ← w − c·(m / (√u + ε))
//! RMSProp    q = u, or u − m·m where it is centered, and +0 where that is below 0
//!            h = g / (√q + ε)
//!            v ← momentum·v + h          then +0 where |v| < 2⁻¹²⁶
//!            w ← w − c·v                 or w − c·h without momentum
//! ```

mod case;
mod cases;
mod step;

pub use case::{Case, Course, Trial};
pub use cases::{cases, settings};
pub use step::{Numbers, Rates, Rule, SCHEDULE, Setting, Step};

use crate::{Agreement, Checked, Failure};

/// A program that takes steps.
pub trait Kernel {
    /// Takes one step of a case. Steps of a case come in order, from states of zeros at
    /// [`index`](Step::index) 0; `states` are the mean square, the mean and the velocity, empty
    /// where the rule [has](Rule::has) none.
    fn step(&mut self, step: &Step, params: &mut [f32], states: [&mut [f32]; 3], grads: &[f32]);
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
