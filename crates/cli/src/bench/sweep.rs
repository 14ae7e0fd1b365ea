//! Products of many shapes, so that a shape that is much slower than its neighbors shows.

#[cfg(feature = "report")]
mod drawing;
mod grid;

#[cfg(feature = "report")]
use std::{io::Write as _, path::PathBuf};

use clap::Args;
use comfy_table::{Table, presets};
use ravine::simd::{Level, Par};
use serde::Serialize;
use serde_json::{Value, json};

use self::grid::{Family, Line, families};
use crate::case::{Product, Timing, glance, peek};
use crate::error::Error;
use crate::progress::Progress;

/// Times of neighbors, each over its operations, are apart where one is more than this many times
/// the other.
const APART: f64 = 1.5;
/// How often such neighbors are timed again, in turn: what disturbs one may last a while.
const LOOKS: usize = 3;

#[derive(Debug, Args)]
pub(super) struct SweepArgs {
    /// Draws the shares of the limit as SVG files of this folder
    #[cfg(feature = "report")]
    #[arg(long, value_name = "DIR")]
    draw: Option<PathBuf>,
}

impl SweepArgs {
    /// Finds out, before any work is done, whether drawings can appear.
    #[cfg(feature = "report")]
    pub(super) fn writable(&self) -> Result<(), Error> {
        let names = families().map(|family| family.file);
        self.draw.iter().try_for_each(|folder| crate::output::writable_in(folder, &names))
    }

    /// Draws each family, if that is asked for.
    #[cfg(feature = "report")]
    fn draw(&self, families: &[Family], mut points: &[Vec<Point>]) -> Result<(), Error> {
        let Some(folder) = &self.draw else { return Ok(()) };
        for family in families {
            let (of_family, rest) = points.split_at(family.lines.len());
            points = rest;
            let (file, drawing) = (folder.join(family.file), drawing::drawing(family, of_family));
            ravine::data::write_whole(&file, |to| to.write_all(drawing.as_bytes()))
                .map_err(|source| Error::Unwritable { file, source })?;
        }
        Ok(())
    }

    /// This build draws nothing.
    #[cfg(not(feature = "report"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as where it draws")]
    pub(super) fn writable(&self) -> Result<(), Error> {
        Ok(())
    }

    /// This build draws nothing.
    #[cfg(not(feature = "report"))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "as where it draws")]
    fn draw(&self, _: &[Family], _: &[Vec<Point>]) -> Result<(), Error> {
        Ok(())
    }
}

/// A shape's size along its line, and what was timed.
type Point = (usize, Timing);

/// Sizes that follow each other, and whose speeds do not.
#[derive(Debug, Serialize)]
struct Hole {
    /// Of the line: `m × 8 × 8`.
    line: String,
    sizes: [usize; 2],
    us_min: [f64; 2],
    /// How many times as long the slower takes for an operation.
    apart: f64,
}

/// Times every shape of the grid shortly, and neighbors that are apart again and longer: those that
/// stay apart are holes.
pub(super) fn sweep(
    args: &SweepArgs,
    level: Level,
    par: Par,
    all: &mut Vec<Timing>,
) -> Result<Value, Error> {
    let families = families();
    let lines: Vec<&Line> = families.iter().flat_map(|family| &family.lines).collect();
    let n_shapes = lines.iter().map(|line| line.sizes.len()).sum::<usize>();
    let product = |line: &Line, size| Product::new(line.shape(size), level, par);
    let mut progress = Progress::new(n_shapes as u64);
    let mut points = Vec::<Vec<Point>>::new();
    for line in &lines {
        let point = |&size| {
            progress.tick();
            Ok((size, peek(&mut product(line, size))?))
        };
        points.push(line.sizes.iter().map(point).collect::<Result<_, Error>>()?);
    }
    let mut holes = Vec::new();
    for (line, points) in lines.iter().zip(&points) {
        for pair in points.windows(2).filter(|pair| hole(line, pair).is_some()) {
            let mut best = pair.to_vec();
            for look in 0..LOOKS {
                for (size, timing) in &mut best {
                    let again = glance(&mut product(line, *size))?;
                    if look == 0 || again.us_min < timing.us_min {
                        *timing = again;
                    }
                }
            }
            holes.extend(hole(line, &best));
        }
    }
    args.draw(&families, &points)?;
    let shares = |points: &Vec<Point>| {
        let share = |(size, timing): &Point| (*size, share(timing));
        points.iter().map(share).collect::<Vec<_>>()
    };
    let curves = lines.iter().zip(&points);
    let curves =
        curves.map(|(line, points)| json!({ "line": line.name, "shares": shares(points) }));
    let curves: Vec<Value> = curves.collect();
    all.extend(points.into_iter().flatten().map(|(_, timing)| timing));
    Ok(json!({ "shapes": n_shapes, "holes": holes, "lines": curves }))
}

