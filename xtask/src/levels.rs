//! `levels`: the levels of this CPU.

use std::process::ExitCode;

use ravine_simd::Level;

use crate::Error;

/// Prints the levels of the running CPU, one a line, narrowest first.
#[expect(clippy::unnecessary_wraps, reason = "every chore has this signature")]
pub(crate) fn run() -> Result<ExitCode, Error> {
    for level in Level::available() {
        println!("{level}");
    }
    Ok(ExitCode::SUCCESS)
}
