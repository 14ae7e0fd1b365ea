//! Sums in `f64` whose tree depends on the length alone.
//!
//! Element i of a leaf of 4096 is added to lane i mod 32; the lanes are folded 16 + 16, 8 + 8,
//! 4 + 4, 2 + 2, 1 + 1; the leaves are added in a balanced binary tree over their index, whose
//! left half has the odd leaf. No elements give 0.

use std::fmt;

use crate::deck;
use crate::{Agreement, Checked, Draw, Extent, Failure, Guarded, compare, lengths};

/// Elements of a leaf.
const LEAF: usize = 4096;

/// A program that adds up.
pub trait Kernel {
    /// Adds up `terms` of `x`, and of `y` where they are [products](Terms::Products); it is empty
    /// elsewhere.
    fn sum(&mut self, terms: Terms, x: &[f32], y: &[f32]) -> f64;
}

/// What is added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Terms {
    /// `Σ xᵢ`.
    Values,
    /// `Σ xᵢ²`.
    Squares,
    /// `Σ xᵢ·yᵢ`.
    Products,
}

/// A sum, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// What is added up.
    pub terms: Terms,
    /// Number of elements.
    pub length: usize,
    /// Where `x` and `y` lie past a cache line, in elements.
    pub offsets: [usize; 2],
    /// What kind of numbers they are.
    pub draw: Draw,
    /// Which of that kind: `x` is of seed 16·`seed`, `y` of 16·`seed` + 1.
    pub seed: u64,
}

/// A case with its operands, and what comes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The case.
    pub case: Case,
    /// The first operand.
    pub x: Vec<f32>,
    /// The second; empty where there is none.
    pub y: Vec<f32>,
    /// The sum.
    pub expected: f64,
}

/// The sum of `terms` by its definition.
///
/// # Examples
///
/// ```
/// // Lanes 0 and 16 meet before lane 8 is added.
/// let mut terms = [0.0; 32];
/// (terms[0], terms[16], terms[8]) = (1e16, -1e16, 1.0);
/// assert_eq!(ravine_conformance::sum::tree(&terms), 1.0);
/// ```
#[must_use]
pub fn tree(terms: &[f64]) -> f64 {
    if terms.len() > LEAF {
        let (left, right) = terms.split_at(middle(terms.len()));
        return tree(left) + tree(right);
    }
    let mut lanes = [0.0; 32];
    for (i, term) in terms.iter().enumerate() {
        lanes[i % 32] += term;
    }
    for half in [16, 8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

/// Where a tree over the leaves of `len` elements is halved.
pub(crate) fn middle(len: usize) -> usize {
    LEAF * len.div_ceil(LEAF).div_ceil(2)
}

/// The cases of an extent: every kind of terms at all [`lengths`] around leaves, with every kind
/// of numbers.
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    let lengths = lengths(extent, LEAF).chain([5 * LEAF + 33, 100_003]);
    let kinds = lengths.flat_map(|length| {
        [Terms::Values, Terms::Squares, Terms::Products].map(|terms| (length, terms))
    });
    let kinds = kinds.flat_map(move |(length, terms)| {
        let draws: &[_] = match extent {
            // Seven shares no factor with the lanes, so every remainder has its turn.
            Extent::Quick if length % 7 == 1 => &[Draw::Wide, Draw::Hostile],
            Extent::Quick => &[Draw::Wide],
            Extent::Full => &[Draw::Ordinary, Draw::Wide, Draw::Hostile],
        };
        draws.iter().map(move |&draw| (length, terms, draw))
    });
    let mut offsets = deck::offsets();
    kinds.zip(0..).map(move |((length, terms, draw), seed)| Case {
        terms,
        length,
        offsets: offsets(),
        draw,
        seed,
    })
}

/// Holds a kernel to the tree in every case.
///
/// # Errors
///
/// At the first sum that is not as expected.
pub fn check(
    kernel: &mut impl Kernel,
    cases: impl IntoIterator<Item = Case>,
    agreement: Agreement,
) -> Result<Checked, Failure> {
    Checked::count(cases, |case| case.trial().run(kernel, agreement))
}

impl Case {
    /// Draws the operands, and adds up by the definition.
    #[must_use]
    pub fn trial(self) -> Trial {
        let x = self.draw.values(16 * self.seed, self.length);
        let with_y = if self.terms == Terms::Products { self.length } else { 0 };
        let y = self.draw.values(16 * self.seed + 1, with_y);
        let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
        let terms = match self.terms {
            Terms::Values => wide(&x),
            Terms::Squares => wide(&x).into_iter().map(|x| x * x).collect(),
            Terms::Products => wide(&x).into_iter().zip(wide(&y)).map(|(x, y)| x * y).collect(),
        };
        Trial { case: self, x, y, expected: tree(&terms) }
    }
}

impl Trial {
    /// Runs a kernel on slices at the case's offsets.
    ///
    /// # Errors
    ///
    /// If the sum is not as expected.
    pub fn run(&self, kernel: &mut impl Kernel, agreement: Agreement) -> Result<(), Failure> {
        let [at_x, at_y] = self.case.offsets;
        let (x, y) = (Guarded::new(&self.x, at_x), Guarded::new(&self.y, at_y));
        let found = kernel.sum(self.case.terms, x.values(), y.values());
        compare(&[self.expected], &[found], agreement)
            .map_err(|mismatch| Failure::new(&self.case, None, "sum", mismatch))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { terms, length, offsets: [x, y], draw, seed } = self;
        let terms = match terms {
            Terms::Values => "values",
            Terms::Squares => "squares",
            Terms::Products => "products",
        };
        write!(f, "sum of {terms}, length {length}, offsets {x} {y}, {draw} seed {seed}")
    }
}
