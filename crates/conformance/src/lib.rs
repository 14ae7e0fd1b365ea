//! The laws of a numeric contract, to hold any kernel to.
//!
//! A contract that promises bits needs more than a tolerance: it needs definitions that stand
//! apart from the kernels, numbers on which kernels break, and every length and alignment at
//! which they do. This crate is that, and nothing else: it knows none of the kernels it tests.
//!
//! | module | law |
//! |---|---|
//! | [`update`] | the steps of seven forms of momentum, term by term, rounded after each |
//! | [`adaptive`] | the steps of Adam and RMSProp, which divide by the root of a mean square |
//! | [`narrow`] | steps whose velocity, and an average of whose weights, are kept in 16 bits |
//! | [`sum`] | sums in `f64` over 32 lanes, leaves of 4096 and a balanced tree |
//! | [`product`] | matrix products, one chain of fused multiply-adds an element |
//! | [`function`] | exp, ln, erf, activations and GELU's slope against `f64`; ReLU and other slopes in bits |
//! | [`trainer`] | training of every form in `f64`, to hold runs near |
//!
//! Each has a trait of one method, `Kernel`, that a tested program implements; `Case`s, which are
//! data; `Case::trial`, which draws a case's operands and works out what they give; and `check`,
//! which runs a kernel through many cases and names the first element that is wrong.
//!
//! # Examples
//!
//! A step of plain momentum that forgets the end of its slices:
//!
//! ```
//! use ravine_conformance::update::{self, Form, Kernel, Step};
//! use ravine_conformance::{Agreement, Extent};
//!
//! struct Forgetful;
//!
//! impl Kernel for Forgetful {
//!     fn step(&mut self, step: &Step, params: &mut [f32], velocity: &mut [f32], grads: &[f32]) {
//!         let whole = grads.len() / 8 * 8;
//!         let velocity = velocity.get_mut(..whole).unwrap_or_default();
//!         step.apply(&mut params[..whole], velocity, &grads[..whole]);
//!     }
//! }
//!
//! let failure = update::check(&mut Forgetful, update::cases(Extent::Quick), Agreement::Bits);
//! let message = failure.unwrap_err().to_string();
//! assert!(message.contains("length 1"), "{message}");
//! ```
#![forbid(unsafe_code)]

mod extent;
pub mod values;

mod compare;
mod deck;
mod failure;
mod float;
mod guarded;
mod spread;
mod written;

pub mod adaptive;
pub mod function;
mod fused;
#[cfg(feature = "golden")]
pub mod golden;
pub mod hex;
pub mod narrow;
pub mod product;
#[cfg(feature = "proptest")]
pub mod strategies;
pub mod sum;
pub mod trainer;
pub mod update;

pub use compare::{Agreement, Mismatch, compare};
pub use extent::{Extent, lengths};
pub use failure::{Cause, Checked, Failure};
pub use float::{Element, Float};
pub use fused::mul_add;
pub use guarded::{Guarded, Side, Trespass};
pub use values::Draw;

/// The README's example is tested too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Rounds to `f32`, once.
#[expect(clippy::cast_possible_truncation, reason = "rounding is the point")]
fn round(x: f64) -> f32 {
    x as f32
}

/// +0 where the magnitude is below the smallest normal number.
fn flushed(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
}
