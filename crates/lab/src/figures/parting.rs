//! Where the forms of momentum are one run, and where they part.

use super::chapter::{Chapter, Table};
use super::course::by_step;
use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::descent::Basin;
use crate::parting::{Agreement, Parting, comparisons};

/// How far forms are apart through one ravine, and a table of what is equal.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let basin = Basin::new(12, 100.0)?;
    let mut found = Vec::new();
    for comparison in comparisons() {
        found.push((comparison, comparison.run(&basin)?));
    }
    let rows = found.iter().map(|(comparison, parting)| {
        let [measured, theory] = parting.most();
        let agreement = match comparison.agreement {
            Agreement::Bits => "bit for bit",
            Agreement::Rounding => "to rounding",
            Agreement::Parts => "parts",
        };
        [comparison.name.into(), agreement.into(), distance(measured), distance(theory)]
    });
    let table = Table::new(
        ["classic (or Nesterov's) beside", "", "apart, in f32", "in f64"],
        rows,
        "The largest difference of a parameter in 240 steps from a distance of 1, at the learning \
         rate that the conversion names.",
    );
    let drawn: Vec<_> = found
        .iter()
        .filter(|(comparison, _)| DRAWN.iter().any(|(name, _)| *name == comparison.name))
        .map(|(comparison, parting)| (comparison.name, parting))
        .collect();
    Ok(Chapter::new("Seven rules, or one", vec![apart(&drawn)]).with(table))
}

/// The comparisons that are drawn.
const DRAWN: [(&str, Ink); 4] = [
    ("ema, β = 0.9", Ink::Plain),
    ("ema, β rising", Ink::Momentum),
    ("ema, β rising, carried", Ink::Third),
    ("sutskever, α falling", Ink::Fourth),
];

fn apart(found: &[(&str, &Parting)]) -> Figure {
    // What is equal has no logarithm.
    let points = |apart: &[f64]| -> Vec<_> {
        by_step(apart).into_iter().filter(|(_, y)| 1e-10 < *y).collect()
    };
    let mut told = "the same in f64";
    let mut series = Vec::new();
    for (name, ink) in DRAWN {
        for (_, parting) in found.iter().filter(|(found, _)| *found == name) {
            series.push(Series::line(name, ink, points(&parting.measured)));
            let theory = points(&parting.theory);
            if !theory.is_empty() {
                series.push(Series::theory(std::mem::take(&mut told), Ink::Text, theory));
            }
        }
    }
    let axes = [Axis::linear("step"), Axis::log("largest difference from the classic form")];
    Figure::new("partings", "Annealing parts the forms", axes, series).see(
        "At constant rates the forms are one run but for rounding, and but for the dampened one, \
         whose first gradient is whole. Where β rises the averaging \
         form parts from the classic one, and where α falls Sutskever's does, by a hundredth of \
         the way and more, unless the velocity is carried over.",
    )
}

/// A distance, where there is one.
fn distance(distance: f64) -> String {
    if distance > 0.0 { format!("{distance:.1e}") } else { "0".into() }
}
