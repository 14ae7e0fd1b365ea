//! Functions of one number: ReLU and its mask in bits, the others near the truth in `f64`.
//!
//! The contract fixes polynomials, and leaves open which. So the law here is closeness; that the
//! bits are the same on every level is a matter of comparing levels with each other: replace
//! [`Trial::expected`] by one level's results, and run the others with [`Agreement::Bits`].

pub mod truth;

use std::fmt;

use crate::deck;
use crate::failure::hold;
use crate::values::Words;
use crate::{Agreement, Checked, Draw, Extent, Failure, Guarded, lengths, round};

/// A program that maps numbers.
pub trait Kernel {
    /// Overwrites `y` with the function of `x`. For [`Function::ReluMask`], `y` holds ∂L/∂y and
    /// becomes ∂L/∂x.
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
}

/// Where GELU's tail begins.
const TAIL: f32 = -12.9;

/// A map, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// The function.
    pub function: Function,
    /// Number of elements.
    pub length: usize,
    /// Where `y` and `x` lie past a cache line, in elements.
    pub offsets: [usize; 2],
    /// Which numbers: at places that are drawn hostile ones, at others some between −20 and 20.
    pub seed: u64,
}

/// A case with its operands, and what comes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The case.
    pub case: Case,
    /// What `y` holds before: NaN, or ∂L/∂y.
    pub y: Vec<f32>,
    /// The arguments.
    pub x: Vec<f32>,
    /// The truth, rounded.
    pub expected: Vec<f32>,
}

impl Function {
    /// All of them; a new one comes last, since programs in other languages know them by their
    /// places.
    pub const ALL: [Self; 9] = [
        Self::Exp,
        Self::Ln,
        Self::Tanh,
        Self::Sigmoid,
        Self::Gelu,
        Self::GeluTail,
        Self::Relu,
        Self::ReluMask,
        Self::Erf,
    ];

    /// How close to the truth, rounded, a result must be: no farther than the contract's own
    /// functions are at any of the 2³² arguments.
    #[must_use]
    pub fn agreement(self) -> Agreement {
        match self {
            Self::Exp | Self::Ln | Self::Tanh | Self::Erf => Agreement::Ulps(1),
            Self::Sigmoid => Agreement::Ulps(2),
            Self::Gelu | Self::GeluTail => Agreement::Ulps(4),
            Self::Relu | Self::ReluMask => Agreement::Bits,
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
        }
    }

    /// An argument, from any number.
    fn argument(self, x: f32) -> f32 {
        match self {
            Self::Gelu if x <= TAIL => -x,
            Self::GeluTail => TAIL - x.abs(),
            _ => x,
        }
    }
}

/// The cases of an extent: every function at all [`lengths`].
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    let kinds = Function::ALL.into_iter().flat_map(move |function| {
        lengths(extent, 4096).chain([100_003]).map(move |length| (function, length))
    });
    let mut offsets = deck::offsets();
    kinds.zip(0..).map(move |((function, length), seed)| Case {
        function,
        length,
        offsets: offsets(),
        seed,
    })
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

impl Case {
    /// Draws the operands, and maps them in `f64`.
    #[must_use]
    pub fn trial(self) -> Trial {
        let draw = |draw: Draw, operand| draw.values(16 * self.seed + operand, self.length);
        let (near, far) = (draw(Draw::Ordinary, 0), draw(Draw::Hostile, 1));
        // Drawn and not in turn, so that every lane meets both.
        let mut sides = Words::new(16 * self.seed + 4);
        let x = near.iter().zip(far).map(|(&near, far)| {
            self.function.argument(if sides.word() >> 63 == 0 { far } else { 1.25 * near })
        });
        let x: Vec<f32> = x.collect();
        let y = match self.function {
            Function::ReluMask => draw(Draw::Hostile, 2),
            _ => vec![f32::NAN; self.length],
        };
        let expected = x.iter().zip(&y).map(|(&x, &y)| self.function.truth(x, y)).collect();
        Trial { case: self, y, x, expected }
    }
}

impl Trial {
    /// Runs a kernel on slices at the case's offsets, `y` between canaries.
    ///
    /// # Errors
    ///
    /// If an element is not as expected, or was written outside `y`.
    pub fn run(&self, kernel: &mut impl Kernel, agreement: Agreement) -> Result<(), Failure> {
        let [at_y, at_x] = self.case.offsets;
        let (mut y, x) = (Guarded::new(&self.y, at_y), Guarded::new(&self.x, at_x));
        kernel.map(self.case.function, y.values_mut(), x.values());
        hold(&y, &self.expected, agreement)
            .map_err(|cause| Failure::new(&self.case, None, "y", cause))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, length, offsets: [y, x], seed } = self;
        write!(f, "function {function}, length {length}, offsets {y} {x}, seed {seed}")
    }
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
        })
    }
}
