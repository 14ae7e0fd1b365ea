//! The forms' race through one ravine.

use super::chapter::{Chapter, Table, steps};
use super::course::by_step;
use super::{Axis, Figure, Ink, Series};
use crate::race::Finish;

/// The race's courses, and what every form came to.
pub(super) fn chapter(condition: f64, finishes: &[Finish]) -> Chapter {
    let rows = finishes.iter().map(|finish| {
        [
            finish.name.into(),
            format!("{:.4}", finish.optimum.lr),
            format!("{:.4}", finish.optimum.momentum),
            steps(finish.measured),
            finish.predicted.to_string(),
            format!("{:.0}", finish.asymptotic),
            format!("{:.4}", finish.optimum.rate),
        ]
    });
    let table = Table::new(
        ["form", "α", "β", "steps", "in f64", "by rate", "rate ρ"],
        rows,
        "‘In f64’ are the steps of the same recurrence, which theory predicts. The rate ρ is the \
         modulus of its largest root; ‘by rate’ are the steps if every step shrank the error by \
         it, which a start far from the slowest direction, a double root, or the long first steps \
         of the unbiased average make wrong.",
    );
    let title = format!("A ravine of condition {condition:.0}");
    Chapter::new(title, vec![race(finishes)]).with(table)
}

/// Excess loss by step, of plain descent and of three forms of momentum.
#[must_use]
pub fn race(finishes: &[Finish]) -> Figure {
    let drawn = [
        ("plain descent", Ink::Plain),
        ("classic", Ink::Momentum),
        ("classic, Nesterov", Ink::Third),
        ("quasi-hyperbolic, ν = 0.7", Ink::Fourth),
    ];
    let series = drawn.iter().filter_map(|&(name, ink)| {
        let finish = finishes.iter().find(|finish| finish.name == name)?;
        // The curves are of interest until they arrive.
        let end = finish.measured.unwrap_or(u64::MAX).saturating_add(1);
        let end = usize::try_from(end).map_or(finish.course.len(), |end| end);
        let course = &finish.course[..end.min(finish.course.len())];
        Some(Series::line(name, ink, by_step(course)))
    });
    let axes = [Axis::log("step"), Axis::log("loss above the noise floor, as a share of it")];
    Figure::new("race", "Four forms race to the floor", axes, series.collect()).see(
        "Each form at its own best rates, until the loss stays within a ten-thousandth of the \
         noise floor: what would take plain descent thousands of steps takes classic momentum and \
         Nesterov's a fifteenth of them, and the quasi-hyperbolic mixture a sixth.",
    )
}
