//! `sanitize`: the tests of all crates of the product under AddressSanitizer.

use std::process::ExitCode;

use crate::error::Error;
use crate::process;

/// In debug, which has the assertions and builds sooner. A target is named so that build scripts
/// and macros are not instrumented.
const TEST: [&str; 4] = ["test", "--target", "host-tuple", "--no-fail-fast"];

/// The library and integration tests of the libraries.
const LIBRARIES: [&str; 19] = [
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
    "--package",
    "ravine-lab",
    "--features=ravine-data/files,ravine/files",
];

/// The library tests of the program. Those in `crates/cli/tests` start the built program, some with
/// less address space than the sanitizer takes for itself, and are left out.
const PROGRAM: [&str; 3] = ["--lib", "--package", "ravine-cli"];

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
    for tests in [&LIBRARIES[..], &PROGRAM] {
        let args = [&TEST[..], &["--target-dir", &folder], tests].concat();
        process::nightly_cargo(&args, &options)?;
    }
    Ok(ExitCode::SUCCESS)
}
