//! `fuzz`: the readers of files are fed what libFuzzer makes of good files.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use clap::Args;
use clap::builder::PossibleValuesParser;
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use serde_json::{Value, json};

use crate::error::Error;
use crate::process;

/// The targets, and how many shares of all inputs each takes: the more, the faster it is. A trace is
/// read by the whole program, which is slow to start.
const TARGETS: [(&str, u64); 7] = [
    ("csv", 15),
    ("npy", 10),
    ("npz", 15),
    ("array_npz", 4),
    ("idx", 50),
    ("saved", 30),
    ("trace", 1),
];
/// Bytes of an input; files with several entries, types and rows are no longer.
const LENGTH: &str = "-max_len=4096";
/// What a reader may take for such an input: seconds, and MiB at once and in all, with what the
/// sanitizer keeps.
const LIMITS: [&str; 3] = ["-timeout=10", "-malloc_limit_mb=64", "-rss_limit_mb=1024"];
/// A folder in memory, where there is one.
const MEMORY: &str = "/dev/shm";
/// Lines of a failure that are shown.
const SHOWN: usize = 40;
/// Where the record lies in the workspace.
const RECORD: &str = "docs/fuzz.json";

/// How long to fuzz.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Targets, of which each is a format; all where none is named
    #[arg(value_name = "TARGET", value_parser = PossibleValuesParser::new(TARGETS.map(|(name, _)| name)))]
    targets: Vec<String>,
    /// Inputs of all these targets together
    #[arg(long, value_name = "N", default_value = "2000000")]
    runs: u64,
    /// Keep the counts in docs/fuzz.json
    #[arg(long)]
    record: bool,
}

/// What a target did.
struct Outcome {
    target: &'static str,
    inputs: u64,
    accepted: u64,
    /// The most memory that it had, in MiB.
    peak: u64,
    seconds: f64,
}

