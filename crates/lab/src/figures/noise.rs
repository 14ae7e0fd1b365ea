//! What momentum does to noise.

use super::chapter::{Chapter, Table};
use super::{Axis, Figure, Ink, Series, direction};
use crate::Failure;
use crate::noise::{Noise, Variance};

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
        "At one effective rate α/(1 − β) = 0.1 both parameters tremble about the minimum alike: \
         momentum buys speed along the ravine, not a lower noise floor.",
    );
    Ok(Chapter::new("Noise", vec![variance(&averages), direction::figure()?]).with(table))
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
