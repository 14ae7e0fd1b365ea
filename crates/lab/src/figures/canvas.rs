//! The ground that figures are drawn on: an SVG of one width.

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::ink::{Ink, style};

/// Width of the view box; heights are the figure's own. The backend knows whole numbers alone, so
/// that a unit is a quarter of a pixel at the width that a page shows.
pub(super) const WIDTH: i32 = 4 * 520;
/// Height of letters, as the backend counts it.
pub(super) const LETTER: i32 = 4 * 17;

/// Width of a stroke.
pub(super) const STROKE: u32 = 4 * 2;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Failure<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// An SVG element of this height that brings its colors for dark ground along, and scales with
/// whatever holds it.
pub(super) fn drawn(
    height: i32,
    title: &str,
    draw: impl for<'a> FnOnce(&Area<'a>) -> Result<(), Failure<'a>>,
) -> String {
    let mut svg = String::new();
    let size = (WIDTH.unsigned_abs(), height.unsigned_abs());
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    draw(&area).expect("drawing into a string succeeds");
    drop(area);
    // A fixed width would not shrink with the page.
    let (_, body) = svg.split_once('>').expect("an element has an end");
    let open = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         <title>{}</title>",
        escaped(title)
    );
    format!("{open}{}{body}", style())
}

/// Words between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Letters that start at a point, and are centered on its height.
pub(super) fn words() -> TextStyle<'static> {
    TextStyle {
        color: Ink::Text.color().to_backend_color(),
        pos: Pos::new(HPos::Left, VPos::Center),
        ..TextStyle::from(("sans-serif", LETTER))
    }
}
