//! `sanitize`: the tests of the whole workspace under AddressSanitizer.

use std::process::ExitCode;

use crate::error::Error;
use crate::process;

/// All tests but those of documentation, in debug, which has the assertions and builds sooner. A
/// target is named so that build scripts and macros are not instrumented.
const TEST: [&str; 9] = [
    "test",
    "--workspace",
    "--lib",
    "--bins",
    "--tests",
    "--features=ravine-data/files,ravine/files",
    "--target",
    "host-tuple",
    "--no-fail-fast",
];

/// Tests that cannot run here: this one starts the program with less address space than the
/// sanitizer takes for itself.
const LEFT_OUT: [&str; 1] =
    ["refusals::runs_that_may_not_map_their_memory_are_refused_before_they_begin"];

/// Runs the tests; a program that touches memory that is not its own ends there.
///
/// # Errors
///
/// If there is no nightly toolchain, whose compiler alone has sanitizers, or a test fails.
pub(crate) fn run() -> Result<ExitCode, Error> {
    process::nightly_host()?;
    // Memory that cannot be had is refused, as by any other allocator, and not a finding.
    let options =
        [("RUSTFLAGS", "-Zsanitizer=address"), ("ASAN_OPTIONS", "allocator_may_return_null=1")];
    let folder = process::target().join("sanitize").display().to_string();
    let skipped = LEFT_OUT.iter().flat_map(|name| ["--skip", name]);
    let harness: Vec<_> = ["--", "--exact"].into_iter().chain(skipped).collect();
    let args = [&TEST[..], &["--target-dir", &folder], &harness].concat();
    process::nightly_cargo(&args, &options)?;
    Ok(ExitCode::SUCCESS)
}
