//! Matrix products, each element one chain of fused multiply-adds in the order of k.
//!
//! ```text
//! c = 0;  for p in 0..k:  c ← fma(aᵢₚ, bₚⱼ, c)
//! ```
//!
//! Over samples, more than 4096 of them are cut into leaves, one chain each, which are added in a
//! balanced binary tree over their index, whose left half has the odd leaf. No terms give +0.

use std::fmt;

use crate::deck;
use crate::failure::hold;
use crate::sum::middle;
use crate::{Agreement, Checked, Draw, Extent, Failure, Guarded, mul_add};

/// Samples of a leaf.
const LEAF: usize = 4096;

/// A program that multiplies matrices, all of them row by row.
pub trait Kernel {
    /// Overwrites `c`, m × n, with the product of `a` and `b`; [`Kind`] says of which.
    fn product(&mut self, kind: Kind, shape: Shape, c: &mut [f32], a: &[f32], b: &[f32]);
}

/// What is multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum Kind {
    /// `C = A·B`, A m × k, B k × n, one chain an element.
    Plain,
    /// `C = Aᵀ·B`, A k × m, B k × n, chains over leaves of the k samples.
    OverSamples,
    /// `C = 1ᵀ·B`, B k × n and m = 1, in the same leaves; `a` is empty.
    ColumnSums,
}

/// Sizes of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shape {
    /// Rows of C.
    pub m: usize,
    /// Terms of each element.
    pub k: usize,
    /// Columns of C.
    pub n: usize,
}

/// A product, as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Case {
    /// What is multiplied.
    pub kind: Kind,
    /// The sizes.
    pub shape: Shape,
    /// Where C, A and B lie past a cache line, in elements.
    pub offsets: [usize; 3],
    /// What kind of numbers A and B are.
    pub draw: Draw,
    /// Which of that kind: A is of seed 16·`seed`, B of 16·`seed` + 1.
    pub seed: u64,
}

/// A case with its operands, and what comes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// The case.
    pub case: Case,
    /// A, row by row; empty for [`Kind::ColumnSums`].
    pub a: Vec<f32>,
    /// B, row by row.
    pub b: Vec<f32>,
    /// C, row by row.
    pub expected: Vec<f32>,
}

/// One chain, by its definition.
#[must_use]
pub fn chain(factors: &[(f32, f32)]) -> f32 {
    factors.iter().fold(0.0, |sum, &(a, b)| mul_add(a, b, sum))
}

/// Chains over leaves of 4096 samples and their tree, by its definition.
#[must_use]
pub fn chain_over_samples(factors: &[(f32, f32)]) -> f32 {
    if factors.len() <= LEAF {
        return chain(factors);
    }
    let (left, right) = factors.split_at(middle(factors.len()));
    chain_over_samples(left) + chain_over_samples(right)
}

/// The cases of an extent: around tiles and blocks, with few rows, columns or terms, with a chain
/// of several thousand, and large enough for threads.
pub fn cases(extent: Extent) -> impl Iterator<Item = Case> {
    const QUICK: [[usize; 3]; 13] = [
        [0, 3, 4],
        [3, 0, 4],
        [1, 1, 1],
        [1, 40, 5],
        [5, 40, 1],
        [2, 3, 17],
        [14, 9, 48],
        [15, 33, 49],
        [25, 70, 31],
        [48, 100, 7],
        [3, 8209, 9],
        [130, 70, 50],
        // For eight threads, as the last of the others.
        [170, 161, 155],
    ];
    const SAMPLES: [[usize; 3]; 7] = [
        [3, 1, 5],
        [10, 64, 20],
        [3, 4097, 2],
        [2, 4096, 3],
        [4, 12_300, 17],
        [9, 20_000, 2],
        [5, 33_000, 26],
    ];
    const COLUMNS: [usize; 3] = [1, 33_000, 129];
    let edges = [1, 2, 3, 5, 7, 8, 12, 13, 16, 25, 33, 40];
    let full = edges.into_iter().flat_map(move |m| edges.map(|n| [m, (3 * m + 5 * n) % 41, n]));
    let full = full.chain([[97, 301, 33], [200, 5000, 3], [600, 300, 5], [50, 1000, 33]]);
    let plain = QUICK.into_iter().chain(full.filter(move |_| extent == Extent::Full));
    let plain = plain.map(|shape| (Kind::Plain, shape));
    let samples = SAMPLES
        .into_iter()
        .flat_map(|shape @ [_, k, n]| [(Kind::OverSamples, shape), (Kind::ColumnSums, [1, k, n])])
        .chain([(Kind::ColumnSums, COLUMNS)]);
    let draws = plain.chain(samples).flat_map(|(kind, [m, k, n])| {
        let draws: &[_] = match m * k * n {
            0..10_000 => &[Draw::Ordinary, Draw::Wide, Draw::Hostile],
            _ => &[Draw::Wide],
        };
        draws.iter().map(move |&draw| (kind, Shape { m, k, n }, draw))
    });
    let mut offsets = deck::offsets();
    draws.zip(0..).map(move |((kind, shape, draw), seed)| Case {
        kind,
        shape,
        offsets: offsets(),
        draw,
        seed,
    })
}

