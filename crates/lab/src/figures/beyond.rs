//! Beyond bowls: hills, and a curved valley.

use super::chapter::{Chapter, steps};
use super::course::thinned;
use super::{Axis, Figure, Ink, Mark, Series};
use crate::Failure;
use crate::valley::{Curved, Descended, Hilly, Share};

/// Rosenbrock's valley, and hills that stop plain descent.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let (hilly, curved) = (Hilly::default(), Curved::default());
    let valley = valley(&curved.descend(0.0)?, &curved.descend(0.9)?);
    let momenta = (0..20).map(|twentieth| f64::from(twentieth) / 20.0).chain([0.97, 0.99]);
    let shares = momenta.map(|beta| hilly.held(beta).map(|share| (beta, share)));
    let shares: Vec<_> = shares.collect::<Result<_, _>>()?;
    Ok(Chapter::new("Beyond bowls", vec![hills(&shares), valley]))
}

/// The share of starts from which the minimum is reached, by momentum.
fn hills(shares: &[(f64, Share)]) -> Figure {
    let points = |value: fn(&Share) -> f64| -> Vec<_> {
        shares.iter().map(|(beta, share)| (*beta, 100.0 * value(share))).collect()
    };
    let series = vec![
        Series::theory("the same descents in f64", Ink::Third, points(|share| share.theory)),
        Series::dots("measured", Ink::Momentum, points(|share| share.measured)),
    ];
    let axes = [
        Axis::linear("momentum β"),
        Axis::linear("starts that reach the minimum, %").within(0.0, 105.0),
    ];
    Figure::new("hills", "Rolling over hills", axes, series).see(
        "Small bumps on a wide bowl stop plain descent, β = 0, from four starts in five, and \
         momentum up to 0.8 from as many; beyond, it rolls over them from most, and may roll past \
         the minimum too.",
    )
}

/// Two paths through Rosenbrock's valley, whose floor is the parabola y = x².
fn valley(plain: &Descended, momentum: &Descended) -> Figure {
    let floor = (-74..=74).map(|i| f64::from(i) / 50.0).map(|x| (x, x * x)).collect();
    let walked = |name, ink, descended: &Descended| {
        let wide = |&[x, y]: &[f32; 2]| (f64::from(x), f64::from(y));
        let points: Vec<_> = descended.points.iter().map(wide).collect();
        Series::line(name, ink, thinned(&points))
    };
    let series = vec![
        Series::line("floor of the valley", Ink::Grid, floor),
        walked("plain descent", Ink::Plain, plain),
        walked("momentum", Ink::Momentum, momentum),
        Series::line("minimum", Ink::Text, vec![(1.0, 1.0)]).marked(Mark::Dots),
    ];
    let axes = [Axis::linear("x").within(-1.6, 1.6), Axis::linear("y").within(-0.6, 2.2)];
    Figure::new("valley", "Rosenbrock's valley", axes, series).see(format!(
        "Rosenbrock's valley at one learning rate: momentum 0.9 arrives after {} steps, plain \
         descent after {}.",
        steps(momentum.steps),
        steps(plain.steps)
    ))
}
