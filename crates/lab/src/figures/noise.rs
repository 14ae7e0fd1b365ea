//! What momentum does to noise.

use super::chapter::{Chapter, Table};
use super::{Axis, Figure, Ink, Series, direction};
use crate::Failure;
use crate::noise::{Noise, OnBowl, Variance};

/// The velocity's variance over β, and the parameter's with and without momentum.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let noise = Noise::default();
    let averages = [0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];
    let averages = averages.map(|beta| noise.at_rest(beta).map(|variance| (beta, variance)));
    let averages: Vec<_> = averages.into_iter().collect::<Result<_, _>>()?;
    let bowl = noise.on_bowl(0.1, 0.9)?;
    let row = |what: &str, variance: &Variance| {
        let Variance { measured, error, theory } = variance;
        [what.into(), format!("{measured:.5} ± {error:.5}"), format!("{theory:.5}")]
    };
    let rows = [
        row("velocity on the bowl", &bowl.velocity),
        row("parameter, momentum 0.9", &bowl.momentum),
        row("parameter, plain descent", &bowl.plain),
    ];
    let table = Table::new(
        ["variance under noise of 1", "measured", "theory"],
        rows,
        "At one effective rate α/(1 − β) = 0.1 both parameters tremble about the minimum alike, \
         to a twentieth: momentum buys speed along the ravine, not a lower noise floor.",
    );
    let figures = vec![direction::figure()?, variance(&averages), floors(&noise)?];
    Ok(Chapter::new("Noise", figures).with(table))
}

/// The variance of the parameter over the effective learning rate, with momentum and without.
fn floors(noise: &Noise) -> Result<Figure, Failure> {
    let lrs = (0..10).map(|i| 0.02 * 75_f64.powf(f64::from(i) / 9.0));
    let found = lrs.map(|lr| Ok((lr, noise.on_bowl(lr, 0.9)?)));
    let found: Vec<_> = found.collect::<Result<_, Failure>>()?;
    let points = |value: fn(&OnBowl) -> f64| -> Vec<_> {
        found.iter().map(|(lr, on_bowl)| (*lr, value(on_bowl))).collect()
    };
    let series = vec![
        Series::theory("theory", Ink::Text, points(|found| found.plain.theory)),
        Series::theory("", Ink::Text, points(|found| found.momentum.theory)),
        Series::dots("plain descent", Ink::Plain, points(|found| found.plain.measured)),
        Series::dots("momentum 0.9", Ink::Momentum, points(|found| found.momentum.measured)),
    ];
    let axes = [
        Axis::log("effective rate α/(1 − β), at curvature 1"),
        Axis::log("variance of the parameter, noise of 1"),
    ];
    Ok(Figure::new("floors", "The floor of noise", axes, series).see(
        "At one effective rate momentum and plain descent come to one floor of noise while the \
         rate is small; where it is large, plain descent is near its edge and momentum is not.",
    ))
}

/// The share of the noise that the average keeps, by momentum: measured on the curve of theory.
fn variance(measured: &[(f64, Variance)]) -> Figure {
    let theory = (0..100).map(|i| f64::from(i) / 100.0);
    let theory = theory.map(|beta| (beta, (1.0 - beta) / (1.0 + beta))).collect();
    let points = measured.iter().map(|(beta, variance)| (*beta, variance.measured)).collect();
    let series = vec![
        Series::theory("(1 − β) / (1 + β)", Ink::Third, theory),
        Series::dots("measured", Ink::Momentum, points),
    ];
    let label = "variance of the velocity, share of the gradient's";
    let axes = [Axis::linear("momentum β"), Axis::linear(label)];
    Figure::new("velocity-variance", "The velocity averages noise away", axes, series).see(
        "The velocity of the averaging form keeps the share of the gradient's noise that theory \
         says: the direction is averaged.",
    )
}
