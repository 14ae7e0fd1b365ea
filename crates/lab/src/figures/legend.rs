//! Names of series, above a drawing.

use plotters::prelude::*;

use super::canvas::{Area, Failure, LETTER, STROKE, WIDTH, words};
use super::{Mark, Series};

/// Names of series in rows above the chart, so that they cover no curve.
pub(super) struct Legend<'a> {
    rows: Vec<Vec<(i32, &'a Series)>>,
}

impl<'a> Legend<'a> {
    pub(super) fn of(series: &'a [Series]) -> Self {
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

    pub(super) fn height(&self) -> i32 {
        let rows = i32::try_from(self.rows.len()).expect("a handful of rows");
        rows * (5 * LETTER / 4)
    }

    pub(super) fn draw<'b>(&self, area: &Area<'b>) -> Result<(), Failure<'b>> {
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
                    Mark::Theory => {
                        for from in [x, x + 3 * LETTER / 4] {
                            let dash = [(from, y), (from + LETTER / 2, y)];
                            area.draw(&PathElement::new(dash, color.stroke_width(STROKE)))?;
                        }
                    }
                    Mark::Bars => {
                        let square = [(x, y - LETTER / 3), (x + LETTER, y + LETTER / 3)];
                        area.draw(&Rectangle::new(square, color.filled()))?;
                    }
                    _ => area.draw(&PathElement::new(line, color.stroke_width(STROKE)))?,
                }
                area.draw(&Text::new(&*series.name, (x + 3 * LETTER / 2, y), words()))?;
            }
        }
        Ok(())
    }
}

/// Room for this many letters of a proportional font.
pub(super) fn letters(count: usize) -> i32 {
    i32::try_from(count).expect("a label is short") * LETTER / 2
}
