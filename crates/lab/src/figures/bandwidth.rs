//! How fast updates move their bytes, by length.

use super::{Axis, Chart, Ink, Mark, Scale, Series};
use crate::Bandwidth;

/// Bytes a second by the number of parameters, a curve a level; the faint one is what the machine
/// allows.
#[must_use]
pub fn bandwidth(curves: &[Bandwidth]) -> String {
    let inks = [Ink::Plain, Ink::Third, Ink::Fourth, Ink::Momentum];
    let points = |curve: &Bandwidth| curve.gb_per_s.clone();
    let mut series = Vec::new();
    for curve in curves.iter().filter(|curve| curve.is_limit) {
        let (name, mark) = (&*curve.name, Mark::Faint);
        series.push(Series { name, ink: Ink::Text, mark, points: points(curve) });
    }
    for (curve, ink) in curves.iter().filter(|curve| !curve.is_limit).zip(inks.into_iter().cycle())
    {
        series.push(Series { name: &curve.name, ink, mark: Mark::Path, points: points(curve) });
    }
    Chart {
        x: Axis::new("parameters", Scale::Log),
        y: Axis::new("gigabytes a second, read and written", Scale::Log),
        series,
        aspect: 0.6,
    }
    .draw()
}
