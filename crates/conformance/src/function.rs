//! Functions of one number, and what they do to a gradient on its way back: what is plain
//! arithmetic of `f32` in bits, the others near the truth in `f64`.
//!
//! | function | `x` | what comes back of `dy` |
//! |---|---|---|
//! | [`ReluMask`](Function::ReluMask) | the argument | `dy` where `x > 0`, else +0 |
//! | [`TanhSlope`](Function::TanhSlope) | its tanh | `dy·((1 − x)·(1 + x))` |
//! | [`SigmoidSlope`](Function::SigmoidSlope) | its sigmoid | `dy·(x·(1 − x))` |
//! | [`GeluSlope`](Function::GeluSlope) | the argument | `dy·(Φ(x) + x·φ(x))` |
//!
//! The contract fixes polynomials, and leaves open which. So where there are any the law is
//! closeness; that the bits are the same on every level is a matter of comparing levels with each
//! other: replace [`Trial::expected`] by one level's results, and run the others with
//! [`Agreement::Bits`].

mod case;
pub mod truth;

use std::fmt;

pub use self::case::{Case, Trial, cases};
use crate::{Agreement, Checked, Failure, round};

/// A program that maps numbers.
pub trait Kernel {
    /// Overwrites `y` with the function of `x`. Where the function [takes a
    /// gradient](Function::takes_gradient), `y` holds ∂L/∂y and becomes ∂L/∂x.
    fn map(&mut self, function: Function, y: &mut [f32], x: &[f32]);
}

/// A function of one number. Within n ulp is n `f32`s or fewer from the truth rounded to the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Function {
    /// `eˣ`, within 1 ulp.
    Exp,
    /// `ln x`, within 1 ulp; NaN below zero.
    Ln,
    /// `tanh x`, within 1 ulp.
    Tanh,
    /// `1 / (1 + e⁻ˣ)`, within 2 ulp.
    Sigmoid,
    /// `x·Φ(x)`, Φ the normal distribution, within 4 ulp; above −12.9.
    Gelu,
    /// The same below −12.9, where Φ nears the subnormal numbers.
    GeluTail,
    /// `x` where `x > 0`, else +0.
    Relu,
    /// `dy` where `x > 0`, else +0.
    ReluMask,
    /// The error function `2/√π · ∫ e^(−u²) du` from 0 to x, within 1 ulp.
    Erf,
    /// `dy·((1 − x)·(1 + x))`, each operation rounded: the derivative of tanh, where `x` is what
    /// that gave.
    TanhSlope,
    /// `dy·(x·(1 − x))`, each operation rounded: the derivative of the sigmoid, where `x` is what
    /// that gave.
    SigmoidSlope,
    /// `dy·(Φ(x) + x·φ(x))`, φ the normal density and `dy` 1 or −1, [near](Agreement::Near) by 7
    /// ulp, each at least 2⁻²⁶: the terms cancel at −0.75. The derivative of GELU, above −1.5.
    GeluSlope,
    /// The same below −1.5, near by 6 ulp, each at least 2⁻¹⁴⁸: below −13.1, φ is subnormal.
    GeluSlopeTail,
}

/// Where GELU's tail begins.
const TAIL: f32 = -12.9;
/// Where its slope's does.
const SLOPE_TAIL: f32 = -1.5;

impl Function {
    /// All of them; a new one comes last, since programs in other languages know them by their
    /// places.
    pub const ALL: [Self; 13] = [
        Self::Exp,
        Self::Ln,
        Self::Tanh,
        Self::Sigmoid,
        Self::Gelu,
        Self::GeluTail,
        Self::Relu,
        Self::ReluMask,
        Self::Erf,
        Self::TanhSlope,
        Self::SigmoidSlope,
        Self::GeluSlope,
        Self::GeluSlopeTail,
    ];

    /// Whether it takes a gradient back: as masks and slopes do.
    #[must_use]
    pub fn takes_gradient(self) -> bool {
        let slopes = [Self::TanhSlope, Self::SigmoidSlope, Self::GeluSlope, Self::GeluSlopeTail];
        self == Self::ReluMask || slopes.contains(&self)
    }

