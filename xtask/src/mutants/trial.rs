//! A crate's tests, run until one fails.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::Error;

/// Characters of a message that are shown: some have whole operands in them.
const LONGEST: usize = 200;

/// Where tests are built and run.
pub(crate) struct Trial {
    /// A copy of the workspace.
    pub(crate) copy: PathBuf,
    /// Where cargo builds it.
    pub(crate) target: PathBuf,
}

/// What became of a patch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was not run, and could be.
    Applies,
    /// A test failed, and said what it should.
    Caught(Failure),
    /// Tests failed, and none named the level and a place.
    Unnamed(Failure),
    /// All tests passed.
    Survived,
    /// The patch's text is not there once, or the patched code does not compile.
    Stale(String),
    /// This CPU does not have the level that it breaks.
    Absent,
}

impl Verdict {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Applies => "applies",
            Self::Caught(_) => "caught",
            Self::Unnamed(_) => "unnamed",
            Self::Survived => "survived",
            Self::Stale(_) => "stale",
            Self::Absent => "absent",
        }
    }

    /// Whether nothing is to be done about it.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self, Self::Applies | Self::Caught(_) | Self::Absent)
    }

    /// The test that failed and what it said, or what is wrong with the patch.
    pub(crate) fn details(&self) -> Option<String> {
        match self {
            Self::Caught(Failure { test, message }) | Self::Unnamed(Failure { test, message }) => {
                Some(format!("{test}\n{message}"))
            }
            Self::Stale(why) => Some(why.clone()),
            Self::Applies | Self::Survived | Self::Absent => None,
        }
    }
}

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The file of tests, unless the test lies in the crate, and the test's path in it.
    pub(crate) test: String,
    /// The first line of its message.
    pub(crate) message: String,
}

impl Trial {
    /// The package's programs of tests, as cargo's options name them: the crate's own tests first.
    ///
    /// # Errors
    ///
    /// If cargo cannot be started, or knows no such package.
    pub(crate) fn programs(&self, package: &str) -> Result<Vec<Vec<String>>, Error> {
        let told = self.cargo(&["metadata", "--no-deps", "--format-version", "1"])?;
        let told: Value = serde_json::from_slice(&told.stdout)
            .map_err(|error| Error::new(format!("cargo metadata: {error}")))?;
        let packages = told["packages"].as_array().into_iter().flatten();
        let targets = packages.filter(|told| told["name"] == package);
        let targets = targets.flat_map(|told| told["targets"].as_array().into_iter().flatten());
        let option = |target: &Value| match (target["kind"][0].as_str()?, &target["name"]) {
            ("lib", _) => Some(vec!["--lib".into()]),
            // One that wants features beyond the package's own is left to `cargo xtask test`.
            ("test", name) if target["required-features"].is_null() => {
                Some(vec!["--test".into(), name.as_str()?.into()])
            }
            _ => None,
        };
        let programs: Vec<_> = targets.filter_map(option).collect();
        if programs.is_empty() {
            return Err(Error::new(format!("{package} has no tests")));
        }
        Ok(programs)
    }

    /// Builds and runs the package's programs of tests, one after another until one fails. Where
    /// the package is broken in one `level`, a message must name it.
    ///
    /// # Errors
    ///
    /// If cargo cannot be started.
    pub(crate) fn run(
        &self,
        package: &str,
        programs: &[Vec<String>],
        level: Option<&str>,
    ) -> Result<Verdict, Error> {
        for program in programs {
            let options: Vec<_> = program.iter().map(String::as_str).collect();
            let ran = self.cargo(&[&["test", "--package", package], &options[..]].concat())?;
            if ran.status.success() {
                continue;
            }
            let [out, err] = [&ran.stdout, &ran.stderr].map(|said| String::from_utf8_lossy(said));
            if !err.lines().any(|line| line.trim_start().starts_with("Running ")) {
                let error = err.lines().find(|line| line.starts_with("error"));
                return Ok(Verdict::Stale(error.unwrap_or("cargo failed").into()));
            }
            return Ok(judged(&failures(&out, program.get(1)), level));
        }
        Ok(Verdict::Survived)
    }

