//! What a person meets who has nothing but the installed program: help, completions, the manual.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{ROOT, fails, have, place, succeeds};

/// The long help of a command, at 80 columns.
fn help(command: &str) -> String {
    help_at("80", command)
}

fn help_at(columns: &str, command: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ravine"));
    let output = program.env("COLUMNS", columns).args(command.split_whitespace()).arg("--help");
    String::from_utf8(output.output().expect("the program starts").stdout).unwrap()
}

/// Every command that the helps list, and those below it.
fn commands(above: &str) -> Vec<String> {
    let text = help(above);
    let listed = text.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next());
    let mut found = Vec::new();
    for line in listed.unwrap_or_default().lines() {
        let name = line.strip_prefix("  ").and_then(|line| line.split(' ').next());
        if let Some(name) = name.filter(|name| !name.is_empty() && *name != "help") {
            let command = format!("{above} {name}").trim().to_owned();
            found.extend(commands(&command));
            found.push(command);
        }
    }
    found
}

/// The long flags that begin a line of a command's help.
fn flags(command: &str) -> BTreeSet<String> {
    let text = help(command);
    let flag = |line: &str| {
        let rest = line.trim_start().trim_start_matches("-h, ").strip_prefix("--")?;
        let is_name = |c: &char| c.is_ascii_alphabetic() || *c == '-';
        Some(rest.chars().take_while(is_name).collect())
    };
    text.split("Examples:").next().unwrap_or_default().lines().filter_map(flag).collect()
}

/// The lines of a command's help that a person may run, each whole.
fn examples(command: &str) -> Vec<String> {
    let text = help_at("100", command);
    assert!(text.contains("Examples:\n"), "ravine {command} --help has no examples");
    let text = text.replace("\\\n", " ");
    text.lines().filter_map(|line| line.strip_prefix("  ravine ").map(str::to_owned)).collect()
}

/// A folder of a test's own, empty.
fn folder(name: &str) -> PathBuf {
    let folder = place("unused").with_file_name(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_help_lists_the_commands() {
    let commands = commands("");
    for name in ["demo", "train", "generate", "bench", "bench update", "verify", "man"] {
        assert!(commands.iter().any(|command| command == name), "{name}: {commands:?}");
    }
}

#[test]
fn help_fits_eighty_columns() {
    for command in commands("").into_iter().chain([String::new()]) {
        for line in help(&command).lines() {
            assert!(line.chars().count() <= 80, "ravine {command} --help: {line}");
        }
    }
}

#[test]
fn every_example_of_the_help_runs_as_printed() {
    // These take long, and most run in tests of their own; the last needs another program.
    const LEFT_OUT: [&str; 4] = ["demo", "bench", "verify", "man | man"];
    let here = folder("examples");
    fs::create_dir(here.join("data")).unwrap();
    for data in ["diabetes.csv", "longley.csv", "digits.csv"] {
        let name = format!("data/{data}");
        fs::copy(Path::new(ROOT).join(&name), here.join(&name)).unwrap();
    }
    let run = |line: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_ravine"));
        // What a shell would do.
        let words = line.split(" > ").next().unwrap().split_whitespace();
        let words = words.map(|word| word.replace('~', here.to_str().unwrap()));
        let output = program.current_dir(&here).args(words).output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "ravine {line}: {said}");
    };
    // The files of a reader's own that `compare` is given.
    run("train --data data/longley.csv --epochs 1 --save run.safetensors --trace run.csv");
    run("generate --rows 9 --cols 2 --out run.npz");
    let supply = |line: &str| {
        for file in line.split_whitespace().map(|word| here.join(word)) {
            if let Some(suffix) = file.extension().filter(|_| !file.exists()) {
                fs::copy(here.join("run").with_extension(suffix), &file).unwrap();
            }
        }
    };
    let mut n_examples = 0;
    let commands = commands("").into_iter().filter(|command| !command.starts_with("bench "));
    for command in commands.chain([String::new()]) {
        for line in examples(&command) {
            if !LEFT_OUT.iter().any(|left_out| line.starts_with(left_out)) {
                if command == "compare" {
                    supply(&line);
                }
                run(&line);
                n_examples += 1;
            }
        }
    }
    assert!(n_examples >= 12, "only {n_examples} examples");
}