/// Holds a kernel to the chains in every case.
///
/// # Errors
///
/// At the first element that is not as expected, and at the first write outside C.
pub fn check(
    kernel: &mut impl Kernel,
    cases: impl IntoIterator<Item = Case>,
    agreement: Agreement,
) -> Result<Checked, Failure> {
    Checked::count(cases, |case| case.trial().run(kernel, agreement))
}

impl Case {
    /// Draws the operands, and multiplies by the definition.
    #[must_use]
    pub fn trial(self) -> Trial {
        let Shape { m, k, n } = self.shape;
        let a_len = if self.kind == Kind::ColumnSums { 0 } else { m * k };
        let a = self.draw.values(16 * self.seed, a_len);
        let b = self.draw.values(16 * self.seed + 1, k * n);
        let element = |i: usize, j: usize| {
            let factor = |p: usize| match self.kind {
                Kind::Plain => a[i * k + p],
                Kind::OverSamples => a[p * m + i],
                Kind::ColumnSums => 1.0,
            };
            let factors: Vec<_> = (0..k).map(|p| (factor(p), b[p * n + j])).collect();
            match self.kind {
                Kind::Plain => chain(&factors),
                Kind::OverSamples | Kind::ColumnSums => chain_over_samples(&factors),
            }
        };
        let expected = (0..m * n).map(|at| element(at / n, at % n)).collect();
        Trial { case: self, a, b, expected }
    }
}

impl Trial {
    /// Runs a kernel on slices at the case's offsets, C between canaries and full of NaN.
    ///
    /// # Errors
    ///
    /// If an element is not as expected, or was written outside C.
    pub fn run(&self, kernel: &mut impl Kernel, agreement: Agreement) -> Result<(), Failure> {
        let Case { kind, shape, offsets: [at_c, at_a, at_b], .. } = self.case;
        let (a, b) = (Guarded::new(&self.a, at_a), Guarded::new(&self.b, at_b));
        let mut c = Guarded::new(&vec![f32::NAN; shape.m * shape.n], at_c);
        kernel.product(kind, shape, c.values_mut(), a.values(), b.values());
        hold(&c, &self.expected, agreement)
            .map_err(|cause| Failure::new(&self.case, None, "c", cause))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, shape: Shape { m, k, n }, offsets: [c, a, b], draw, seed } = self;
        match kind {
            Kind::Plain => write!(f, "product {m}x{k} by {k}x{n}")?,
            Kind::OverSamples => write!(f, "product over {k} samples, {m}x{n}")?,
            Kind::ColumnSums => write!(f, "column sums over {k} samples, {n}")?,
        }
        write!(f, ", offsets {c} {a} {b}, {draw} seed {seed}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Multiply-adds that are worth a thread to a kernel; one that asks for more has fewer threads
    /// here than it is told.
    const SHARE: usize = 1 << 19;

    #[test]
    fn every_kind_has_a_case_for_eight_threads_in_every_extent() {
        for extent in [Extent::Quick, Extent::Full] {
            for kind in [Kind::Plain, Kind::OverSamples, Kind::ColumnSums] {
                let work = |case: Case| case.shape.m * case.shape.k * case.shape.n;
                let most = cases(extent).filter(|case| case.kind == kind).map(work).max();
                assert!(most >= Some(8 * SHARE), "{extent:?}, {kind:?}: {most:?}");
            }
        }
    }

    #[test]
    fn leaves_are_chains_of_their_own() {
        // A chain would lose the ones beside the first term.
        let mut factors = vec![(1.0, 1.0); LEAF + 2];
        factors[0] = (33_554_432.0, 1.0);
        assert_eq!(chain(&factors).to_bits(), 33_554_432_f32.to_bits());
        assert_eq!(chain_over_samples(&factors).to_bits(), 33_554_432_f32.to_bits());
        factors[LEAF] = (3.0, 1.0);
        factors[LEAF + 1] = (3.0, 1.0);
        assert_eq!(chain_over_samples(&factors).to_bits(), 33_554_440_f32.to_bits());
    }
}