    /// How close to the truth, rounded, a result must be: no farther than the contract's own
    /// functions are at any of the 2³² arguments.
    #[must_use]
    pub fn agreement(self) -> Agreement {
        match self {
            Self::Exp | Self::Ln | Self::Tanh | Self::Erf => Agreement::Ulps(1),
            Self::Sigmoid => Agreement::Ulps(2),
            Self::Gelu | Self::GeluTail => Agreement::Ulps(4),
            // Ulp of 1/8, and of 2⁻¹²⁵.
            Self::GeluSlope => Agreement::Near { ulps: 7, least: f64::from(f32::EPSILON) / 8.0 },
            Self::GeluSlopeTail => Agreement::Near { ulps: 6, least: f64::from(f32::from_bits(2)) },
            Self::Relu | Self::ReluMask | Self::TanhSlope | Self::SigmoidSlope => Agreement::Bits,
        }
    }

    /// The function of `x`, where `dy` is ∂L/∂y.
    fn truth(self, x: f32, dy: f32) -> f32 {
        let wide = f64::from(x);
        match self {
            Self::Exp => round(wide.exp()),
            Self::Ln => round(wide.ln()),
            Self::Tanh => round(wide.tanh()),
            Self::Sigmoid => round(truth::sigmoid(wide)),
            Self::Gelu | Self::GeluTail => round(truth::gelu(wide)),
            Self::Erf => round(truth::erf(wide)),
            // By the bits: compared as numbers, a compiler may take the larger of two instead,
            // which for a signaling NaN is a NaN on some CPUs.
            Self::Relu => {
                if (1..=f32::INFINITY.to_bits()).contains(&x.to_bits()) {
                    x
                } else {
                    0.0
                }
            }
            Self::ReluMask => {
                if x > 0.0 {
                    dy
                } else {
                    0.0
                }
            }
            Self::TanhSlope => dy * ((1.0 - x) * (1.0 + x)),
            Self::SigmoidSlope => dy * (x * (1.0 - x)),
            Self::GeluSlope | Self::GeluSlopeTail => round(f64::from(dy) * truth::gelu_slope(wide)),
        }
    }

    /// An argument, from any number.
    fn argument(self, x: f32) -> f32 {
        match self {
            Self::Gelu if x <= TAIL => -x,
            Self::GeluTail => TAIL - x.abs(),
            // What tanh and the sigmoid can give.
            Self::TanhSlope if x.abs() > 1.0 => 1.0 / x,
            Self::SigmoidSlope if x.abs() > 1.0 => 1.0 / x.abs(),
            Self::SigmoidSlope => x.abs(),
            Self::GeluSlope if x < SLOPE_TAIL => -x,
            Self::GeluSlopeTail => SLOPE_TAIL - x.abs(),
            _ => x,
        }
    }

    /// What `y` holds before, from any number.
    fn before(self, y: f32) -> f32 {
        match self {
            // Whose product with a slope is as near the truth as the slope is.
            Self::GeluSlope | Self::GeluSlopeTail => 1_f32.copysign(y),
            _ if self.takes_gradient() => y,
            _ => f32::NAN,
        }
    }
}

/// Holds a kernel to the truth in every case, as closely as [`Function::agreement`] says.
///
/// # Errors
///
/// At the first element that is not as expected, and at the first write outside `y`.
pub fn check(
    kernel: &mut impl Kernel,
    cases: impl IntoIterator<Item = Case>,
) -> Result<Checked, Failure> {
    Checked::count(cases, |case| case.trial().run(kernel, case.function.agreement()))
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exp => "exp",
            Self::Ln => "ln",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Gelu => "gelu",
            Self::GeluTail => "gelu below -12.9",
            Self::Relu => "relu",
            Self::ReluMask => "relu's mask",
            Self::Erf => "erf",
            Self::TanhSlope => "tanh's slope",
            Self::SigmoidSlope => "sigmoid's slope",
            Self::GeluSlope => "gelu's slope",
            Self::GeluSlopeTail => "gelu's slope below -1.5",
        })
    }
}