/// The hole between two points of a line, if they are neighbors and apart.
fn hole(line: &Line, pair: &[Point]) -> Option<Hole> {
    let [(size, first), (next, second)] = pair else { return None };
    let us = [first, second].map(|timing| timing.us_min);
    let of_operation = [first, second].map(|timing| timing.us_min / timing.cost.flops);
    let apart = (of_operation[0] / of_operation[1]).max(of_operation[1] / of_operation[0]);
    let hole = Hole { line: line.name.clone(), sizes: [*size, *next], us_min: us, apart };
    (size + 1 == *next && apart > APART).then_some(hole)
}

/// Share of the limit, by the best rounds: short ones are easily disturbed.
fn share(timing: &Timing) -> f64 {
    timing.limit_us_min / timing.us_min
}

/// Holes in words.
pub(super) fn told(answer: &Value) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["m × k × n", "sizes", "best µs", "times as long an operation"]);
    let holes = answer["holes"].as_array().map(Vec::as_slice).unwrap_or_default();
    for hole in holes {
        let us = |at: usize| hole["us_min"][at].as_f64().unwrap_or(f64::NAN);
        table.add_row([
            hole["line"].as_str().unwrap_or_default().into(),
            format!("{}, {}", hole["sizes"][0], hole["sizes"][1]),
            format!("{:.3}, {:.3}", us(0), us(1)),
            format!("{:.2}", hole["apart"].as_f64().unwrap_or(f64::NAN)),
        ]);
    }
    let n = holes.len();
    format!(
        "{} shapes, {n} pairs of neighbors more than {APART} times apart\n{table}",
        answer["shapes"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Cost;

    fn point(size: usize, us_min: f64, flops: f64) -> Point {
        let cost = Cost { bytes: 0.0, flops };
        let (id, rounds) = (String::new(), Vec::new());
        let timing = Timing {
            id,
            cost,
            us: 9.0,
            us_min,
            limit_us: 9.0,
            limit_us_min: 1.0,
            ratio: 1.0,
            limit_exceeded: false,
            rounds,
        };
        (size, timing)
    }

    #[test]
    fn a_hole_is_between_neighbors_whose_operations_take_unlike_times() {
        let families = families();
        let line = &families[0].lines[0];
        let found = |pair: [Point; 2]| hole(line, &pair);
        assert!(found([point(16, 1.0, 16.0), point(17, 1.5, 17.0)]).is_none());
        for (us, apart) in [([1.0, 2.0], 2.0 * 16.0 / 17.0), ([2.0, 1.0], 2.0 * 17.0 / 16.0)] {
            let hole = found([point(16, us[0], 16.0), point(17, us[1], 17.0)]);
            let hole = hole.expect("they are apart");
            assert_eq!((&*hole.line, hole.sizes, hole.us_min), ("m × 8 × 8", [16, 17], us));
            assert!((hole.apart - apart).abs() < 1e-12, "{hole:?}");
        }
        assert!(found([point(16, 1.0, 16.0), point(18, 9.0, 18.0)]).is_none());
    }
}
