//! The program `ravine`: momentum training, synthetic ravines, benchmarks and bit checks.
//!
//! [`run`] is the whole program; `main` and the workspace's `xtask` call it. Each command is a
//! module with its flags and a method `run`.
//!
//! # Examples
//!
//! ```
//! use std::process::ExitCode;
//!
//! let status = ravine_cli::run(["ravine", "train", "--help"].map(Into::into));
//! assert_eq!(status, ExitCode::SUCCESS);
//! ```
#![forbid(unsafe_code)]

pub mod case;

mod error;
mod input;
mod interrupt;
mod memory;
mod origin;
mod output;
mod pool;
mod progress;

mod form;
mod schedule;

mod bench;
mod compare;
mod completions;
mod demo;
mod generate;
mod man;
mod train;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::error::Error;

/// Momentum training on the CPU with the same bits on every instruction set and thread count.
#[derive(Debug, Parser)]
#[command(
    name = "ravine",
    version,
    arg_required_else_help = true,
    subcommand_value_name = "COMMAND",
    // The last of a repeated flag counts, so that a printed command can be run with a change.
    args_override_self = true,
    after_help = EXAMPLES
)]
struct Ravine {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  # Train on a table, at the learning rate and momentum that are best for it
  ravine train --data data/diabetes.csv --batch full --epochs 300 \\
      --lr optimal --momentum optimal
  # Make data of a known difficulty, and check this machine's arithmetic
  ravine generate --condition 1000 --out ravine.csv
  ravine verify

Exit status:
  0  done
  1  a check failed, or training met a loss or gradient that is not finite
  2  bad usage or bad input, with one line on standard error
  130, 143, 129  Ctrl-C, SIGTERM or SIGHUP ended a training run, which tells
     how to go on, or the program of verify --kernel

`ravine COMMAND --help` describes a command and gives examples of it.";

// In the order in which a newcomer needs them.
#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Train(Box<train::Train>),
    Generate(generate::Generate),
    Bench(bench::Bench),
    Verify(verify::Verify),
    Compare(compare::Compare),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Runs the command that `words` are, the program's name and the command's first.
    fn run(self, words: &[OsString]) -> Result<(), Error> {
        match self {
            Self::Demo(command) => command.run(),
            Self::Train(command) => command.run(words),
            Self::Generate(command) => command.run(),
            Self::Bench(command) => command.run(),
            Self::Verify(command) => command.run(),
            Self::Compare(command) => command.run(),
            Self::Completions(command) => command.run(Ravine::command()),
            Self::Man(command) => command.run(Ravine::command()),
        }
    }
}

/// Runs the command line `args`, whose first word is the program's name, and gives back the exit
/// status: 0 where all is done, 1 where a check failed or training met a number that is not
/// finite, 2 for bad usage or bad input, and 128 + N where signal N ended a training run or the
/// program of `verify --kernel`.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = args.into_iter().collect();
    match Ravine::try_parse_from(&words) {
        Ok(ravine) => {
            ravine.command.run(&words).map_or_else(|error| error.report(), |()| ExitCode::SUCCESS)
        }
        Err(error) => error::usage(&error),
    }
}
