//! Elementary functions of slices, with the same bits on every level.
//!
//! Each writes `y ← f(x)` for every element.
//!
//! The errors stated are in units in the last place of the true value; those of subnormal values
//! are 2⁻¹⁴⁹. Units of GELU's slope are at least 2⁻²⁶, since its terms cancel at −0.75, and below
//! −1.5, where one of them is subnormal in the end, at least 2⁻¹⁴⁸. `cargo xtask accuracy` measures
//! them at all 2³² arguments against functions of `f64`, compares the bits of every other level
//! with those of the widest, writes the record `docs/accuracy.json`, and fails where an error is
//! larger than stated.
//!
//! | function | within, in ulp | farthest at |
//! |----------|----------------|-------------|
//! | [`exp`] | 1 | 70.4 |
//! | [`ln`] | 0.83 | 0.69998 |
//! | [`tanh`] | 1.34 | ±0.62831 |
//! | [`sigmoid`] | 1.68 | −1.11666 |
//! | [`erf`] | 1.43 | ±1.00689 |
//! | [`Activation::Gelu`] | 4.3 | −0.33624 |
//! | [its slope](Activation::backward) | 6.5 | −0.61876 |
//!
//! The functions of blocks behind [`exp`] and [`ln`], for kernels, are in [`crate::exp`].
//!
//! # Examples
//!
//! ```
//! use ravine_simd::{Level, Par};
//! use ravine_tensor::function;
//!
//! let mut y = [f32::NAN; 3];
//! function::erf(Level::detect(), Par::Seq, &mut y, &[-0.0, 0.5, f32::INFINITY]);
//! assert_eq!(y, [-0.0, 0.520_499_9, 1.0]);
//! ```

use ravine_simd::{Kernel, LANES, Level, Par, Simd, stream};

use crate::activation::{Activation, WORTH};
use crate::normal;

/// `eˣ`.
///
/// Within 1 ulp of the true value. +0 below −104, +∞ above 88.73, NaN for NaN.
///
/// # Panics
///
/// If `y` and `x` differ in length.
pub fn exp(level: Level, par: Par, y: &mut [f32], x: &[f32]) {
    map(level, par, y, x, Exp);
}

/// The natural logarithm.
///
/// Within 0.83 ulp of the true value. −∞ for zeros of either sign, NaN below zero and for NaN.
///
/// # Panics
///
/// If `y` and `x` differ in length.
pub fn ln(level: Level, par: Par, y: &mut [f32], x: &[f32]) {
    map(level, par, y, x, Ln);
}

/// The hyperbolic tangent.
///
/// Within 1.34 ulp of the true value. Odd to the last bit, −0 included; ±1 for ±∞, NaN for NaN.
///
/// # Panics
///
/// If `y` and `x` differ in length.
pub fn tanh(level: Level, par: Par, y: &mut [f32], x: &[f32]) {
    Activation::Tanh.forward(level, par, y, x);
}

/// The logistic function `1 / (1 + e⁻ˣ)`.
///
/// Within 1.68 ulp of the true value. +0 and 1 for −∞ and +∞, NaN for NaN.
///
/// # Panics
///
/// If `y` and `x` differ in length.
pub fn sigmoid(level: Level, par: Par, y: &mut [f32], x: &[f32]) {
    Activation::Sigmoid.forward(level, par, y, x);
}

/// The error function `2/√π · ∫ e^(−u²) du` from 0 to x.
///
/// Within 1.43 ulp of the true value. Odd to the last bit, −0 included; ±1 for ±∞, NaN for NaN.
///
/// # Panics
///
/// If `y` and `x` differ in length.
pub fn erf(level: Level, par: Par, y: &mut [f32], x: &[f32]) {
    map(level, par, y, x, Erf);
}

/// A function of one block. Mark every implementation `#[inline(always)]`.
trait Function: Copy + Send + Sync {
    fn of<S: Simd>(self, simd: S, x: S::F32) -> S::F32;
}

#[derive(Clone, Copy)]
struct Exp;
#[derive(Clone, Copy)]
struct Ln;
#[derive(Clone, Copy)]
struct Erf;

impl Function for Exp {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::F32) -> S::F32 {
        crate::exp::exp(simd, x)
    }
}

impl Function for Ln {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::F32) -> S::F32 {
        crate::exp::ln(simd, x)
    }
}

impl Function for Erf {
    #[inline(always)]
    fn of<S: Simd>(self, simd: S, x: S::F32) -> S::F32 {
        normal::erf(simd, x)
    }
}

fn map(level: Level, par: Par, y: &mut [f32], x: &[f32], f: impl Function) {
    assert_eq!(y.len(), x.len(), "y and x differ in length");
    let Some(cut) = par.worth(x.len(), WORTH).cut(x.len(), LANES) else {
        return level.run(Map { y, x, f });
    };
    let (y, y_right) = y.split_at_mut(cut.at);
    let (x, x_right) = x.split_at(cut.at);
    par.join(|| map(level, cut.left, y, x, f), || map(level, cut.right, y_right, x_right, f));
}

struct Map<'a, F> {
    y: &'a mut [f32],
    x: &'a [f32],
    f: F,
}

impl<F: Function> Kernel for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        stream::run(
            simd,
            [self.y],
            [self.x],
            #[inline(always)]
            |_, [x]| [self.f.of(simd, x)],
        );
    }
}
