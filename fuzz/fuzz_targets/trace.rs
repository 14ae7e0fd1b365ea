//! Traces: beside themselves there is no difference, and what cannot be read is refused.
#![no_main]

use std::process::ExitCode;

use libfuzzer_sys::fuzz_target;
use ravine_fuzz::{file, tally};

fuzz_target!(|bytes: &[u8]| {
    let path = file(".csv", bytes);
    let words = ["ravine".as_ref(), "compare".as_ref(), path.as_os_str(), path.as_os_str()];
    let status = ravine_cli::run(words.map(Into::into));
    assert!(status == ExitCode::SUCCESS || status == ExitCode::from(2), "{status:?}");
    tally(status == ExitCode::SUCCESS);
});
