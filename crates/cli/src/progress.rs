//! What a person sees on standard error who looks on for longer than a second.

use std::fmt::Write;
use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};

/// How long a command works before it shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);
/// From a picture to the next.
const PERIOD: Duration = Duration::from_millis(100);

/// Counts finished pieces of work, and shows from the second second on how many there are, how
/// many a second, and how long the others will take at that rate.
#[derive(Debug)]
pub(crate) struct Progress {
    total: u64,
    /// What was done before it began.
    from: u64,
    done: u64,
    begun: Instant,
    /// When the next picture is due; `None` where nobody looks on.
    due: Option<Duration>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Work of `total` pieces, which begins now.
    pub(crate) fn new(total: u64) -> Self {
        let due = stderr().is_terminal().then_some(PATIENCE);
        Self { total, from: 0, done: 0, begun: Instant::now(), due, bar: None }
    }

    /// Work of which `done` pieces are done already.
    pub(crate) fn after(mut self, done: u64) -> Self {
        (self.from, self.done) = (done, done);
        self
    }

    /// One more piece is done.
    pub(crate) fn tick(&mut self) {
        self.tick_with(String::new);
    }

    /// One more piece is done; `note` says what else there is to know where it is shown.
    pub(crate) fn tick_with(&mut self, note: impl FnOnce() -> String) {
        self.done += 1;
        let Some(due) = self.due else { return };
        let elapsed = self.begun.elapsed();
        if elapsed < due {
            return;
        }
        self.due = Some(elapsed + PERIOD);
        let (pace, note) = (self.pace(elapsed), note());
        let between = if note.is_empty() { "" } else { ", " };
        let message = format!(", {pace}{between}{note}");
        let (total, done) = (self.total.max(self.done), self.done);
        let bar = self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}{msg}");
            let bar = ProgressBar::new(total).with_position(done);
            bar.with_style(style.expect("the template is well formed"))
        });
        bar.set_message(message);
        bar.set_length(total);
        bar.set_position(done);
    }

    /// The rate and the time left since it began.
    fn pace(&self, elapsed: Duration) -> String {
        pace(self.done - self.from, self.total.saturating_sub(self.from), elapsed)
    }

    /// Lets `say` print a line above the bar.
    pub(crate) fn aside<R>(&self, say: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
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

/// Pieces a second so far, and the time that the others take at that rate.
#[expect(clippy::cast_precision_loss, reason = "numbers for people")]
fn pace(done: u64, total: u64, elapsed: Duration) -> String {
    let rate = done as f64 / elapsed.as_secs_f64();
    let left = total.saturating_sub(done) as f64 / rate;
    let left = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
    let digits = if rate < 10.0 { 1 } else { 0 };
    format!("{rate:.digits$}/s, {:#} left", HumanDuration(left))
}

/// Work whose pieces nobody can count: what it is, and how long it has taken, from the second
/// second on and until this is dropped.
#[derive(Debug)]
pub(crate) struct Waiting(Option<ProgressBar>);

impl Waiting {
    /// Work that begins now and is called `what`.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        let what = what.into();
        let show = move |state: &ProgressState, line: &mut dyn Write| {
            if PATIENCE < state.elapsed() {
                // A line that cannot be shown is not missed.
                let _ = write!(line, "{what}, {:#}", HumanDuration(state.elapsed()));
            }
        };
        Self(stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{waiting}");
            let style = style.expect("the template is well formed").with_key("waiting", show);
            let bar = ProgressBar::new_spinner().with_style(style);
            bar.enable_steady_tick(PERIOD);
            bar
        }))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_takes_as_long_as_what_is_done() {
        assert_eq!(pace(300, 1200, Duration::from_secs(2)), "150/s, 6s left");
        assert_eq!(pace(3, 5, Duration::from_secs(60)), "0.1/s, 40s left");
        assert_eq!(pace(5, 5, Duration::from_secs(1)), "5.0/s, 0s left");
    }

    #[test]
    fn no_amount_of_work_is_too_much_to_foretell() {
        assert!(pace(1, u64::MAX, Duration::from_secs(100)).ends_with(" left"));
        assert!(pace(7, 3, Duration::from_secs(1)).ends_with("0s left"));
    }
}
