//! Regressions on data that someone collected.

use std::time::Duration;

use super::chapter::{Chapter, Table, steps};
use super::course::by_step;
use super::{Axis, Figure, Ink, Mark, Series};
use crate::Regressed;
use crate::real::{Descent, GOAL};

/// A course for each regression, and their steps.
pub(super) fn chapter(regressions: &[Regressed]) -> Chapter {
    let rows =
        regressions.iter().flat_map(|Regressed { name, condition, plain, momentum, .. }| {
            [("plain descent", plain), ("momentum", momentum)].map(|(what, descent)| {
                let (measured, exact) = (steps(descent.measured), descent.exact.to_string());
                let condition = format!("{condition:.0}");
                [(*name).into(), condition, what.into(), exact, measured, clock(descent.took)]
            })
        });
    let head = ["data", "condition", "descent", "exact steps", "steps in f32", "time"];
    let figures = regressions.iter().map(regression).collect();
    let words = "Steps until the coefficients stay within a thousandth, and what those of the \
                 kernels take on this machine with one thread.";
    Chapter::new("Real data", figures).with(Table::new(head, rows, words))
}

/// A time by the clock.
fn clock(took: Option<Duration>) -> String {
    took.map_or("not timed".into(), |took| format!("{:.3} ms", 1e3 * took.as_secs_f64()))
}

/// Relative error of the coefficients of a regression, by step.
fn regression(Regressed { name, condition, plain, momentum, .. }: &Regressed) -> Figure {
    let series = |name, ink, descent: &Descent| Series::line(name, ink, by_step(&descent.course));
    let end = plain.course.iter().fold(0.0, |end, _| end + 1.0);
    let goal = Series::line("goal", Ink::Text, vec![(1.0, GOAL), (end, GOAL)]).marked(Mark::Faint);
    let all = vec![
        goal,
        series("plain descent", Ink::Plain, plain),
        series("momentum", Ink::Momentum, momentum),
    ];
    let axes = [Axis::log("step"), Axis::log("relative error of the coefficients")];
    let title = format!("Regression on {name}");
    Figure::new(name, &title, axes, all).see(format!(
        "Condition {condition:.0}: momentum has the coefficients to a thousandth after {} \
             steps, plain descent after {}.",
        steps(momentum.measured),
        steps(plain.measured)
    ))
}
