//! Friction: a ball that overshoots, creeps, or comes to rest.

use super::chapter::{Chapter, Table};
use super::course::thinned;
use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::friction::{Friction, Swing};

/// Steps that are drawn.
const SHOWN: usize = 400;

/// Balls of several momenta beside the damped oscillator.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let friction = Friction::default();
    let momenta = [
        (0.8, Ink::Plain),
        (friction.critical(), Ink::Third),
        (0.98, Ink::Momentum),
        (0.995, Ink::Fourth),
    ];
    let swing = |(beta, ink)| Ok((beta, ink, friction.swing(beta)?));
    let swings: Vec<(f64, Ink, Swing)> =
        momenta.map(swing).into_iter().collect::<Result<_, Failure>>()?;
    let points = |course: &[f64]| {
        let course = &course[..SHOWN.min(course.len())];
        thinned(&course.iter().zip(0..).map(|(&x, t)| (f64::from(t), x)).collect::<Vec<_>>())
    };
    let mut series = Vec::new();
    for (beta, ink, swing) in &swings {
        series.push(Series::line(format!("β = {beta:.3}"), *ink, points(&swing.course)));
    }
    for (_, _, swing) in &swings {
        let name = if series.len() == swings.len() { "oscillator, in f64" } else { "" };
        series.push(Series::theory(name, Ink::Text, points(&swing.theory)));
    }
    let axes = [Axis::linear("step"), Axis::linear("distance from the minimum, as let go at 1")];
    let figure = Figure::new("friction", "Momentum is friction turned down", axes, series).see(
        "A small β creeps as through honey, a large one swings past the minimum and back, and the \
         critical one between them arrives first; each lies on the damped oscillator of theory.",
    );
    let rows = swings.iter().map(|(beta, _, swing)| {
        let settled = swing.settled.map_or("too many".into(), |steps| steps.to_string());
        [format!("{beta:.4}"), format!("{:.1} %", 100.0 * swing.overshoot), settled]
    });
    let table = Table::new(
        ["β", "overshoot", "steps to rest"],
        rows,
        "At rest is within a hundredth of where the ball was let go, for good; αλ is a thousandth.",
    );
    Ok(Chapter::new("A ball with friction", vec![figure]).with(table))
}
