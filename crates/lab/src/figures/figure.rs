//! What a figure shows, whoever draws it: a drawing on paper, or one in a page to look closer at.

use super::{Axis, Ink};

/// A figure: what it shows, what to see in it, and how its numbers are made.
///
/// [`Figure::svg`] draws it for paper, and the page draws it for a screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its file's name and its place in the page: lower case, with `-` between words.
    pub name: String,
    /// What it shows, in a few words.
    pub title: String,
    /// The one sentence that says what to see.
    pub see: String,
    /// The command that makes its numbers.
    pub command: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis; its label stands above it.
    pub y: Axis,
    /// A field of values beneath the series, if any.
    pub heat: Option<Heat>,
    /// The series, the first at the bottom.
    pub series: Vec<Series>,
    /// Height over width.
    pub aspect: f64,
}

/// Points that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What the legend calls it; nothing if empty.
    pub name: String,
    /// Its color.
    pub ink: Ink,
    /// How it is drawn.
    pub mark: Mark,
    /// Its points; one that is not finite breaks a line.
    pub points: Vec<(f64, f64)>,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A line: a course that was measured.
    Line,
    /// A dashed line: what theory says.
    Theory,
    /// A thin line, for what the others are measured by.
    Faint,
    /// Dots.
    Dots,
    /// A line with a dot at each point.
    Path,
    /// A stem from zero to each point.
    Stems,
    /// A bar from zero, or from the axis where that is logarithmic, to each point; bars share the
    /// room between the nearest two.
    Bars,
}

/// Values over a grid, drawn as shades.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// What the values are.
    pub label: String,
    /// Where the columns are along x, evenly spaced as the axis spaces, ascending.
    pub x: Vec<f64>,
    /// Where the rows are along y, likewise.
    pub y: Vec<f64>,
    /// A row of values for each y; what is not finite is left out.
    pub z: Vec<Vec<f64>>,
    /// The values of the lightest and of the darkest shade.
    pub range: [f64; 2],
}

impl Series {
    /// A course that was measured.
    #[must_use]
    pub fn line(name: impl Into<String>, ink: Ink, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), ink, mark: Mark::Line, points }
    }

    /// What theory says, drawn apart from what was measured.
    #[must_use]
    pub fn theory(name: impl Into<String>, ink: Ink, points: Vec<(f64, f64)>) -> Self {
        Self { mark: Mark::Theory, ..Self::line(name, ink, points) }
    }

    /// Single measurements.
    #[must_use]
    pub fn dots(name: impl Into<String>, ink: Ink, points: Vec<(f64, f64)>) -> Self {
        Self { mark: Mark::Dots, ..Self::line(name, ink, points) }
    }

    /// The same points, drawn in another way.
    #[must_use]
    pub fn marked(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }
}

impl Figure {
    /// A figure of `series`; the other parts are those that most figures have.
    #[must_use]
    pub fn new(name: &str, title: &str, [x, y]: [Axis; 2], series: Vec<Series>) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            see: String::new(),
            command: format!("cargo xtask figures --only {name}"),
            x,
            y,
            heat: None,
            series,
            aspect: 0.6,
        }
    }

    /// The sentence that says what to see.
    #[must_use]
    pub fn see(self, see: impl Into<String>) -> Self {
        Self { see: see.into(), ..self }
    }

    /// The command, where another one than `cargo xtask figures` makes the numbers.
    #[must_use]
    pub fn by(self, command: impl Into<String>) -> Self {
        Self { command: command.into(), ..self }
    }

    /// A field of values beneath the series.
    #[must_use]
    pub fn over(self, heat: Heat) -> Self {
        Self { heat: Some(heat), ..self }
    }

    /// The height over the width.
    #[must_use]
    pub fn aspect(self, aspect: f64) -> Self {
        Self { aspect, ..self }
    }
}
