//! A figure as an SVG element.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::canvas::{Area, Failure, LETTER, STROKE, WIDTH, drawn, words};
use super::figure::Heat;
use super::ink::{Ink, SHADES};
use super::legend::{Legend, letters};
use super::{Figure, Mark, Scale, Series};

type Context<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Ticked, Ticked>>;

impl Figure {
    /// The figure as an SVG element that brings its colors for dark ground along, and scales with
    /// whatever holds it.
    ///
    /// # Panics
    ///
    /// Never: a string takes every drawing.
    #[must_use]
    pub fn svg(&self) -> String {
        let legend = Legend::of(&self.series);
        let height = rounded(f64::from(WIDTH) * self.aspect) + legend.height();
        drawn(height, &self.title, |area| self.draw_on(area, &legend))
    }

    fn draw_on<'a>(&self, area: &Area<'a>, legend: &Legend<'_>) -> Result<(), Failure<'a>> {
        legend.draw(area)?;
        let label_at = (LETTER / 4, legend.height() + 3 * LETTER / 4);
        area.draw(&Text::new(&*self.y.label, label_at, words()))?;

        let (x, y) = self.spans();
        let (x_ticks, y_ticks) = (self.x.ticks(&x), self.y.ticks(&y));
        let longest = y_ticks.iter().map(|&tick| self.y.name(tick).chars().count()).max();
        let y_room = LETTER + letters(longest.unwrap_or(0));
        let mut chart = ChartBuilder::on(area)
            .margin_top(legend.height() + 3 * LETTER / 2)
            .margin_right(LETTER)
            .x_label_area_size(9 * LETTER / 4)
            .y_label_area_size(y_room)
            .build_cartesian_2d(
                Ticked { span: x.into(), ticks: x_ticks },
                Ticked { span: y.into(), ticks: y_ticks },
            )?;
        if let Some(heat) = &self.heat {
            self.shade(&mut chart, heat)?;
        }
        chart
            .configure_mesh()
            .bold_line_style(Ink::Grid.color().stroke_width(STROKE / 2))
            .light_line_style(TRANSPARENT)
            .axis_style(Ink::Grid.color().stroke_width(STROKE / 2))
            .label_style(words())
            .x_label_formatter(&|tick| self.x.name(*tick))
            .y_label_formatter(&|tick| self.y.name(*tick))
            .x_desc(&*self.x.label)
            .set_all_tick_mark_size(0)
            .draw()?;
        for series in &self.series {
            self.draw_series(&mut chart, series)?;
        }
        area.present()
    }

    /// The spans of both axes, in places.
    fn spans(&self) -> (std::ops::Range<f64>, std::ops::Range<f64>) {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let grid = |axis: fn(&Heat) -> &Vec<f64>| self.heat.iter().flat_map(axis).copied();
        let x = points().map(|point| point.0).chain(grid(|heat| &heat.x));
        let y = points().map(|point| point.1).chain(grid(|heat| &heat.y));
        // Bars stand on zero, and stems.
        let stands = |series: &Series| matches!(series.mark, Mark::Bars | Mark::Stems);
        let zero = self.series.iter().any(stands).then_some(0.0);
        let x = self.x.span(x.map(|x| self.x.place(x)));
        (x, self.y.span(y.chain(zero).map(|y| self.y.place(y))))
    }

    fn draw_series<'a>(
        &self,
        chart: &mut Context<'_, 'a>,
        series: &Series,
    ) -> Result<(), Failure<'a>> {
        let place = |&(x, y): &(f64, f64)| (self.x.place(x), self.y.place(y));
        let places: Vec<_> = series.points.iter().map(place).collect();
        let is_there = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
        let pieces = || places.split(|point| !is_there(point)).map(<[_]>::to_vec);
        let points = || places.iter().copied().filter(is_there);
        let color = series.ink.color();
        let stroke = color.stroke_width(STROKE);
        let dot = |at: (f64, f64)| Circle::new(at, STROKE, color.filled());
        match series.mark {
            Mark::Line => pieces()
                .try_for_each(|piece| chart.draw_series(LineSeries::new(piece, stroke)).map(drop)),
            Mark::Theory => pieces().try_for_each(|piece| {
                let (dash, gap) = (3 * STROKE, 2 * STROKE);
                chart.draw_series(DashedLineSeries::new(piece, dash, gap, stroke)).map(drop)
            }),
            Mark::Faint => {
                let thin = color.stroke_width(STROKE / 2);
                pieces()
                    .try_for_each(|piece| chart.draw_series(LineSeries::new(piece, thin)).map(drop))
            }
            Mark::Dots => chart.draw_series(points().map(dot)).map(drop),
            Mark::Path => {
                for piece in pieces() {
                    chart.draw_series(LineSeries::new(piece, stroke))?;
                }
                chart.draw_series(points().map(dot)).map(drop)
            }
            Mark::Stems => {
                let stem = |(x, y): (f64, f64)| PathElement::new([(x, 0.0), (x, y)], stroke);
                chart.draw_series(points().map(stem))?;
                chart.draw_series(points().map(dot)).map(drop)
            }
            Mark::Bars => {
                let half = 0.35 * least_gap(points().map(|point| point.0));
                let foot = if self.y.scale == Scale::Log { chart.y_range().start } else { 0.0 };
                let bar = |(x, y): (f64, f64)| {
                    Rectangle::new([(x - half, foot), (x + half, y)], color.filled())
                };
                chart.draw_series(points().map(bar)).map(drop)
            }
        }
    }

    fn shade<'a>(&self, chart: &mut Context<'_, 'a>, heat: &Heat) -> Result<(), Failure<'a>> {
        let x: Vec<_> = heat.x.iter().map(|&x| self.x.place(x)).collect();
        let y: Vec<_> = heat.y.iter().map(|&y| self.y.place(y)).collect();
        let (wide, high) = (least_gap(x.iter().copied()) / 2.0, least_gap(y.iter().copied()) / 2.0);
        let [from, to] = heat.range;
        for (&y, row) in y.iter().zip(&heat.z) {
            for (&x, &z) in x.iter().zip(row).filter(|(_, z)| z.is_finite()) {
                let share = ((z - from) / (to - from)).clamp(0.0, 1.0);
                let mut shades =
                    (0..SHADES).filter(|&shade| f64::from(shade) <= share * f64::from(SHADES));
                let ink = Ink::Shade(shades.next_back().unwrap_or(0)).color();
                let cell = [(x - wide, y - high), (x + wide, y + high)];
                chart.draw_series([Rectangle::new(cell, ink.filled())])?;
            }
        }
        Ok(())
    }
}

