//! Where, when and by what numbers are made.

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

/// The commit that the program was made of, with `-dirty` behind it where its sources held more than
/// that; nothing where they lay in no repository.
pub(crate) fn commit() -> Option<&'static str> {
    option_env!("RAVINE_COMMIT")
}

/// Today's date in Coordinated Universal Time, as year-month-day.
pub(crate) fn today() -> String {
    jiff::Timestamp::now().strftime("%F").to_string()
}
