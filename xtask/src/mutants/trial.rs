//! A crate's tests, run until one fails.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Error;
use crate::mutants::bounded;
use crate::mutants::failure::failures;
use crate::mutants::patch::Told;
use crate::mutants::verdict::{Verdict, judged};

/// How many times as long a program of tests may take with a patch as without one.
const TIMES: u32 = 10;
/// What it may take however short it is, for other programs make a machine slow.
const LEAST: Duration = Duration::from_secs(60);

/// Where tests are built and run.
pub(crate) struct Trial {
    /// A copy of the workspace.
    pub(crate) copy: PathBuf,
    /// Where cargo builds it.
    pub(crate) target: PathBuf,
}

/// A program of tests of a package.
pub(crate) struct Program {
    package: String,
    /// The file of tests, unless it is the crate's own tests.
    file: Option<String>,
    /// After how long its tests are taken to be endless.
    bound: Duration,
}

impl Trial {
    /// The package's programs of tests, the crate's own tests first.
    ///
    /// # Errors
    ///
    /// If cargo cannot be started, or knows no such package.
    pub(crate) fn programs(&self, package: &str) -> Result<Vec<Program>, Error> {
        let told = self.cargo(&["metadata", "--no-deps", "--format-version", "1"])?;
        let told: Value = serde_json::from_slice(&told.stdout)
            .map_err(|error| Error::new(format!("cargo metadata: {error}")))?;
        let packages = told["packages"].as_array().into_iter().flatten();
        let targets = packages.filter(|told| told["name"] == package);
        let targets = targets.flat_map(|told| told["targets"].as_array().into_iter().flatten());
        let file = |target: &Value| match (target["kind"][0].as_str()?, &target["name"]) {
            ("lib", _) => Some(None),
            // One that wants features beyond the package's own is left to `cargo xtask test`.
            ("test", name) if target["required-features"].is_null() => {
                Some(Some(name.as_str()?.into()))
            }
            _ => None,
        };
        let program = |file| Program { package: package.into(), file, bound: Duration::MAX };
        let programs: Vec<_> = targets.filter_map(file).map(program).collect();
        if programs.is_empty() {
            return Err(Error::new(format!("{package} has no tests")));
        }
        Ok(programs)
    }

    /// Runs the programs without a patch, where no test may fail, and bounds each by how long it
    /// takes.
    ///
    /// # Errors
    ///
    /// If cargo cannot be started, or a test fails.
    pub(crate) fn bound(&self, programs: &mut [Program]) -> Result<(), Error> {
        for program in programs {
            // What is built before is no part of the time.
            drop(self.built(program)?);
            let begun = Instant::now();
            if let Some(verdict) = self.verdict(program, None)? {
                let details = verdict.details().unwrap_or_default();
                return Err(Error::new(format!("{} without a patch: {details}", program.package)));
            }
            program.bound = (TIMES * begun.elapsed()).max(LEAST);
        }
        Ok(())
    }

    /// Builds and runs the programs with a patch, one after another until a test fails whose message
    /// names what it must.
    ///
    /// # Errors
    ///
    /// If cargo cannot be started.
    pub(crate) fn run(&self, programs: &[Program], told: Told) -> Result<Verdict, Error> {
        let mut first = None;
        for program in programs {
            match self.verdict(program, Some(told))? {
                Some(last @ (Verdict::Caught(_) | Verdict::Stale(_))) => return Ok(last),
                verdict => first = first.or(verdict),
            }
        }
        Ok(first.unwrap_or(Verdict::Survived))
    }

    /// What one program comes to, unless all its tests pass.
    fn verdict(&self, program: &Program, told: Option<Told>) -> Result<Option<Verdict>, Error> {
        let mut tests = match self.built(program)? {
            Ok(tests) => tests,
            Err(why) => return Ok(Some(Verdict::Stale(why))),
        };
        // A message ends where a trace of calls would begin.
        tests.env("RUST_BACKTRACE", "0");
        let ended = bounded::run(&mut tests, program.bound)
            .map_err(|error| Error::io(tests.get_program().display(), &error))?;
        let Some(ended) = ended else { return Ok(Some(Verdict::Endless(program.bound))) };
        let found = failures(&String::from_utf8_lossy(&ended.stdout), program.file.as_ref());
        Ok((!ended.status.success()).then(|| judged(&found, told)))
    }

    /// The program, to be run where cargo runs it, or the error of its build.
    fn built(&self, program: &Program) -> Result<Result<Command, String>, Error> {
        let mut args = vec!["test", "--no-run", "--message-format=json-render-diagnostics"];
        args.extend(["--package", &program.package]);
        match &program.file {
            None => args.push("--lib"),
            Some(file) => args.extend(["--test", file]),
        }
        let built = self.cargo(&args)?;
        let [out, err] = [&built.stdout, &built.stderr].map(|said| String::from_utf8_lossy(said));
        if !built.status.success() {
            let error = err.lines().find(|line| line.starts_with("error"));
            return Ok(Err(error.unwrap_or("cargo failed").into()));
        }
        let told = out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut tests = told.filter(|told| told["profile"]["test"] == true).filter_map(|told| {
            let mut tests = Command::new(told["executable"].as_str()?);
            tests.current_dir(Path::new(told["manifest_path"].as_str()?).parent()?);
            Some(tests)
        });
        tests.next_back().map(Ok).ok_or_else(|| Error::new("cargo named no program of tests"))
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
