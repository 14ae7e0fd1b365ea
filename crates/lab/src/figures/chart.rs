//! The one drawing that all figures are made of.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::Axis;
use super::canvas::{Area, Failure, LETTER, WIDTH, drawn, words};
use super::ink::Ink;

/// Width of a stroke.
const STROKE: u32 = 4 * 2;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A line.
    Line,
    /// A thin line, for what the others are measured by.
    Faint,
    /// Dots.
    Dots,
    /// A line with a dot at each point.
    Path,
    /// A stem from zero to each point.
    Stems,
}

/// Points that belong together.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    /// What the legend calls it; nothing if empty.
    pub name: &'a str,
    /// Its color.
    pub ink: Ink,
    /// How it is drawn.
    pub mark: Mark,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// A chart of some series.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// The horizontal axis.
    pub x: Axis<'a>,
    /// The vertical axis; its label stands above it.
    pub y: Axis<'a>,
    /// The series, the first at the bottom.
    pub series: Vec<Series<'a>>,
    /// Height over width.
    pub aspect: f64,
}

impl Chart<'_> {
    /// The chart as an SVG element that brings its colors for dark ground along, and scales with
    /// whatever holds it.
    ///
    /// # Panics
    ///
    /// Never: a string takes every drawing.
    #[must_use]
    pub fn draw(&self) -> String {
        let legend = Legend::of(&self.series);
        let height = rounded(f64::from(WIDTH) * self.aspect) + legend.height();
        drawn(height, |area| self.draw_on(area, &legend))
    }

    fn draw_on<'a>(&self, area: &Area<'a>, legend: &Legend<'_>) -> Result<(), Failure<'a>> {
        legend.draw(area)?;
        let label_at = (LETTER / 4, legend.height() + 3 * LETTER / 4);
        area.draw(&Text::new(self.y.label, label_at, words()))?;

        let place = |&(x, y): &(f64, f64)| (self.x.place(x), self.y.place(y));
        let places: Vec<Vec<_>> = self
            .series
            .iter()
            .map(|series| {
                let placed = series.points.iter().map(place);
                placed.filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
            })
            .collect();
        let x = self.x.span(places.iter().flatten().map(|point| point.0));
        let y = self.y.span(places.iter().flatten().map(|point| point.1));
        let (x_ticks, y_ticks) = (self.x.ticks(&x), self.y.ticks(&y));
        let longest = y_ticks.iter().map(|&tick| self.y.name(tick).chars().count()).max();
        let y_room = LETTER + letters(longest.unwrap_or(0));
        let mut chart = ChartBuilder::on(area)
            .margin_top(legend.height() + 3 * LETTER / 2)
            .margin_right(LETTER)
            .x_label_area_size(9 * LETTER / 4)
            .y_label_area_size(y_room)
            .build_cartesian_2d(
                Ticked { span: x.clone().into(), ticks: x_ticks },
                Ticked { span: y.clone().into(), ticks: y_ticks },
            )?;
        chart
            .configure_mesh()
            .bold_line_style(Ink::Grid.color().stroke_width(STROKE / 2))
            .light_line_style(TRANSPARENT)
            .axis_style(Ink::Grid.color().stroke_width(STROKE / 2))
            .label_style(words())
            .x_label_formatter(&|tick| self.x.name(*tick))
            .y_label_formatter(&|tick| self.y.name(*tick))
            .x_desc(self.x.label)
            .set_all_tick_mark_size(0)
            .draw()?;
        for (series, points) in self.series.iter().zip(places) {
            let color = series.ink.color();
            let stroke = color.stroke_width(STROKE);
            let dot = |&at: &(f64, f64)| Circle::new(at, STROKE, color.filled());
            match series.mark {
                Mark::Line => chart.draw_series(LineSeries::new(points, stroke)).map(drop)?,
                Mark::Faint => {
                    let thin = color.stroke_width(STROKE / 2);
                    chart.draw_series(LineSeries::new(points, thin)).map(drop)?;
                }
                Mark::Dots => chart.draw_series(points.iter().map(dot)).map(drop)?,
                Mark::Path => {
                    chart.draw_series(LineSeries::new(points.clone(), stroke))?;
                    chart.draw_series(points.iter().map(dot))?;
                }
                Mark::Stems => {
                    let stem = |&(x, y): &(f64, f64)| PathElement::new([(x, 0.0), (x, y)], stroke);
                    chart.draw_series(points.iter().map(stem))?;
                    chart.draw_series(points.iter().map(dot))?;
                }
            }
        }
        area.present()
    }
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

/// Names of series in rows above the chart, so that they cover no curve.
struct Legend<'a> {
    rows: Vec<Vec<(i32, &'a Series<'a>)>>,
}

impl<'a> Legend<'a> {
    fn of(series: &'a [Series<'a>]) -> Self {
        let mut rows = Vec::<Vec<_>>::new();
        let mut end = WIDTH;
        for series in series.iter().filter(|series| !series.name.is_empty()) {
            let width = 2 * LETTER + letters(series.name.chars().count());
            if end + width > WIDTH {
                rows.push(Vec::new());
                end = LETTER / 4;
            }
            rows.last_mut().expect("the first series began a row").push((end, series));
            end += width + LETTER / 2;
        }
        Self { rows }
    }

    fn height(&self) -> i32 {
        let rows = i32::try_from(self.rows.len()).expect("a handful of rows");
        rows * (5 * LETTER / 4)
    }

    fn draw<'b>(&self, area: &Area<'b>) -> Result<(), Failure<'b>> {
        for (y, row) in (0..).map(|row| row * (5 * LETTER / 4) + 3 * LETTER / 4).zip(&self.rows) {
            for &(x, series) in row {
                let color = series.ink.color();
                let line = [(x, y), (x + LETTER, y)];
                match series.mark {
                    Mark::Dots => {
                        let at = (x + LETTER / 2, y);
                        area.draw(&Circle::new(at, STROKE, color.filled()))?;
                    }
                    Mark::Faint => {
                        area.draw(&PathElement::new(line, color.stroke_width(STROKE / 2)))?;
                    }
                    _ => area.draw(&PathElement::new(line, color.stroke_width(STROKE)))?,
                }
                area.draw(&Text::new(series.name, (x + 3 * LETTER / 2, y), words()))?;
            }
        }
        Ok(())
    }
}

/// Room for this many letters of a proportional font.
fn letters(count: usize) -> i32 {
    i32::try_from(count).expect("a label is short") * LETTER / 2
}

#[expect(clippy::cast_possible_truncation, reason = "a height of some thousands")]
fn rounded(value: f64) -> i32 {
    value.round() as i32
}