/// The least distance between two neighbors, or 1 where there are none.
fn least_gap(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let gaps = values.windows(2).map(|pair| pair[1] - pair[0]).filter(|&gap| gap > 0.0);
    gaps.reduce(f64::min).unwrap_or(1.0)
}

/// An axis whose ticks are given.
struct Ticked {
    span: RangedCoordf64,
    ticks: Vec<f64>,
}

impl Ranged for Ticked {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.span.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.span.range()
    }
}

impl ValueFormatter<f64> for Ticked {}

#[expect(clippy::cast_possible_truncation, reason = "a height of some thousands")]
fn rounded(value: f64) -> i32 {
    value.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Axis;

    const ALL: [Mark; 7] =
        [Mark::Line, Mark::Theory, Mark::Faint, Mark::Dots, Mark::Path, Mark::Stems, Mark::Bars];

    /// A figure of one series with a hole in it.
    fn figure(mark: Mark) -> Figure {
        let points = vec![(1.0, 1.0), (2.0, f64::NAN), (3.0, 2.0), (4.0, 4.0)];
        let series = Series::line("a < b", Ink::Plain, points).marked(mark);
        Figure::new("a", "A & B", [Axis::linear("x"), Axis::linear("y")], vec![series])
    }

    #[test]
    fn a_drawing_scales_and_brings_colors_for_dark_ground() {
        for mark in ALL {
            let svg = figure(mark).svg();
            assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{mark:?}: {svg}");
            assert!(svg.contains("viewBox=\"0 0 2080 "), "{mark:?}: {svg}");
            assert!(svg.contains("<title>A &amp; B</title>"), "{mark:?}: {svg}");
            assert!(svg.contains("@media (prefers-color-scheme: dark)"), "{mark:?}: {svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{mark:?}: {svg}");
            assert!(svg.contains("a &lt; b"), "{mark:?}: {svg}");
        }
    }

    #[test]
    fn every_mark_draws_each_point_that_is_there() {
        let count = |mark, part| figure(mark).svg().matches(part).count();
        for (mark, dots) in ALL.into_iter().zip([0, 0, 0, 3, 3, 3, 0]) {
            assert_eq!(count(mark, "<circle"), dots + usize::from(mark == Mark::Dots), "{mark:?}");
        }
        assert_eq!(count(Mark::Bars, "<rect"), 3 + 1, "a bar a point, and one in the legend");
        let [line, theory] = [Mark::Line, Mark::Theory].map(|mark| count(mark, "<polyline"));
        assert!(theory > line + 4, "a line of theory is made of dashes: {theory}, {line}");
    }

    #[test]
    fn a_field_has_a_cell_a_value_dark_where_it_is_high() {
        let heat = Heat {
            label: "z".into(),
            x: vec![1.0, 2.0],
            y: vec![1.0, 2.0],
            z: vec![vec![0.0, 1.0], vec![f64::NAN, 0.0]],
            range: [0.0, 1.0],
        };
        let svg = figure(Mark::Line).over(heat).svg();
        let cells = |shade: u8| {
            let [light, _] = Ink::Shade(shade).css();
            let cell = format!("fill=\"{light}\"");
            svg.lines().filter(|line| line.starts_with("<rect") && line.contains(&cell)).count()
        };
        assert_eq!([cells(0), cells(SHADES - 1)], [2, 1], "{svg}");
    }
}
