//! Runs of other programs, from a file.

use std::io::Read as _;
use std::path::Path;

use ravine::data::open_regular;
use ravine_lab::Peer;
use serde::Deserialize;

use crate::error::Error;

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
    let content = |found: String| Error::Content {
        file: path.to_owned(),
        found: found.into(),
        wanted: "a record of benches/peers/digests.py".into(),
    };
    let mut text = Vec::new();
    open_regular(path)
        .and_then(|mut file| file.read_to_end(&mut text))
        .map_err(|error| content(error.to_string()))?;
    let record: Record =
        serde_json::from_slice(&text).map_err(|error| content(error.to_string()))?;
    let peer =
        |Run { name, threads, digest, rows_per_s }| Peer { name, threads, digest, rows_per_s };
    Ok(record.runs.into_iter().map(peer).collect())
}
