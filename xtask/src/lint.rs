//! `lint`: everything that is judged without running it.

use std::process::ExitCode;

use crate::process::{cargo, cargo_with};
use crate::{Error, codegen, tidy};

/// The libraries that promise to build without threads.
const LIBRARIES: [&str; 6] =
    ["ravine-simd", "ravine-momentum", "ravine-tensor", "ravine-models", "ravine-data", "ravine"];

/// Packs every published crate. Cargo refuses one whose README or version is missing; whether the
/// packed text compiles is left to the release, which leaves `--no-verify` out.
const PACKAGE: [&str; 9] = [
    "package",
    "--quiet",
    "--workspace",
    "--exclude",
    "xtask",
    "--exclude",
    "ravine-benches",
    "--allow-dirty",
    "--no-verify",
];

/// A part of `lint`: its name, and what it runs.
type Part = (&'static str, fn() -> Result<ExitCode, Error>);

/// The parts, cheapest first.
const PARTS: [Part; 7] = [
    ("format", || done(cargo(&["fmt", "--all", "--check"]))),
    ("tidy", tidy::run),
    ("clippy", || done(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))),
    ("features", features),
    ("documentation", || {
        done(cargo_with(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")]))
    }),
    ("packages", || done(cargo(&PACKAGE))),
    ("codegen", codegen::check),
];

/// Runs every part, whether or not one before it failed, and reports each.
///
/// # Errors
///
/// If a part failed.
pub(crate) fn run() -> Result<ExitCode, Error> {
    let results = PARTS.map(|(name, part)| {
        println!("\n== {name}");
        (name, part())
    });
    println!("\n== summary");
    let mut failed = Vec::new();
    for (name, result) in results {
        match result {
            Ok(_) => println!("ok      {name}"),
            Err(error) => {
                println!("failed  {name}: {error}");
                failed.push(name);
            }
        }
    }
    if failed.is_empty() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(Error::new(format!("lint failed: {}", failed.join(", "))))
    }
}

/// Each library alone, because cargo unites the features of crates that it builds together; then
/// the example whose dependency is too much for every other build.
fn features() -> Result<ExitCode, Error> {
    for library in LIBRARIES {
        cargo(&["check", "--package", library, "--no-default-features"])?;
    }
    let example = ["--package", "ravine-tensor", "--features", "faer", "--example", "faer"];
    done(cargo(&[&["clippy"], &example[..], &["--", "-D", "warnings"]].concat()))
}

fn done(result: Result<(), Error>) -> Result<ExitCode, Error> {
    result.map(|()| ExitCode::SUCCESS)
}
