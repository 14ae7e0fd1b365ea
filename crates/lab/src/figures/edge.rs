//! Where momentum converges, where it oscillates, and what is lost beside the best rates.

use super::chapter::{Chapter, Table};
use super::{Axis, Figure, Ink, Series};
use crate::Failure;
use crate::best::Best;
use crate::convergence::Cell;
use crate::edge::Edge;
use crate::mode::Mode;

/// The momentum of the figure.
const MOMENTUM: f64 = 0.9;
/// What is drawn of ln ρ.
const SHOWN: [f64; 2] = [-0.4, 0.1];

/// The rate from edge to edge, and rates around the best.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let best = Best { condition: 100.0, aside: 0.04 };
    let rows = best.neighbors()?.map(|neighbor| {
        [
            format!("{:.2}", neighbor.lr),
            format!("{:.2}", neighbor.friction),
            format!("{:+.5}", neighbor.measured()),
            format!("{:+.5}", neighbor.theory()),
        ]
    });
    let table = Table::new(
        ["α, of the best", "1 − β, of the best", "ln ρ measured", "theory"],
        rows,
        format!(
            "The best rates at condition 100 have ln ρ = {:+.5}; all beside them are slower, and \
             a little more α grows.",
            best.optimum().rate.ln()
        ),
    );
    Ok(Chapter::new("From edge to edge", vec![rates()?]).with(table))
}

/// ln ρ over αλ, with Nesterov's step and without.
fn rates() -> Result<Figure, Failure> {
    let mode = |product: f64, nesterov: bool| {
        let mode = Mode::new(product, MOMENTUM, 1.0)?;
        Ok::<_, Failure>(if nesterov { mode.nesterov() } else { mode })
    };
    // By equal steps of the logarithm, up to just beyond the edge.
    let places =
        |n: u32| (0..=n).map(move |i| 4.2 * 1e4_f64.powf(f64::from(i) / f64::from(n) - 1.0));
    // What is not shown breaks a line.
    let shown = |rate: f64| if (SHOWN[0]..SHOWN[1]).contains(&rate) { rate } else { f64::NAN };
    let mut series = Vec::new();
    for (name, ink, nesterov) in
        [("momentum 0.9", Ink::Momentum, false), ("with Nesterov's step", Ink::Fourth, true)]
    {
        let theory = |product| Ok((product, shown(mode(product, nesterov)?.log_rate())));
        let theory = places(800).map(theory).collect::<Result<Vec<_>, Failure>>()?;
        let cell = |product| Ok((product, shown(Cell::run(mode(product, nesterov)?).measured)));
        let measured = places(60).map(cell).collect::<Result<Vec<_>, Failure>>()?;
        let measured = measured.into_iter().filter(|(_, rate)| rate.is_finite()).collect();
        series.push(Series::theory("", Ink::Text, theory));
        series.push(Series::dots(name, ink, measured));
    }
    let axes = [Axis::log("αλ"), Axis::linear("ln ρ").within(SHOWN[0], SHOWN[1])];
    Ok(Figure::new("edges", "One rate for most of the ravine", axes, series).see(format!(
        "From αλ = {:.4}, where oscillation starts, almost to the edge of stability at {:.1} the \
         rate is √β whatever the curvature; Nesterov's step has its edge at {:.2} and is faster \
         before it.",
        Edge::Onset.product(MOMENTUM),
        Edge::Steep.product(MOMENTUM),
        Edge::Nesterov.product(MOMENTUM),
    )))
}
