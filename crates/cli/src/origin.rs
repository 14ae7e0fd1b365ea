//! Where, when and by what numbers are made.

use std::process::Command;

/// The processor, where the system tells, its cores and the system.
pub(crate) fn machine() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} threads, {}", std::env::consts::OS)
}

/// The program's version, and the commit where it is known.
pub(crate) fn version() -> String {
    let version = concat!("ravine ", env!("CARGO_PKG_VERSION"));
    commit().map_or(version.into(), |commit| format!("{version}, commit {commit}"))
}

/// The commit of the program's sources where they are still there, with `-dirty` behind it where
/// they hold more than that.
pub(crate) fn commit() -> Option<String> {
    let asked = ["describe", "--always", "--dirty", "--exclude", "*"];
    let told = Command::new("git").args(["-C", env!("CARGO_MANIFEST_DIR")]).args(asked).output();
    let told = told.ok().filter(|told| told.status.success())?;
    Some(String::from_utf8(told.stdout).ok()?.trim().to_owned())
}

/// Today's date in Coordinated Universal Time, as year-month-day.
pub(crate) fn today() -> String {
    jiff::Timestamp::now().strftime("%F").to_string()
}
