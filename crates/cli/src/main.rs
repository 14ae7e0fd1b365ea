//! The program `ravine`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ravine_cli::run(std::env::args_os())
}
