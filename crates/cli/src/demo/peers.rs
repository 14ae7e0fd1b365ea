//! Runs of other programs, from a file.

use std::path::Path;

use ravine_lab::Peer;
use serde::Deserialize;

use crate::error::Error;
use crate::input;

/// What `benches/peers/digests.py` writes; it may hold more.
#[derive(Debug, Deserialize)]
struct Record {
    runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Run {
    name: String,
    threads: usize,
    digest: String,
    rows_per_s: f64,
}

/// The runs of a record.
///
/// # Errors
///
/// If the file cannot be read, or holds something else.
pub(super) fn read(path: &Path) -> Result<Vec<Peer>, Error> {
    let record: Record = input::json(path, "a record of benches/peers/digests.py")?;
    let peer =
        |Run { name, threads, digest, rows_per_s }| Peer { name, threads, digest, rows_per_s };
    Ok(record.runs.into_iter().map(peer).collect())
}
