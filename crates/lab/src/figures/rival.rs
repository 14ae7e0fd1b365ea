//! Why not just a smaller learning rate?

use super::chapter::{Chapter, Table, steps};
use super::course::by_step;
use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::descent::Passage;
use crate::rival::Rivals;

/// Plain descent at smaller and at falling rates, and momentum.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let rivals = Rivals::default();
    let found = rivals.run()?;
    let drawn = [
        ("plain, the best rate", Ink::Plain),
        ("plain, a tenth of it", Ink::Fifth),
        ("plain, falling along a cosine", Ink::Fourth),
        ("momentum, the best rates", Ink::Momentum),
    ];
    let mut series = Vec::new();
    for (name, ink) in drawn {
        for rival in found.iter().filter(|rival| rival.name == name) {
            let course = |i: usize| -> Vec<f64> {
                rival.passage.course.iter().map(|distances| distances[i]).collect()
            };
            series.push(Series::line(name, ink, by_step(&course(0))));
            if ink == Ink::Momentum {
                series.push(Series::theory("the same in f64", Ink::Text, by_step(&course(1))));
            }
        }
    }
    let axes = [Axis::log("step"), Axis::log("distance from the minimum, share of the first")];
    let figure = Figure::new("rivals", "Smaller steps do not help", axes, series).see(
        "Every learning rate below the best makes plain descent slower, and one that falls to a \
         hundredth makes the rest of the way a hundred times as long: what the ravine asks for is \
         not a smaller step, but memory.",
    );
    let rows = found.iter().map(|rival| {
        let [measured, predicted] = told(&rival.passage);
        [rival.name.into(), measured, predicted]
    });
    let words = format!(
        "Condition {:.0}, until the distance stays below a thousandth of the first; where it did \
         not within {} steps, how much of it was left. A descent that has grown a million times is \
         given up.",
        rivals.condition, rivals.most
    );
    let table = Table::new(["descent", "steps in f32", "in f64"], rows, words);
    Ok(Chapter::new("Why not just a smaller learning rate?", vec![figure]).with(table))
}

/// Steps to the goal by the kernels and in `f64`, or what became of a descent that has not reached it.
pub(super) fn told(Passage { measured, predicted, course }: &Passage) -> [String; 2] {
    let last = course.last().copied().unwrap_or_default();
    [(*measured, last[0]), (*predicted, last[1])].map(|(found, last)| match found {
        None if last < 1.0 => format!("{last:.3} left"),
        None => "grows".into(),
        found => steps(found),
    })
}
