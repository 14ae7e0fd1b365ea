//! Beyond bowls: hills, and a curved valley.

use super::chapter::{Chapter, Table, steps};
use super::course::thinned;
use super::{Axis, Figure, Ink, Mark, Series};
use crate::Failure;
use crate::valley::{Curved, Descended, Hilly};

/// Rosenbrock's valley, and hills that stop plain descent.
pub(super) fn chapter() -> Result<Chapter, Failure> {
    let (hilly, curved) = (Hilly::default(), Curved::default());
    let share = |momentum| hilly.share(momentum).map(|share| format!("{:.0} %", 100.0 * share));
    let rows = [["plain descent".into(), share(0.0)?], ["momentum 0.9".into(), share(0.9)?]];
    let table = Table::new(
        ["hills: starts that reach the minimum", "share"],
        rows,
        "Small bumps on a wide bowl stop plain descent; momentum rolls over them from most starts.",
    );
    let valley = valley(&curved.descend(0.0)?, &curved.descend(0.9)?);
    Ok(Chapter::new("Beyond bowls", vec![valley]).with(table))
}

/// Two paths through Rosenbrock's valley, whose floor is the parabola y = x².
fn valley(plain: &Descended, momentum: &Descended) -> Figure {
    let floor = (-75..=75).map(|i| f64::from(i) / 50.0).map(|x| (x, x * x)).collect();
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
