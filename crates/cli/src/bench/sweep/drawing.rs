//! A sweep as drawings.

use ravine_lab::figures::{Axis, Figure, Ink, Mark, Series};

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
        Series::line(&line.name, ink, curve(points)).marked(mark)
    });
    let size = if family.is_log { Axis::log("size") } else { Axis::linear("size") };
    let share = Axis::linear("of the arithmetic limit, %").within(0.0, 105.0);
    let name = family.file.trim_end_matches(".svg");
    Figure::new(name, "Products by their size", [size, share], series.collect()).svg()
}
