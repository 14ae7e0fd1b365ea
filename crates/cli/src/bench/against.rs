//! A measurement beside an earlier one: how the share of the limit changed, and whether by more
//! than noise.
//!
//! Shares are compared and not times: both records took their limit in the same rounds, so a
//! machine that is slower today is slower in both.

use comfy_table::{Table, presets};
use ravine::data::{Purpose, Stream};
use serde::Serialize;

use super::record::Record;
use crate::case::{Timing, middle};
use crate::error::Error;
use crate::output::line;

/// Resamplings of the rounds.
const RESAMPLINGS: usize = 2000;
/// Resamplings that are left out at each end: the interval holds 95 % of them.
const LEFT_OUT: usize = RESAMPLINGS / 40;
/// A change below this share is nobody's concern, however sure.
const LEAST: f64 = 0.02;

/// How a case changed.
#[derive(Debug, Serialize)]
pub(super) struct Change {
    id: String,
    /// Shares of the limit.
    before: f64,
    now: f64,
    /// Speed now over speed before.
    ratio: f64,
    /// Where 95 % of the ratios of resampled rounds lie.
    interval: [f64; 2],
    /// Whether the whole interval is below 1 by more than 2 %.
    slower: bool,
}

impl Record {
    /// The changes of the cases that both have.
    ///
    /// # Errors
    ///
    /// If they have none in common.
    pub(super) fn changes(&self, now: &[Timing]) -> Result<Vec<Change>, Error> {
        let pair = |now: &Timing| {
            let before = self.timings.iter().find(|before| *before.id == now.id)?;
            Some(Change::new(now.id.clone(), &before.rounds, &now.rounds))
        };
        let changes: Vec<Change> = now.iter().filter_map(pair).collect();
        if changes.is_empty() {
            let ids: Vec<&str> = now.iter().map(|timing| timing.id.as_str()).collect();
            let found = "none of the cases that were timed";
            return Err(Error::content(&self.file, found, ids.join(", ")));
        }
        Ok(changes)
    }
}

impl Change {
    fn new(id: String, before: &[(f64, f64)], now: &[(f64, f64)]) -> Self {
        let shares = |rounds: &[(f64, f64)]| -> Vec<f64> {
            rounds.iter().map(|(us, limit)| limit / us).collect()
        };
        let (before, now) = (shares(before), shares(now));
        let mut draws = Stream::new(0, Purpose::Start, 0);
        let mut resampled = |shares: &[f64]| {
            let n = shares.len() as u64;
            #[expect(clippy::cast_possible_truncation, reason = "below the number of rounds")]
            let mut drawn = || shares[draws.below(n) as usize];
            median(shares.iter().map(|_| drawn()).collect())
        };
        let mut ratios: Vec<f64> =
            (0..RESAMPLINGS).map(|_| resampled(&now) / resampled(&before)).collect();
        ratios.sort_by(f64::total_cmp);
        let interval = [ratios[LEFT_OUT], ratios[RESAMPLINGS - 1 - LEFT_OUT]];
        let (before, now) = (median(before), median(now));
        let slower = interval[1] < 1.0 - LEAST;
        Self { id, before, now, ratio: now / before, interval, slower }
    }
}

fn median(values: Vec<f64>) -> f64 {
    middle(values).0
}

/// Prints the changes, unless as JSON they are already, and fails where a case is slower.
///
/// # Errors
///
/// If a case is slower than noise explains.
pub(super) fn told(changes: &[Change], is_json: bool) -> Result<(), Error> {
    if !(is_json || changes.is_empty()) {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        table.set_header(["case", "of the limit before", "now", "ratio", "95 % of ratios"]);
        for Change { id, before, now, ratio, interval: [low, high], slower } in changes {
            table.add_row([
                id.clone(),
                format!("{:.0} %", 100.0 * before),
                format!("{:.0} %", 100.0 * now),
                format!("{ratio:.3}"),
                format!("{low:.3} to {high:.3}{}", if *slower { " (slower)" } else { "" }),
            ]);
        }
        line(&table)?;
    }
    let slower: Vec<&str> =
        changes.iter().filter(|change| change.slower).map(|change| change.id.as_str()).collect();
    if slower.is_empty() {
        return Ok(());
    }
    Err(Error::Check(format!("slower than noise explains: {}", slower.join(", ")).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(shares: [f64; 9]) -> Vec<(f64, f64)> {
        shares.map(|share| (1.0, share)).to_vec()
    }

    #[test]
    fn a_change_within_the_noise_is_no_change() {
        let noisy = rounds([0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.99]);
        let again = rounds([0.71, 0.74, 0.79, 0.84, 0.88, 0.92, 0.95, 0.96, 0.99]);
        let change = Change::new("case".into(), &noisy, &again);
        assert!(!change.slower, "{change:?}");
        assert!(change.interval[0] < 1.0 && 1.0 < change.interval[1], "{change:?}");
    }

    #[test]
    fn a_change_beyond_the_noise_is_told() {
        let before = rounds([0.90, 0.90, 0.91, 0.91, 0.92, 0.92, 0.93, 0.93, 0.94]);
        let after = rounds([0.80, 0.80, 0.81, 0.81, 0.82, 0.82, 0.83, 0.83, 0.84]);
        let change = Change::new("case".into(), &before, &after);
        assert!(change.slower, "{change:?}");
        assert!((change.ratio - 0.82 / 0.92).abs() < 1e-12, "{change:?}");
        let change = Change::new("case".into(), &after, &before);
        assert!(!change.slower && change.interval[0] > 1.0, "{change:?}");
        assert!(told(&[change], true).is_ok());
    }

    #[test]
    fn a_machine_that_is_slower_in_both_is_no_change() {
        let before = [(1.0, 0.9); 9];
        let after = [(2.0, 1.8); 9];
        let change = Change::new("case".into(), &before, &after);
        assert_eq!((change.ratio, change.slower), (1.0, false));
    }
}
