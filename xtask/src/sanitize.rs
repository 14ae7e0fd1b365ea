//! `sanitize`: the tests of the libraries under AddressSanitizer.

use std::process::ExitCode;

use crate::error::Error;
use crate::process;

/// The library and integration tests, in debug: it has the assertions and builds sooner. A target
/// is named so that build scripts and macros are not instrumented.
const ARGS: [&str; 23] = [
    "test",
    "--target",
    "host-tuple",
    "--target-dir",
    "target/sanitize",
    "--no-fail-fast",
    "--lib",
    "--tests",
    "--package",
    "ravine-simd",
    "--package",
    "ravine-momentum",
    "--package",
    "ravine-tensor",
    "--package",
    "ravine-models",
    "--package",
    "ravine-data",
    "--package",
    "ravine",
    "--package",
    "ravine-conformance",
    "--features=ravine-data/files,ravine/files",
];

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
    process::nightly_cargo(&ARGS, &options)?;
    Ok(ExitCode::SUCCESS)
}