/// Builds the targets, runs each for its share of the inputs, as many at a time as there are
/// cores, and prints a table. What they learn stays in `target/fuzz/corpus`.
///
/// # Errors
///
/// If there is no nightly toolchain or no cargo-fuzz, or a target does not build; if an input
/// breaks a reader, or none is accepted.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Error> {
    let folder = process::target().join("fuzz");
    let programs = build(&folder)?;
    let files = if Path::new(MEMORY).is_dir() { MEMORY.into() } else { std::env::temp_dir() };
    let files = files.join(format!("ravine-fuzz-{}", std::process::id()));
    fs::create_dir_all(&files).map_err(|error| Error::io(files.display(), &error))?;
    let named =
        |target| options.targets.is_empty() || options.targets.iter().any(|one| one == target);
    let targets: Vec<_> = TARGETS.into_iter().filter(|&(target, _)| named(target)).collect();
    let all: u64 = targets.iter().map(|(_, shares)| shares).sum();
    let done = targets.par_iter().with_max_len(1).map(|&(target, shares)| {
        let inputs = (options.runs * shares).div_ceil(all);
        feed(target, inputs, &programs.join(target), &folder, &files)
    });
    let done: Vec<_> = done.collect();
    fs::remove_dir_all(&files).map_err(|error| Error::io(files.display(), &error))?;
    // What the others did is told also where a target found something.
    print(done.iter().flatten());
    let done = done.into_iter().collect::<Result<Vec<_>, _>>()?;
    if options.record {
        record(&done)?;
    }
    match done.iter().find(|outcome| outcome.accepted == 0) {
        Some(Outcome { target, .. }) => {
            Err(Error::new(format!("{target}: no input was accepted, wanted its seeds at least")))
        }
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Builds the targets, with assertions and AddressSanitizer, and gives the folder of the programs.
fn build(folder: &Path) -> Result<PathBuf, Error> {
    let host = process::nightly_host()?;
    let tool = Command::new("cargo-fuzz").args(["fuzz", "--version"]).output();
    if !tool.is_ok_and(|output| output.status.success()) {
        let found = "found no cargo-fuzz, wanted it: cargo install cargo-fuzz --version 0.13.2";
        return Err(Error::new(found));
    }
    let to = folder.display().to_string();
    process::nightly_cargo(&["fuzz", "build", "--fuzz-dir", "fuzz", "--target-dir", &to], &[])?;
    Ok(folder.join(host).join("release"))
}

/// Runs a target.
fn feed(
    target: &'static str,
    inputs: u64,
    program: &Path,
    folder: &Path,
    files: &Path,
) -> Result<Outcome, Error> {
    let failed = |error: &_| Error::io(program.display(), error);
    let [corpus, found] = ["corpus", "found"].map(|name| folder.join(name).join(target));
    for folder in [&corpus, &found] {
        fs::create_dir_all(folder).map_err(|error| Error::io(folder.display(), &error))?;
    }
    let start = Instant::now();
    let mut child = Command::new(program)
        .arg(format!("-runs={inputs}"))
        .arg(LENGTH)
        .args(LIMITS)
        .arg("-print_final_stats=1")
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args([corpus, process::root().join("fuzz/seeds").join(target)])
        .env("TMPDIR", files)
        // What cargo-fuzz sets, and less memory that is kept to see late uses of it.
        .env("ASAN_OPTIONS", "detect_odr_violation=0:quarantine_size_mb=16")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))?;
    let mut told = BufReader::new(child.stderr.take().expect("it is piped"));
    let (mut line, mut last) = (Vec::new(), VecDeque::new());
    while 0 < told.read_until(b'\n', &mut line).map_err(|error| failed(&error))? {
        last.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
        last.drain(..last.len().saturating_sub(SHOWN));
        line.clear();
    }
    let status = child.wait().map_err(|error| failed(&error))?;
    if !status.success() {
        last.iter().for_each(|line| eprintln!("{line}"));
        return Err(Error::new(format!("{target}: {status}; its input is in {}", found.display())));
    }
    let stat = |name: &str| {
        let line = last.iter().find_map(|line| line.strip_prefix(&format!("stat::{name}:")));
        line.and_then(|number| number.trim().parse().ok())
            .ok_or_else(|| Error::new(format!("{target}: tells no {name}")))
    };
    Ok(Outcome {
        target,
        inputs: stat("number_of_executed_units")?,
        accepted: stat("accepted_units")?,
        peak: stat("peak_rss_mb")?,
        seconds: start.elapsed().as_secs_f64(),
    })
}

fn print<'a>(done: impl Iterator<Item = &'a Outcome>) {
    println!("{:10} {:>10} {:>8} {:>10} {:>8}", "", "inputs", "each s", "accepted", "peak MiB");
    let mut all = 0;
    for outcome in done {
        let Outcome { target, inputs, accepted, peak, .. } = outcome;
        println!("{target:10} {inputs:>10} {:>8} {accepted:>10} {peak:>8}", outcome.rate());
        all += inputs;
    }
    println!("{:10} {all:>10}", "all");
}

/// Puts what the targets did in the place of what they did before.
fn record(done: &[Outcome]) -> Result<(), Error> {
    let path = process::root().join(RECORD);
    let failed = |error: &_| Error::io(path.display(), error);
    let before = fs::read(&path).or_else(|error| match error.kind() {
        ErrorKind::NotFound => Ok(b"{}".to_vec()),
        _ => Err(failed(&error)),
    })?;
    let mut targets: BTreeMap<String, Value> = serde_json::from_slice(&before)
        .map_err(|error| Error::new(format!("{}: {error}", path.display())))?;
    targets.extend(done.iter().map(|outcome| {
        let Outcome { target, inputs, accepted, peak, .. } = *outcome;
        let entry = json!({
            "command": format!("cargo xtask fuzz {target} --runs {inputs} --record"),
            "inputs": inputs,
            "accepted": accepted,
            "refused": inputs - accepted,
            "per_second": outcome.rate(),
            "peak_mib": peak,
        });
        (target.to_owned(), entry)
    }));
    fs::write(&path, format!("{:#}\n", json!(targets))).map_err(|error| failed(&error))
}

impl Outcome {
    /// Inputs in a second.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rate for people"
    )]
    fn rate(&self) -> u64 {
        (self.inputs as f64 / self.seconds) as u64
    }
}
