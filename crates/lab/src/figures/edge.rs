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
    // By equal steps of the logarithm up to just beyond the edge, and closer and closer to what
    // theory calls an edge, where the rate changes at once.
    let places = |n: u32, nesterov: bool| {
        let edge = if nesterov { Edge::Nesterov } else { Edge::Steep }.product(MOMENTUM);
        let close = (1..=2 * n).flat_map(move |i| {
            let aside = 0.4_f64.powf(f64::from(i) * 16.0 / f64::from(2 * n));
            [edge * (1.0 - aside), edge * (1.0 + aside / 8.0)]
        });
        let even = (0..=n).map(|i| 4.2 * 1e4_f64.powf(f64::from(i) / f64::from(n) - 1.0));
        let mut places: Vec<_> = even.chain(close).filter(|&place| 4.2e-4 <= place).collect();
        places.sort_by(f64::total_cmp);
        places
    };
    // What is not shown breaks a line.
    let shown = |rate: f64| if (SHOWN[0]..SHOWN[1]).contains(&rate) { rate } else { f64::NAN };
    let mut series = Vec::new();
    for (name, ink, nesterov) in
        [("momentum 0.9", Ink::Momentum, false), ("with Nesterov's step", Ink::Fourth, true)]
    {
        let theory = |product| Ok((product, shown(mode(product, nesterov)?.log_rate())));
        let theory = places(400, nesterov).into_iter().map(theory);
        let theory = theory.collect::<Result<Vec<_>, Failure>>()?;
        let cell = |product| Ok((product, shown(Cell::run(mode(product, nesterov)?).measured)));
        let measured = places(30, nesterov).into_iter().map(cell);
        let measured = measured.collect::<Result<Vec<_>, Failure>>()?;
        let measured = measured.into_iter().filter(|(_, rate)| rate.is_finite()).collect();
        let told = if nesterov { "" } else { "theory" };
        series.push(Series::theory(told, Ink::Text, theory));
        series.push(Series::dots(name, ink, measured));
    }
    let axes = [Axis::log("αλ"), Axis::linear("ln ρ").within(SHOWN[0], SHOWN[1])];
    Ok(Figure::new("edges", "One rate for most of the ravine", axes, series).see(format!(
        "From αλ = {:.4}, where oscillation starts, almost to the edge of stability at {:.1} the \
         rate is √β whatever the curvature, and there it grows beyond 1 at once; Nesterov's step is \
         faster from αλ = {:.4} until close to its own edge at {:.2}.",
        Edge::Onset.product(MOMENTUM),
        Edge::Steep.product(MOMENTUM),
        // From where its roots are complex their modulus is √(β(1 − αλ)).
        ((1.0 - MOMENTUM) / (1.0 + MOMENTUM)).powi(2),
        Edge::Nesterov.product(MOMENTUM),
    )))
}
