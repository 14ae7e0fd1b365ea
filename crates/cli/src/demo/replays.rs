//! One training run on every level, and the table of its digests.

use std::time::Instant;

use ravine::simd::Level;
use ravine_lab::digits::{Digits, Prepared};
use ravine_lab::{Peer, Replay};

use super::{Stage, failed};
use crate::error::Error;
use crate::pool;

/// Threads of the repeated run.
pub(super) const THREADS: [usize; 4] = [1, 2, 3, 8];

impl Stage {
    /// Repeats the run, a row a level and number of threads, with other programs' runs beneath.
    pub(super) fn replays(&mut self, peers: &[Peer]) -> Result<Vec<Replay>, Error> {
        let title =
            "1 of 5: one training run on every level, with 1, 2, 3 and 8 threads, fused or not";
        let head = ["level", "threads", "fused", "rows/s", "not fused", "rows/s"];
        self.tell(&format!("{title}\n{}", row(head)))?;
        let prepared = Digits::wide().prepare().map_err(failed)?;
        let mut replays = Vec::<Replay>::new();
        for level in Level::available() {
            for threads in THREADS {
                for fused in [true, false] {
                    replays.push(replay(&prepared, level, threads, fused)?);
                    self.progress.tick();
                }
                let [.., fused, stored] = &replays[..] else { unreachable!("two were just made") };
                let threads = threads.to_string();
                let speeds = [fused, stored].map(|replay| format!("{:.0}", replay.rows_per_s));
                let digests = [fused, stored].map(|replay| start(replay.told()));
                let line = [level.name(), &threads, digests[0], &speeds[0], digests[1], &speeds[1]];
                self.tell(&row(line))?;
            }
        }
        self.tell(&format!("  {} of {} the same", Replay::same(&replays), replays.len()))?;
        for Peer { name, threads, digest, rows_per_s } in peers {
            let (threads, speed) = (threads.to_string(), format!("{rows_per_s:.0}"));
            self.tell(&row([name, &threads, "", "", start(digest), &speed]))?;
        }
        Ok(replays)
    }
}

/// One run of the table of digests.
fn replay(prepared: &Prepared, level: Level, threads: usize, fused: bool) -> Result<Replay, Error> {
    let begun = Instant::now();
    let trained = pool::install(threads, |par| prepared.train(level, par, fused))?;
    let seconds = begun.elapsed().as_secs_f64();
    let (digest, rows) = match trained {
        // A run that diverges where others do not is what the table is there to show. It has no
        // speed, since it did not pass all rows.
        Err(failure) if failure.diverged() => (None, 0),
        trained => (Some(trained.map_err(failed)?.digest), prepared.rows()),
    };
    let rows_per_s = rows as f64 / seconds;
    Ok(Replay { level: level.name(), threads, fused, digest, rows_per_s })
}

/// What the table shows of a digest.
fn start(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// A row of the table of digests.
fn row([level, threads, fused, fused_speed, stored, stored_speed]: [&str; 6]) -> String {
    format!("  {level:22} {threads:>7}  {fused:8} {fused_speed:>9}  {stored:9} {stored_speed:>9}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_diverges_has_a_row_and_no_digest() {
        let found = |lr| {
            let prepared = Digits { lr, epochs: 1, ..Digits::wide() }.prepare().unwrap();
            replay(&prepared, Level::scalar(), 2, true).unwrap()
        };
        let (whole, diverged) = (found(0.05), found(1e30));
        assert_eq!((whole.told().len(), start(whole.told()).len()), (64, 8));
        assert_eq!((diverged.told(), start(diverged.told())), ("diverged", "diverged"));
        assert!(whole.rows_per_s > 0.0 && diverged.rows_per_s == 0.0);
    }
}