    fn cargo(&self, args: &[&str]) -> Result<Output, Error> {
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(args)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            // Nobody debugs what is known to be broken, and without it builds are quicker.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .current_dir(&self.copy)
            .output()
            .map_err(|error| Error::io("cargo", &error))
    }
}

/// The first failure that says what it should, or that nothing does.
fn judged(failures: &[Failure], level: Option<&str>) -> Verdict {
    let is_told = |failure: &&Failure| level.is_none_or(|level| names(&failure.message, level));
    match (failures.iter().find(is_told), failures.first()) {
        (Some(failure), _) => Verdict::Caught(failure.clone()),
        (None, Some(failure)) => Verdict::Unnamed(failure.clone()),
        (None, None) => {
            let message = "the tests ended without naming a failure".into();
            Verdict::Unnamed(Failure { test: "cargo test".into(), message })
        }
    }
}

/// Whether a message names the level as a whole word, and a place: a number besides.
fn names(message: &str, level: &str) -> bool {
    let mut words = message.split(|c: char| !c.is_alphanumeric());
    let rest = message.replace(level, "");
    words.any(|word| word == level) && rest.contains(|c: char| c.is_ascii_digit())
}

/// What the tests' harness printed of failures in a file of tests, or in the crate's own tests, by
/// the names of the tests.
fn failures(out: &str, file: Option<&String>) -> Vec<Failure> {
    let of = |section: &str| {
        let (name, said) = section.split_once(" stdout ----")?;
        let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let message = if first.contains(" panicked at ") { lines.next()? } else { first };
        // What the standard library puts before a message of ours.
        let ours = message.strip_prefix("assertion `left == right` failed: ").unwrap_or(message);
        let test = file.map_or_else(|| name.to_owned(), |file| format!("{file}: {name}"));
        Some(Failure { test, message: ours.chars().take(LONGEST).collect() })
    };
    let mut failures: Vec<_> = out.split("\n---- ").skip(1).filter_map(of).collect();
    failures.sort_by(|a, b| a.test.cmp(&b.test));
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUT: &str = "\
running 3 tests
test b ... FAILED
test a ... FAILED

failures:

---- b stdout ----

thread 'b' (17) panicked at crates/simd/tests/sum.rs:9:5:
assertion `left == right` failed: sum, avx2, len 17
  left: 1
 right: 2
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- a stdout ----
note: test did not panic as expected at crates/simd/tests/sum.rs:3:4

failures:
    a
    b
";

    fn failure(test: &str, message: &str) -> Failure {
        Failure { test: test.into(), message: message.into() }
    }

    #[test]
    fn failures_are_read_from_what_the_harness_says() {
        let a = failure(
            "sum: a",
            "note: test did not panic as expected at crates/simd/tests/sum.rs:3:4",
        );
        assert_eq!(failures(OUT, Some(&"sum".into())), [a, failure("sum: b", "sum, avx2, len 17")]);
        assert_eq!(failures(OUT, None)[1].test, "b");
    }

    #[test]
    fn a_patch_of_one_level_is_caught_by_a_message_that_names_level_and_place() {
        let told = failure("b", "sum, avx2, len 17");
        let untold = failure("a", "sum, avx512, len 17");
        let both = [untold.clone(), told.clone()];
        assert_eq!(judged(&both, Some("avx2")), Verdict::Caught(told));
        assert_eq!(judged(&both, Some("scalar")), Verdict::Unnamed(untold.clone()));
        assert_eq!(judged(&both, None), Verdict::Caught(untold));
        assert!(!names("avx2 is off", "avx2"));
        assert!(matches!(judged(&[], None), Verdict::Unnamed(_)));
    }
}
