//! `mutants`: the tests are tested, by breaking the code that they are about.
//!
//! Each patch of a table breaks one law, in a copy of the workspace. A test of the crate that it
//! breaks must fail with a message that names the place and, where the code runs on levels, the
//! level. Tests that do not end are killed, and have caught nothing.

mod bounded;
mod failure;
mod levelless;
mod patch;
mod table;
mod trial;
mod verdict;

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use ravine_simd::Level;

use crate::mutants::patch::Patch;
use crate::mutants::trial::{Program, Trial};
use crate::mutants::verdict::{Verdict, summary};
use crate::process::{root, target};
use crate::{Error, copy};

/// What `mutants` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Print the patches, and whether their text is still there, and run nothing
    #[arg(long)]
    list: bool,
    /// Run the patches of this name alone
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
}

/// What became of a patch, and how long it took.
struct Outcome {
    patch: &'static Patch,
    verdict: Verdict,
    took: Duration,
}

/// Applies every patch to a copy of the workspace, one at a time, runs the tests of its crate until
/// one says what is wrong, and prints what caught it.
///
/// # Errors
///
/// If no patch has a name that was asked for, the tests fail without any patch, or the copy cannot
/// be made.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Error> {
    let patches = chosen(&options.only)?;
    let outcomes = if options.list { listed(&patches) } else { tried(&patches)? };
    for Outcome { patch, verdict, took } in &outcomes {
        println!("{:9} {:34} {:4} s  {}", verdict.word(), patch.name, took.as_secs(), patch.breaks);
        if let Some(details) = verdict.details() {
            println!("          {}", details.replace('\n', "\n          "));
        }
    }
    println!("mutants: {}", summary(outcomes.iter().map(|outcome| &outcome.verdict)));
    let is_good = outcomes.iter().all(|outcome| outcome.verdict.is_good());
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The patches of these names, or all.
fn chosen(names: &[String]) -> Result<Vec<&'static Patch>, Error> {
    let is_known = |name: &&String| table::all().any(|patch| patch.name == **name);
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(Error::new(format!("no patch is called {unknown}; --list names them")));
    }
    let is_chosen =
        |patch: &&Patch| names.is_empty() || names.iter().any(|name| name == patch.name);
    Ok(table::all().filter(is_chosen).collect())
}

/// Patches that were not run.
fn listed(patches: &[&'static Patch]) -> Vec<Outcome> {
    let of = |&patch: &&'static Patch| {
        let verdict = patched(patch, root()).map_or_else(Verdict::Stale, |_| Verdict::Applies);
        Outcome { patch, verdict, took: Duration::ZERO }
    };
    patches.iter().map(of).collect()
}

/// Runs the patches, a crate's one after another, each crate's tests first without any.
fn tried(patches: &[&'static Patch]) -> Result<Vec<Outcome>, Error> {
    let folder = target().join("mutants");
    let trial = Trial { copy: folder.join("copy"), target: folder.join("target") };
    copy::make(&trial.copy)?;
    let mut outcomes = Vec::new();
    let (mut package, mut programs) = (String::new(), Vec::new());
    for (i, &patch) in patches.iter().enumerate() {
        if package != patch.package() {
            package = patch.package();
            programs = trial.programs(&package)?;
            eprintln!("{package}: the tests without a patch");
            trial.bound(&mut programs)?;
        }
        eprintln!("{} of {}: {}: {}", i + 1, patches.len(), patch.name, patch.breaks);
        let start = Instant::now();
        let verdict = tried_alone(&trial, &programs, patch)?;
        eprintln!("  {} {}", verdict.word(), verdict.details().unwrap_or_default());
        outcomes.push(Outcome { patch, verdict, took: start.elapsed() });
    }
    Ok(outcomes)
}

/// Breaks the copy, runs the tests, and mends the copy.
fn tried_alone(trial: &Trial, programs: &[Program], patch: &Patch) -> Result<Verdict, Error> {
    if patch.told.level().is_some_and(|level| Level::named(level).is_err()) {
        return Ok(Verdict::Absent);
    }
    let broken = match patched(patch, &trial.copy) {
        Ok(broken) => broken,
        Err(stale) => return Ok(Verdict::Stale(stale)),
    };
    let path = trial.copy.join(patch.file);
    let write =
        |text: &[u8]| fs::write(&path, text).map_err(|error| Error::io(path.display(), &error));
    let whole = fs::read(&path).map_err(|error| Error::io(path.display(), &error))?;
    write(broken.as_bytes())?;
    let verdict = trial.run(programs, patch.told);
    write(&whole)?;
    verdict
}

/// The patched text of the patch's file under `root`, or what is wrong with the patch.
fn patched(patch: &Patch, root: &Path) -> Result<String, String> {
    let text = fs::read_to_string(root.join(patch.file));
    patch.apply(&text.map_err(|error| format!("{}: {error}", patch.file))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patch_finds_the_text_that_it_breaks() {
        for patch in table::all() {
            let broken = patched(patch, root()).map(|_| ());
            assert_eq!(broken, Ok(()), "{}", patch.name);
        }
    }
}
