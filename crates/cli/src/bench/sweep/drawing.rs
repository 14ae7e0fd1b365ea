//! A sweep as drawings.

use ravine_lab::figures::{Axis, Chart, Ink, Mark, Scale, Series};

use super::grid::Family;
use super::{Point, share};
use crate::case::number;

/// Shares of the limit by size, a curve a line.
pub(super) fn drawing(family: &Family, points: &[Vec<Point>]) -> String {
    let inks = [Ink::Plain, Ink::Momentum, Ink::Third];
    let curve = |points: &Vec<Point>| {
        points.iter().map(|(size, timing)| (number(*size), 100.0 * share(timing))).collect()
    };
    let series = family.lines.iter().zip(points).zip(inks).map(|((line, points), ink)| {
        let mark = if family.is_log { Mark::Path } else { Mark::Line };
        Series { name: &line.name, ink, mark, points: curve(points) }
    });
    let scale = if family.is_log { Scale::Log } else { Scale::Linear };
    let share = "of the arithmetic limit, %";
    Chart {
        x: Axis::new("size", scale),
        y: Axis { range: Some([0.0, 105.0]), ..Axis::new(share, Scale::Linear) },
        series: series.collect(),
        aspect: 0.6,
    }
    .draw()
}
