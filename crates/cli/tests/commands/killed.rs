//! Runs that are killed, or asked to end, and go on.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::program::{ROOT, object, place};
use ravine::data::{Purpose, Stream};
use ravine::{Checkpoints, Saved};

/// Begins `ravine` with the words of `line`.
fn spawn(line: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ravine"));
    command.current_dir(ROOT).args(line.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// A folder of a test's own, which is empty.
fn folder(name: &str) -> PathBuf {
    let folder = place(name);
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir(&folder).unwrap();
    folder
}

/// The file that has the name now.
fn identity(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.ino())
}

/// Waits until `child` has saved once more.
fn wait_for_save(child: &mut Child, path: &Path) {
    let before = identity(path);
    while identity(path) == before {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it was killed");
        std::thread::yield_now();
    }
}

fn steps(path: &Path) -> u64 {
    Saved::read(path).unwrap_or_else(|error| panic!("{error}")).summary().steps
}

#[test]
fn a_run_killed_fifty_times_ends_in_the_bits_of_one_that_was_not() {
    let save = folder("killed").join("run.safetensors");
    let run = "train --data data/diabetes.csv --batch 64 --epochs 4000000000 --lr 0.05 --seed 1 \
               --momentum 0.5:0.99@9000 --form ema-unbiased";
    let mut draws = Stream::new(11, Purpose::Labels, 0);
    let (mut done, mut grew) = (0, 0);
    for life in 0..50 {
        let every = 1 + draws.below(7);
        let mut line = format!("{run} --save {} --save-every {every}", save.display());
        if save.exists() {
            line += &format!(" --resume {}", save.display());
        }
        let mut child = spawn(&line);
        // Now after a save, now while the program starts.
        for _ in 0..draws.below(3) {
            wait_for_save(&mut child, &save);
        }
        for _ in 0..draws.below(30_000) {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&stderr);
        assert_eq!(status.signal(), Some(9), "life {life}: the kill met no run: {said}");
        let now = if save.exists() { steps(&save) } else { 0 };
        assert!(done <= now, "life {life}: from step {done} to step {now}");
        grew += usize::from(done < now);
        done = now;
        let previous = Checkpoints::previous_of(&save);
        assert!(!previous.exists() || steps(&previous) <= now, "life {life}");
        // What the last one left is all that there is beside the two.
        let left = std::fs::read_dir(save.parent().unwrap()).unwrap().count();
        assert!(left <= 4, "life {life}: {left} files");
    }
    let end = format!("--epochs {}", Saved::read(&save).unwrap().position().epoch + 50);
    let rest = object(&format!("{run} {end} --resume {} --save {0}", save.display()));
    let whole = object(&format!("{run} {end}"));
    assert_eq!((&rest["digest"], &rest["loss"]), (&whole["digest"], &whole["loss"]));
    writeln!(std::io::stderr(), "50 of 50 runs killed, {grew} had saved; {done} steps").unwrap();
    assert!(grew >= 30, "{grew} killed runs had come further");
    assert_eq!(std::fs::read_dir(save.parent().unwrap()).unwrap().count(), 2, "no leftovers");
}

/// Whether these tests were told to ignore a signal, as under `nohup`.
fn is_ignored(signal: i32) -> bool {
    let told = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    mask >> (signal - 1) & 1 == 1
}

/// Runs `line` with `flags` for the files of a run until it has saved, and sends it a signal.
fn interrupt(line: &str, save: &Path, signal: &str) -> Output {
    let mut child = spawn(line);
    wait_for_save(&mut child, save);
    let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    child.wait_with_output().unwrap()
}

#[test]
fn a_run_that_is_asked_to_end_saves_itself_and_tells_how_to_go_on() {
    let run = "train --data data/diabetes.csv --batch full --epochs 4000000000 --lr 0.01";
    for (signal, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        if is_ignored(status - 128) {
            // A run inherits that from whoever started the tests, and keeps to it.
            writeln!(std::io::stderr(), "SIG{signal} is ignored here").unwrap();
            continue;
        }
        let folder = folder(&format!("interrupted-{signal}"));
        let [save, trace, whole] =
            ["run.safetensors", "run.csv", "whole.csv"].map(|name| folder.join(name));
        let files =
            format!("--trace {} --save {} --save-every 100", trace.display(), save.display());
        let output = interrupt(&format!("{run} {files} --json"), &save, signal);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{said}");
        assert!(output.stdout.is_empty(), "an interrupted run has no result");
        let step = steps(&save);
        let wanted = format!("interrupted at step {step}; saved {}; go on: ", save.display());
        let command = said.strip_prefix(&wanted).unwrap_or_else(|| panic!("{said}")).trim_end();
        let rows = std::fs::read_to_string(&trace).unwrap().lines().count() as u64;
        assert_eq!(rows, step + 1, "a header and a row a step");

        // It would go on for hours; the last of a repeated flag counts.
        let end = format!("--epochs {}", step + 300);
        let command = format!("{command} {end}");
        let shell = Command::new("sh").current_dir(ROOT).args(["-c", &command]).output().unwrap();
        let rest: serde_json::Value = serde_json::from_slice(&shell.stdout).unwrap();
        let wanted = object(&format!("{run} {end} --trace {}", whole.display()));
        assert_eq!(rest["digest"], wanted["digest"], "{command}");
        assert!(std::fs::read(trace).unwrap() == std::fs::read(whole).unwrap(), "one trace");
    }
}

#[test]
fn an_interrupted_run_without_a_place_to_save_says_so() {
    let folder = folder("unsaved");
    // The trace's temporary file tells that the run has begun.
    let run = "train --data data/diabetes.csv --batch 1 --epochs 100000 --lr 1e-9";
    let mut child = spawn(&format!("{run} --trace {}", folder.join("run.csv").display()));
    while !std::fs::read_dir(&folder).unwrap().flatten().any(|file| {
        let name = file.file_name();
        name.to_string_lossy().ends_with(".part") && file.metadata().is_ok_and(|at| at.len() > 0)
    }) {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(143), "{said}");
    assert!(said.starts_with("interrupted at step "), "{said}");
    assert!(said.ends_with("; nothing is saved without --save FILE\n"), "{said}");
    assert!(folder.join("run.csv").exists());
}
