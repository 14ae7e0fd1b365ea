//! Is it better to start with little momentum?

use ravine::momentum::Form;
use ravine::simd::{Level, Par};

use super::chapter::{Chapter, Table};
use super::course::by_step;
use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::annealing::{Annealing, on_digits};
use crate::digits::Digits;
use crate::rival::Rival;

/// Rising against constant momentum: on a ravine, and on the digits.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let found = Annealing::default().on_ravine()?;
    let trained = on_digits(Digits { epochs: 5, ..Digits::default() }, Level::detect(), Par::Seq)?;
    let rows = trained.iter().map(|(name, trained)| {
        let accuracy = 100.0 * trained.test.accuracy.unwrap_or_default();
        [
            (*name).into(),
            format!("{:.4}", trained.train.loss),
            format!("{:.4}", trained.test.loss),
            format!("{accuracy:.1} %"),
        ]
    });
    let table = Table::new(
        ["digits, momentum", "loss, training rows", "held-out rows", "read"],
        rows,
        "Five epochs of the perceptron, momentum rising over the first two.",
    );
    Ok(Chapter::new("Start with little momentum?", vec![ravine(&found)]).with(table))
}

fn ravine(found: &[Rival]) -> Figure {
    let inks = [Ink::Plain, Ink::Momentum, Ink::Third, Ink::Fourth];
    let classic = |rival: &&Rival| rival.recipe.form == (Form::Classic { nesterov: false });
    let mut series = Vec::new();
    for (rival, ink) in found.iter().filter(classic).zip(inks) {
        let course = |i: usize| -> Vec<f64> {
            rival.passage.course.iter().map(|distances| distances[i]).collect()
        };
        series.push(Series::line(rival.name, ink, by_step(&course(0))));
        let told = if series.len() == 1 { "the same in f64" } else { "" };
        series.push(Series::theory(told, Ink::Text, by_step(&course(1))));
    }
    let axes = [Axis::log("step"), Axis::log("distance from the minimum, share of the first")];
    Figure::new("annealing", "Momentum that rises", axes, series).see(
        "In a ravine whose gradient is exact, momentum that rises from 0.5 to 0.9 lies between the \
         two constant ones: nothing is won by starting with little.",
    )
}
