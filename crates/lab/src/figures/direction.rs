//! How near an averaged gradient is to the full one, and how late.

use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::direction::{Direction, Distance};

/// Distances of the velocity from the full gradient, over β: all of it, the noise, and the lag.
pub(super) fn figure() -> Result<Figure, Failure> {
    let momenta = [0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99];
    let found = Direction::default().run(&momenta)?;
    // By the gradients that are averaged, whose logarithm spreads out the values near 1.
    let points = |value: fn(&Distance) -> f64| -> Vec<_> {
        let gradients = |beta: f64| (1.0 + beta) / (1.0 - beta);
        found.iter().map(|distance| (gradients(distance.momentum), value(distance))).collect()
    };
    // A lag of none has no logarithm.
    let of_lag = |points: Vec<(f64, f64)>| points.into_iter().filter(|(_, y)| 1e-4 < *y).collect();
    let series = vec![
        Series::theory("its noise", Ink::Plain, points(|distance| distance.noise.sqrt())),
        Series::theory("its lag", Ink::Fourth, of_lag(points(|distance| distance.lag.theory))),
        Series::theory("both", Ink::Text, points(|distance| distance.square.theory.sqrt())),
        Series::dots("measured", Ink::Momentum, points(|distance| distance.square.measured.sqrt())),
        Series::dots("lag, measured", Ink::Third, of_lag(points(clear_lag))),
    ];
    let axes = [
        Axis::log("gradients that are averaged, (1 + β)/(1 − β)"),
        Axis::log("distance from the full gradient"),
    ];
    let near = found.iter().min_by(|a, b| a.square.measured.total_cmp(&b.square.measured));
    let near = near.map_or(0.0, |distance| distance.momentum);
    Ok(Figure::new("direction", "Less noise, more lag", axes, series).see(format!(
        "The more mini-batch gradients the velocity averages the less of their noise it has, and \
         the later it is: nearest to the full gradient is β = {near:.2} here.",
    )))
}

/// A lag that stands out of what noise is left in it.
fn clear_lag(Distance { lag, .. }: &Distance) -> f64 {
    if 20.0 * lag.error < lag.measured { lag.measured } else { f64::NAN }
}
