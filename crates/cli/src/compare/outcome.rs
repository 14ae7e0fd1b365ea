//! What the comparison of two files found.

use serde::Serialize;

use super::distance::Ulps;
use super::distribution::{Bucket, Distribution};
use super::matched::{Course, Matched, Unmatched};
use super::number::{Kind, Value};
use super::pair::{self, BLOCK, Pair, Passing, Tally};
use crate::progress::Progress;

/// The result of a comparison, as scripts read it.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// What the files call a tensor.
    #[serde(skip)]
    pub(super) noun: &'static str,
    /// Whether nothing is unmatched and all bits are the same.
    pub(super) equal: bool,
    /// Whether nothing is unmatched and every element passes.
    pub(super) passes: bool,
    /// Whether elements were rounded to another type before they were compared.
    #[serde(skip)]
    pub(super) rounded: bool,
    /// Elements compared.
    pub(super) elements: u64,
    /// Elements whose bits differ.
    pub(super) differing: u64,
    /// Elements that differ beyond what passes.
    pub(super) failing: u64,
    pub(super) max_ulps: Ulps,
    pub(super) max_relative: Value,
    /// The first element that differs.
    pub(super) first: Option<Difference>,
    /// The first element that differs beyond what passes.
    pub(super) first_failing: Option<Difference>,
    /// Elements by their distance.
    pub(super) distribution: Vec<Bucket>,
    /// Tensors that both files hold.
    pub(super) tensors: Vec<Line>,
    /// What only one file holds, or both in other shapes or types.
    pub(super) unmatched: Vec<Unmatched>,
    /// What is no difference by itself.
    pub(super) notes: Vec<String>,
}

/// A tensor's share of the result.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) tensor: String,
    /// The type in which elements were compared.
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) elements: u64,
    pub(super) differing: u64,
    pub(super) failing: u64,
    pub(super) max_ulps: Ulps,
    pub(super) max_relative: Value,
    /// The first element that is as far apart as any.
    pub(super) farthest: Option<Place>,
}

/// Where an element is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// The step of training.
    pub(super) step: Option<u64>,
    /// The index in every dimension; in a trace, the row of A from 0.
    pub(super) index: Vec<usize>,
    /// The index where the last dimension runs fastest.
    pub(super) flat: usize,
}

/// An element that differs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Difference {
    pub(super) tensor: String,
    #[serde(flatten)]
    pub(super) place: Place,
    pub(super) a: Value,
    pub(super) b: Value,
    /// Bits in hexadecimal.
    pub(super) a_bits: String,
    /// Bits in hexadecimal.
    pub(super) b_bits: String,
    pub(super) ulps: Ulps,
    pub(super) relative: Value,
}

impl Outcome {
    /// Compares all that can be compared.
    pub(super) fn of(matched: Matched, passing: Passing) -> Self {
        let Matched { noun, pairs, unmatched, mut notes, course } = matched;
        let blocks = pairs.iter().map(|pair| pair.a.len().div_ceil(BLOCK) as u64);
        let mut progress = Progress::new(blocks.sum());
        let tallies = pairs.iter().map(|pair| pair.compare(passing, || progress.tick()));
        let tallies: Vec<Tally> = tallies.collect();
        let sum = |count: fn(&Tally) -> u64| tallies.iter().map(count).sum::<u64>();
        let (differing, failing, signs) =
            (sum(|tally| tally.differing), sum(|tally| tally.failing), sum(|tally| tally.signs));
        let mut distribution = Distribution::default();
        tallies.iter().for_each(|tally| distribution.merge(&tally.distribution));
        notes.extend(conversions(&pairs));
        if 0 < signs {
            notes.push(format!("zeros that differ in their sign alone, 0 ulps apart: {signs}"));
        }
        let first =
            |one: fn(&Tally) -> Option<&pair::Difference>| first(&pairs, &tallies, &course, one);
        let tensors = pairs.iter().zip(&tallies).map(|(pair, tally)| line(pair, tally, &course));
        Self {
            noun,
            rounded: pairs.iter().any(|pair| pair.a.kind != pair.b.kind),
            equal: differing == 0 && unmatched.is_empty(),
            passes: failing == 0 && unmatched.is_empty(),
            elements: pairs.iter().map(|pair| pair.a.len() as u64).sum(),
            differing,
            failing,
            max_ulps: tallies.iter().map(|tally| tally.max_ulps.0).max().unwrap_or(Ulps::Finite(0)),
            max_relative: Value::Double(
                tallies.iter().map(|tally| tally.max_relative).fold(0.0, f64::max),
            ),
            first: first(|tally| tally.first.as_ref()),
            first_failing: first(|tally| tally.first_failing.as_ref()),
            distribution: distribution.buckets(),
            tensors: tensors.collect(),
            unmatched,
            notes,
        }
    }
}

/// The first of the tensors' differences: by rows where each is a step, else by tensors.
fn first(
    pairs: &[Pair],
    tallies: &[Tally],
    course: &Course,
    one: fn(&Tally) -> Option<&pair::Difference>,
) -> Option<Difference> {
    let mut all = pairs.iter().zip(tallies).filter_map(|(pair, tally)| Some((pair, one(tally)?)));
    let (pair, found) = match course {
        Course::Still(_) => all.next()?,
        // The first of the columns where a row differs in several.
        Course::Rows(_) => all.min_by_key(|(_, difference)| difference.flat)?,
    };
    let [a, b] = pair.values(found);
    let hex = |kind: Kind, bits: u64| format!("0x{bits:0width$x}", width = 2 * kind.size());
    Some(Difference {
        tensor: pair.a.name.clone(),
        place: place(pair, found.flat, course),
        a,
        b,
        a_bits: hex(pair.a.kind, found.bits[0]),
        b_bits: hex(pair.b.kind, found.bits[1]),
        ulps: found.ulps,
        relative: Value::Double(found.relative),
    })
}

fn line(pair: &Pair, tally: &Tally, course: &Course) -> Line {
    let (max_ulps, farthest) = tally.max_ulps;
    Line {
        tensor: pair.a.name.clone(),
        kind: pair.kind.to_string(),
        elements: pair.a.len() as u64,
        differing: tally.differing,
        failing: tally.failing,
        max_ulps,
        max_relative: Value::Double(tally.max_relative),
        farthest: farthest.map(|flat| place(pair, flat, course)),
    }
}

fn place(pair: &Pair, flat: usize, course: &Course) -> Place {
    match course {
        Course::Still(step) => Place { step: *step, index: pair.a.index(flat), flat },
        Course::Rows(rows) => {
            let (row, step) = rows[flat];
            Place { step, index: vec![row], flat: row }
        }
    }
}

/// Which tensors were compared in a narrower type than one file has them in.
fn conversions(pairs: &[Pair]) -> Vec<String> {
    let mut counts: Vec<([String; 3], usize)> = Vec::new();
    for Pair { a, b, kind } in pairs.iter().filter(|pair| pair.a.kind != pair.b.kind) {
        let kinds = [a.kind, b.kind, *kind].map(|kind| kind.to_string());
        match counts.iter_mut().find(|(known, _)| *known == kinds) {
            Some((_, count)) => *count += 1,
            None => counts.push((kinds, 1)),
        }
    }
    let told = counts.into_iter().map(|([a, b, kind], count)| {
        format!("tensors that are {a} in A, {b} in B, rounded to {kind}: {count}")
    });
    told.collect()
}
