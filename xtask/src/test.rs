//! `test`: everything that must hold before a change is kept.

use std::process::ExitCode;

use crate::process::cargo;
use crate::{Error, product};

/// Runs all tests in debug, which has the assertions, and in release, which is what ships; then
/// a short `verify`. Stops at the first failure.
///
/// # Errors
///
/// If a test fails.
pub(crate) fn run() -> Result<ExitCode, Error> {
    cargo(&["test", "--workspace"])?;
    // Doc tests ran above; each is a program to link, and none depends on the profile.
    cargo(&["test", "--workspace", "--release", "--lib", "--bins", "--tests", "--examples"])?;
    println!("$ ravine verify");
    Ok(product(["verify"]))
}
