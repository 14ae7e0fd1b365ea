//! Where and when a page's numbers are made.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use ravine_lab::Origin;

/// This machine, today, this program.
pub(super) fn origin() -> Origin {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Origin { machine: machine(), date: date(seconds / 86_400), version: version() }
}

/// The processor, where the system tells, its cores and the system.
fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} threads, {}", std::env::consts::OS)
}

/// The program's version, and the commit it was built from where the sources are still there.
fn version() -> String {
    let version = concat!("ravine ", env!("CARGO_PKG_VERSION"));
    let asked = ["-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "--short", "HEAD"];
    let told = Command::new("git").args(asked).output().ok().filter(|told| told.status.success());
    let commit = told.and_then(|told| String::from_utf8(told.stdout).ok());
    commit.map_or(version.into(), |commit| format!("{version}, commit {}", commit.trim()))
}

/// The date of a day after 1 January 1970, as year-month-day.
///
/// Years begin in March here, so that the day that some lack is a year's last (H. Hinnant,
/// *chrono-compatible low-level date algorithms*, 2013).
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{}-{month:02}-{day:02}", year + 400 * era + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates_of_the_gregorian_calendar() {
        for (days, wanted) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (19_723, "2024-01-01"),
            (20_453, "2025-12-31"),
        ] {
            assert_eq!(date(days), wanted, "{days}");
        }
    }
}
