//! A bar on standard error, where a person looks on for longer than a second.

use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How long a command works before it shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts finished pieces of work, and shows them from the second second on.
#[derive(Debug)]
pub(crate) struct Progress {
    total: u64,
    done: u64,
    begun: Instant,
    /// Whether anyone looks on.
    watched: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Work of `total` pieces, which begins now.
    pub(crate) fn new(total: u64) -> Self {
        let watched = stderr().is_terminal();
        Self { total, done: 0, begun: Instant::now(), watched, bar: None }
    }

    /// One more piece is done.
    pub(crate) fn tick(&mut self) {
        self.done += 1;
        if !self.watched {
            return;
        }
        if self.bar.is_none() && self.begun.elapsed() > PATIENCE {
            let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {eta}")
                .expect("the template is well formed");
            self.bar = Some(ProgressBar::new(self.total).with_style(style));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
