//! What `--record` writes and `--against` reads.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::case::Timing;
use crate::error::Error;
use crate::{input, origin};

/// A record, in the words of whoever reads that a file is none.
const WANTED: &str = "a record that --record wrote: an object whose list \"timings\" holds, of each \
    case, its \"id\" and its \"rounds\", pairs of its time and the limit's";

/// A record, as far as it is compared.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) file: PathBuf,
    pub(super) timings: Vec<Earlier>,
}

/// A case of a record.
#[derive(Debug)]
pub(super) struct Earlier {
    pub(super) id: String,
    /// Microseconds of the case and of its limit.
    pub(super) rounds: Vec<(f64, f64)>,
}

/// Writes a record.
///
/// # Errors
///
/// If the file cannot be written.
pub(super) fn write(
    file: &Path,
    pinned: bool,
    answer: &Value,
    timings: &[Timing],
) -> Result<(), Error> {
    let record = json!({
        "machine": origin::machine(), "date": origin::today(), "version": origin::version(),
        "commit": origin::commit(), "rustc": env!("RAVINE_RUSTC"), "pinned": pinned,
        "answer": answer, "timings": timings,
    });
    ravine::data::write_whole(file, |to| Ok(serde_json::to_writer_pretty(to, &record)?))
        .map_err(|source| Error::Unwritable { file: file.to_path_buf(), source })
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// If the file is not one, or holds rounds whose share of the limit is no number.
    pub(super) fn read(file: &Path) -> Result<Self, Error> {
        let whole: Value = input::json(file, WANTED)?;
        let timings = whole["timings"].as_array().ok_or("no list \"timings\"".into());
        let timings = timings.and_then(|timings| {
            timings.iter().enumerate().map(|(at, timing)| Earlier::new(at, timing)).collect()
        });
        let timings = timings.map_err(|found: String| Error::content(file, found, WANTED))?;
        Ok(Self { file: file.to_path_buf(), timings })
    }
}

impl Earlier {
    /// The case at a place of the list, or what is found there instead.
    fn new(at: usize, timing: &Value) -> Result<Self, String> {
        let at = at + 1;
        let id = timing["id"].as_str().ok_or(format!("no text \"id\" in timing {at}"))?;
        let rounds = timing["rounds"].as_array().filter(|rounds| !rounds.is_empty());
        let rounds = rounds.ok_or(format!("no rounds of {id}"))?.iter().enumerate();
        let rounds = rounds.map(|(at, round)| {
            let wrong = || format!("{round} as round {} of {id}", at + 1);
            pair(round).ok_or_else(wrong)
        });
        Ok(Self { id: id.into(), rounds: rounds.collect::<Result<_, _>>()? })
    }
}

/// Two times, the share of the one in the other within the normal numbers.
fn pair(round: &Value) -> Option<(f64, f64)> {
    let [us, limit] = &round.as_array()?[..] else { return None };
    let (us, limit) = (us.as_f64()?, limit.as_f64()?);
    (us > 0.0 && limit > 0.0 && (limit / us).is_normal()).then_some((us, limit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_two_times_whose_share_is_a_number() {
        assert_eq!(pair(&json!([2.0, 1])), Some((2.0, 1.0)));
        for round in [
            json!([1e-320, 1e308]),
            json!([1e308, 1e-320]),
            json!([0, 1]),
            json!([-1, -1]),
            json!([1]),
            json!([1, 2, 3]),
            json!(["1", 2]),
            json!(1),
        ] {
            assert_eq!(pair(&round), None, "{round}");
        }
    }
}