#[test]
fn completions_name_every_command_and_every_flag() {
    let commands = commands("");
    for shell in ["bash", "zsh", "fish"] {
        let script = succeeds(&format!("completions {shell}"));
        for command in &commands {
            let name = command.rsplit(' ').next().unwrap();
            assert!(script.contains(name), "{shell}: {command}");
            for flag in flags(command) {
                // Fish writes a long flag as `-l flag`.
                let written =
                    if shell == "fish" { format!("-l {flag}") } else { format!("--{flag}") };
                assert!(script.contains(&written), "{shell}: {command} --{flag}");
            }
        }
    }
    assert!(fails("completions tcsh", 2).contains("bash"));
}

#[test]
fn bash_reads_the_completions_and_completes_a_flag() {
    let script = place("ravine.bash");
    fs::write(&script, succeeds("completions bash")).unwrap();
    let asks = format!(
        "source {}; COMP_WORDS=(ravine train --wei); COMP_CWORD=2; _ravine ravine --wei train; \
         echo ${{COMPREPLY[@]}}",
        script.display()
    );
    // A system without bash has nothing to complete.
    if !have("bash", &["--version"]) {
        return;
    }
    let output = Command::new("bash").args(["-c", &asks]).output().expect("bash starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(told.trim(), "--weight-decay", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_manual_names_every_flag_and_has_a_page_for_each_command() {
    let pages = folder("manual");
    succeeds(&format!("man --out {}", pages.display()));
    let whole = succeeds("man");
    assert_eq!(fs::read_to_string(pages.join("ravine.1")).unwrap(), whole);
    let commands = commands("");
    assert_eq!(fs::read_dir(&pages).unwrap().count(), 1 + commands.len());
    for command in &commands {
        let file = pages.join(format!("ravine-{}.1", command.replace(' ', "-")));
        let page = fs::read_to_string(&file).unwrap_or_else(|_| panic!("{}", file.display()));
        for flag in flags(command) {
            let written = format!("\\-\\-{}", flag.replace('-', "\\-"));
            assert!(page.contains(&written) && whole.contains(&written), "{command} --{flag}");
        }
    }
}

#[test]
fn a_manual_that_cannot_be_written_is_refused_by_its_folder() {
    let file = place("not-a-folder");
    fs::write(&file, "").unwrap();
    assert!(fails(&format!("man --out {}", file.display()), 2).contains("not-a-folder"));
}

#[test]
fn a_reader_that_has_heard_enough_is_no_fault_and_ends_no_work() {
    let save = place("unheard.safetensors");
    let train = format!("train --data data/diabetes.csv --epochs 1 --save {}", save.display());
    for line in ["completions zsh", "man", "train --help", &train] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut program = Command::new(env!("CARGO_BIN_EXE_ravine"));
        let program = program.current_dir(ROOT).args(line.split_whitespace()).stdout(writer);
        let output = program.output().expect("the program starts");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.is_empty(), "ravine {line}: {said}");
    }
    assert!(save.exists());
}

#[test]
fn what_is_piped_has_no_color() {
    for line in ["", "--help", "train --help", "train --data no.csv", "demo --none", "man"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_ravine"));
        let program = program.env_remove("CLICOLOR_FORCE").args(line.split_whitespace());
        let output = program.output().expect("the program starts");
        for bytes in [output.stdout, output.stderr] {
            // A manual page has its own escapes, but no terminal's.
            assert!(!bytes.contains(&0x1b), "ravine {line}: {}", String::from_utf8_lossy(&bytes));
        }
    }
}
