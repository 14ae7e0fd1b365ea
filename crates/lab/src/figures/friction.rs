//! Friction: a ball that overshoots, creeps, or comes to rest.

use super::chapter::{Chapter, Table};
use super::course::thinned;
use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::friction::{Friction, Rest, Swing};

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
        let name = if series.len() == swings.len() { "theory, in f64" } else { "" };
        series.push(Series::theory(name, Ink::Text, points(&swing.theory)));
    }
    let axes = [Axis::linear("step"), Axis::linear("distance from the minimum, as let go at 1")];
    let figure = Figure::new("friction", "Momentum is friction turned down", axes, series).see(
        "A small β creeps as through honey, a large one swings past the minimum and back, and the \
         critical one between them arrives first. Each lies on theory; those that swing are the \
         damped oscillator.",
    );
    let rows = swings.iter().map(|(beta, _, swing)| {
        let told = |Rest { overshoot, settled }: Rest| {
            let settled = settled.map_or("too many".into(), |steps| steps.to_string());
            [format!("{:.1} %", 100.0 * overshoot), settled]
        };
        let ([overshoot, settled], [theory, steps]) = (told(swing.measured), told(swing.predicted));
        [format!("{beta:.4}"), overshoot, theory, settled, steps]
    });
    let table = Table::new(
        ["β", "overshoot", "theory", "steps to rest", "theory"],
        rows,
        "At rest is within a hundredth of where the ball was let go, for good; αλ is a thousandth.",
    );
    let [settling, overshoot] = over_friction(&friction)?;
    Ok(Chapter::new("A ball with friction", vec![figure, settling, overshoot]).with(table))
}

/// Steps to rest over the friction 1 − β, and how far beyond the minimum the ball goes.
fn over_friction(friction: &Friction) -> Result<[Figure; 2], Failure> {
    // Evenly by the logarithm of the friction 1 − β.
    let momenta = (0..=60).map(|i| 1.0 - 0.3 * 0.01_f64.powf(f64::from(i) / 60.0));
    let swings = momenta.map(|beta| friction.swing(beta)).collect::<Result<Vec<_>, _>>()?;
    let series = |value: fn(Rest) -> f64| {
        let points = |rest: fn(&Swing) -> Rest| -> Vec<_> {
            let point = |swing: &Swing| (1.0 - swing.mode.momentum(), value(rest(swing)));
            swings.iter().map(point).collect()
        };
        vec![
            Series::dots("measured", Ink::Momentum, points(|swing| swing.measured)),
            Series::theory("theory", Ink::Text, points(|swing| swing.predicted)),
        ]
    };
    let critical = 1.0 - friction.critical();
    let steps = series(|rest| rest.settled.map_or(f64::NAN, |steps| steps as f64));
    let axes = [Axis::log("friction 1 − β"), Axis::linear("steps to rest")];
    let settling = Figure::new("settling", "The right friction is soonest at rest", axes, steps)
        .see(format!(
            "With much friction the ball creeps, with little it swings: soonest at rest it is just \
             below the critical friction of {critical:.3}, where the first overshoot stays within \
             a hundredth.",
        ));
    let shares = series(|rest| 100.0 * rest.overshoot);
    let axes = [Axis::log("friction 1 − β"), Axis::linear("overshoot, % of where it was let go")];
    let overshoot = Figure::new("overshoot", "Less friction goes further beyond", axes, shares)
        .see(format!(
            "Below the critical friction of {critical:.3} the ball goes beyond the minimum, the \
             further the less there is of it; above, never.",
        ));
    Ok([settling, overshoot])
}
