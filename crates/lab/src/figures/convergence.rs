//! Rates of convergence, measured on the diagonal of theory.

use super::{Axis, Chapter, Figure, Heat, Ink, Mark, Series};
use crate::Failure;
use crate::convergence::{Grid, Tells};
use crate::grid;

/// Measured against predicted rates, and the rate over α and β.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let cells = Grid::default().run()?;
    let told = cells.iter().filter(|cell| cell.tells() == Tells::Rate);
    let points = |momentum: f64| -> Vec<_> {
        let of = told.clone().filter(|cell| (cell.mode.momentum() - momentum).abs() < 1e-3);
        of.map(|cell| (-cell.theory, -cell.measured)).collect()
    };
    let mut series = vec![Series::theory("theory", Ink::Text, vec![(1e-5, 1e-5), (3.0, 3.0)])];
    for (momentum, ink) in
        [(0.0, Ink::Plain), (0.5, Ink::Third), (0.9, Ink::Momentum), (0.99, Ink::Fourth)]
    {
        series.push(Series::dots(format!("β = {momentum}"), ink, points(momentum)));
    }
    let axes = [Axis::log("−ln ρ by theory"), Axis::log("−ln ρ measured")];
    let measured = Figure::new("rates", "Every rate is that of theory", axes, series).see(
        "Each dot is a descent by the kernels at one α, β and curvature, of ravines of condition 10 to \
         10⁶; over more than four powers of ten its rate is the one that the roots of \
         z² − (1 + β − αλ)z + β have.",
    );
    Ok(Chapter::new("How fast, exactly", vec![measured, map()]))
}

/// The rate ρ in a ravine of condition 30, over α and β.
fn map() -> Figure {
    let lrs: Vec<f64> = (1..=39).map(|tenths| f64::from(tenths) / 10.0).collect();
    let momenta: Vec<f64> = (0..20).map(|twentieths| f64::from(twentieths) / 20.0).collect();
    let condition = 30.0;
    let points = grid::Grid {
        lrs: lrs.clone(),
        momenta: momenta.clone(),
        conditions: vec![condition],
        steps: 0,
    };
    let rates = points.rates();
    let z: Vec<_> = (0..momenta.len())
        .map(|beta| {
            let row = (0..lrs.len()).map(|lr| rates[lr * momenta.len() + beta]);
            row.map(|rate| if rate < 1.0 { -rate.log10() } else { f64::NAN }).collect()
        })
        .collect();
    let heat = Heat { label: "−lg ρ".into(), x: lrs, y: momenta, z, range: [0.0, 0.18] };
    let root = f64::sqrt(condition);
    let (lr, momentum) = (2.0 / (1.0 + 1.0 / root), (root - 1.0) / (root + 1.0));
    let best = Series::dots("best, Polyak 1964", Ink::Plain, vec![(lr * lr, momentum * momentum)]);
    let edge = Series::theory("edge, αλ = 2 + 2β", Ink::Text, vec![(2.0, 0.0), (3.9, 0.95)]);
    let axes = [Axis::linear("learning rate α"), Axis::linear("momentum β")];
    let series = vec![edge, best.marked(Mark::Dots)];
    Figure::new("map", "The map of α and β", axes, series).over(heat).see(
        "Decimals gained a step in a ravine of condition 30: they fade towards small α and large \
         β, end at the edge of stability, and peak where Polyak's formula says.",
    )
}
