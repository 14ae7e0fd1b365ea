//! A crate's tests, run until one fails.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use crate::Error;
use crate::mutants::failure::failures;
use crate::mutants::patch::Told;
use crate::mutants::verdict::{Verdict, judged};

/// Where tests are built and run.
pub(crate) struct Trial {
    /// A copy of the workspace.
    pub(crate) copy: PathBuf,
    /// Where cargo builds it.
    pub(crate) target: PathBuf,
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

    /// Builds and runs the package's programs of tests, one after another until a test fails whose
    /// message names what it must. Without a patch there is nothing to name, and no test may fail.
    ///
    /// # Errors
    ///
    /// If cargo cannot be started.
    pub(crate) fn run(
        &self,
        package: &str,
        programs: &[Vec<String>],
        told: Option<Told>,
    ) -> Result<Verdict, Error> {
        let mut unnamed = None;
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
            match judged(&failures(&out, program.get(1)), told) {
                Verdict::Unnamed(failure) => unnamed = unnamed.or(Some(failure)),
                verdict => return Ok(verdict),
            }
        }
        Ok(unnamed.map_or(Verdict::Survived, Verdict::Unnamed))
    }

    fn cargo(&self, args: &[&str]) -> Result<Output, Error> {
        Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(args)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            // A message ends where a trace of calls would begin.
            .env("RUST_BACKTRACE", "0")
            // Nobody debugs what is known to be broken, and without it builds are quicker.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .current_dir(&self.copy)
            .output()
            .map_err(|error| Error::io("cargo", &error))
    }
}
