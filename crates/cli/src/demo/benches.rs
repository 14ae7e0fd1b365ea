//! What benches have recorded, from a file.

use std::path::Path;

use ravine_lab::{Benches, Curve};
use serde::Deserialize;

use crate::error::Error;
use crate::input;

/// Curves of benches; each is left out where nothing was recorded, and the file may hold more.
#[derive(Debug, Deserialize)]
struct Record {
    /// What made the record.
    command: String,
    /// When and where.
    date: String,
    machine: String,
    versions: Versions,
    #[serde(default)]
    widths: Vec<Line>,
    #[serde(default)]
    threads: Vec<Line>,
    #[serde(default)]
    shares: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Versions {
    ravine: String,
}

#[derive(Debug, Deserialize)]
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

/// The curves of a record.
///
/// # Errors
///
/// If the file cannot be read, or holds something else.
pub(super) fn read(path: &Path) -> Result<Benches, Error> {
    let record: Record = input::json(path, "a record of benches")?;
    let Record { command, date, machine, versions, widths, threads, shares } = record;
    for Line { name, points } in widths.iter().chain(&threads).chain(&shares) {
        // Axes are logarithmic, or begin at zero.
        let is_drawn = |&(x, y): &(f64, f64)| [x, y].iter().all(|v| 0.0 < *v && *v < 1e12);
        if points.is_empty() || !points.iter().all(is_drawn) {
            let found = format!("{name} has the points {points:?}");
            return Err(Error::content(path, found, "one point at least, all between 0 and 1e12"));
        }
    }
    let curve = |Line { name, points }| Curve { name, is_limit: false, points };
    let [widths, threads, shares] =
        [widths, threads, shares].map(|lines| lines.into_iter().map(curve).collect());
    let origin = format!("{date} on {machine}, {}", versions.ravine);
    Ok(Benches { widths, threads, shares, command, origin })
}
