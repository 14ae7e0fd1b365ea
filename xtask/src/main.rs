//! The workspace's chores, and the product's commands.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its user")]

mod accuracy;
mod browser;
mod codegen;
mod copy;
mod error;
mod figures;
mod fuzz;
mod large;
mod levels;
mod lint;
mod mutants;
mod process;
mod sanitize;
mod test;
mod tidy;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// The workspace's chores, and the product's commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", after_help = PRODUCT)]
struct Xtask {
    #[command(subcommand)]
    command: Command,
}

/// What `help` says of the commands that belong to `ravine-cli`.
const PRODUCT: &str = "\
The product's commands, as in the program `ravine`:
  demo      Show why momentum crosses ravines
  generate  Make a ravine with a prescribed spectrum
  train     Train a linear model or a multilayer perceptron
  bench     Time kernels and training steps against this machine's limits
  verify    Compare the bits of every level, thread count and fusion
  compare   Name the first difference between two results

`cargo xtask train --help` describes one of them.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure the error of every function at all its arguments; takes half an hour
    Accuracy(accuracy::Accuracy),
    /// Run all tests, in debug and in release, and a short `verify`
    Test,
    /// Check format, clippy, documentation, features, packages, text rules and generated code
    Lint,
    /// Check the text rules of the workspace
    Tidy,
    /// Check that kernels stay in vector registers, in the assembly of the libraries
    Codegen(codegen::Options),
    /// Break the code in many ways, one at a time, and see that the tests catch each
    Mutants(mutants::Options),
    /// Train from a file larger than memory, and from the same file in memory
    Large,
    /// Run the tests of the libraries under AddressSanitizer; wants a nightly toolchain
    Sanitize,
    /// Fuzz the readers of files under AddressSanitizer; wants a nightly toolchain
    Fuzz(fuzz::Options),
    /// Draw the figures of all experiments as SVG
    Figures(figures::Options),
    /// Open the report in a real browser, move its sliders, and take pictures of it
    Browser(browser::Options),
    /// Print the levels of this CPU, narrowest first
    Levels,
    /// Anything else is the product's to run or to refuse.
    #[command(external_subcommand)]
    Product(Vec<OsString>),
}

fn main() -> ExitCode {
    let done = match Xtask::parse().command {
        Command::Accuracy(args) => accuracy::run(&args),
        Command::Test => test::run(),
        Command::Lint => lint::run(),
        Command::Tidy => tidy::run(),
        Command::Codegen(options) => codegen::run(&options),
        Command::Mutants(options) => mutants::run(&options),
        Command::Large => large::run(),
        Command::Sanitize => sanitize::run(),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Figures(options) => figures::run(&options),
        Command::Browser(options) => browser::run(&options),
        Command::Levels => levels::run(),
        Command::Product(args) => Ok(product(args)),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

/// Runs a command of the program `ravine` in this process.
fn product(args: impl IntoIterator<Item = impl Into<OsString>>) -> ExitCode {
    let program = OsString::from("ravine");
    ravine_cli::run(std::iter::once(program).chain(args.into_iter().map(Into::into)))
}
