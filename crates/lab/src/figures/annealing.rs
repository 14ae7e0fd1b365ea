//! Is it better to start with little momentum?

use ravine::momentum::Form;
use ravine::simd::{Level, Par};

use super::chapter::{Chapter, Table};
use super::course::by_step;
use super::rival::told;
use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::annealing::{Annealing, on_digits};
use crate::digits::{Digits, Trained};
use crate::noise::Means;
use crate::rival::Rival;

const CLASSIC: Form = Form::Classic { nesterov: false };

/// Rising against constant momentum: on a ravine, and on the digits.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let found = Annealing::default().on_ravine()?;
    let steps_on = |rival: &Rival| {
        let form = if rival.recipe.form == CLASSIC { "classic" } else { "ema" };
        let [measured, predicted] = told(&rival.passage);
        [form.into(), rival.name.into(), measured, predicted]
    };
    let descents = Table::new(
        ["form", "momentum", "steps in f32", "in f64"],
        found.iter().map(steps_on),
        "Steps until a thousandth of the way is left; a descent that has grown a million times is \
         given up. The average's rate is that at which it is the classic form for β = 0.9: a \
         smaller β makes its steps larger, and too large while momentum is on its way up.",
    );
    let learned = Table::new(
        ["digits, momentum", "loss, training rows", "held-out rows", "read, %"],
        on_seeds()?,
        "Five epochs of the perceptron, momentum rising over the first two: means of eight seeds, \
         and their standard errors. 0.9 throughout fits the training rows best; on rows held out a \
         momentum that rises does no worse, and differs less from seed to seed.",
    );
    Ok(Chapter::new("Start with little momentum?", vec![ravine(&found)])
        .with(descents)
        .with(learned))
}

/// Seeds of the perceptron.
const SEEDS: u64 = 8;

/// What the perceptron has learned of the digits with each momentum, a row each.
fn on_seeds() -> Result<Vec<[String; 4]>, Failure> {
    let runs = (0..SEEDS).map(|seed| {
        let digits = Digits { epochs: 5, seed, ..Digits::default() };
        on_digits(digits, Level::detect(), Par::Seq)
    });
    let runs: Vec<_> = runs.collect::<Result<_, _>>()?;
    let names = runs.iter().take(1).flatten().map(|(name, _)| *name);
    let row = |(i, name): (usize, &str)| {
        let mean = |value: fn(&Trained) -> f64, digits: usize| {
            let mut means = Means::new(runs.len());
            means.add(runs.iter().map(|run| value(&run[i].1)));
            let [mean, error] = means.mean();
            format!("{mean:.digits$} ± {error:.digits$}")
        };
        let read = |trained: &Trained| 100.0 * trained.test.accuracy.unwrap_or_default();
        [
            name.into(),
            mean(|trained| trained.train.loss, 4),
            mean(|trained| trained.test.loss, 4),
            mean(read, 1),
        ]
    };
    Ok(names.enumerate().map(row).collect())
}

fn ravine(found: &[Rival]) -> Figure {
    let inks = [Ink::Plain, Ink::Momentum, Ink::Third, Ink::Fourth];
    let classic = |rival: &&Rival| rival.recipe.form == CLASSIC;
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
