//! Disks that are full while a run is saved.

use std::io::Write as _;
use std::process::{Command, Output};

use crate::program::{ROOT, object, place, succeeds};

/// A run whose file has 121 kB.
const RUN: &str = "train --data data/digits.csv --task multiclass --model mlp --hidden 200 \
                   --batch 500 --lr 0.05";
const PROGRAM: &str = env!("CARGO_BIN_EXE_ravine");

fn shell(command: &str) -> Output {
    Command::new("sh").current_dir(ROOT).args(["-c", command]).output().expect("a shell")
}

#[test]
fn a_save_that_finds_no_room_leaves_the_older_files_whole() {
    let folder = place("full");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir(&folder).unwrap();
    let save = folder.join("run.safetensors");
    let files = format!("--save {}", save.display());
    succeeds(&format!("{RUN} --epochs 2 {files} --save-every 1"));
    let content = || {
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .map(|path| (std::fs::read(&path).unwrap(), path))
            .collect();
        files.sort();
        files
    };
    let before = content();
    assert_eq!(before.len(), 2);
    for (every, trace) in [("", ""), ("--save-every 1", ""), ("", "--trace trace.csv")] {
        let trace = trace.replace("trace.csv", &folder.join("trace.csv").display().to_string());
        let resume =
            format!("{RUN} --epochs 3 --resume {} {files} {every} {trace}", save.display());
        // No file of more than 8 blocks, and an error in the place of a signal.
        let full = shell(&format!("trap '' XFSZ; ulimit -f 8; exec {PROGRAM} {resume}"));
        let said = String::from_utf8(full.stderr).unwrap();
        assert_eq!(full.status.code(), Some(2), "{said}");
        let wanted = format!("{}: cannot be written: File too large", save.display());
        assert!(said.contains(&wanted) && said.lines().count() == 1, "{said}");
        assert!(content() == before, "{every} {trace}: every file is as it was");
    }
    let rest = object(&format!("{RUN} --epochs 3 --resume {}", save.display()));
    assert_eq!(rest["digest"], object(&format!("{RUN} --epochs 3"))["digest"]);
}

#[test]
fn a_full_file_system_of_its_own_leaves_the_older_file_whole() {
    let disk = place("disk");
    drop(std::fs::create_dir(&disk));
    let mut out = std::io::stderr();
    if !Command::new("unshare").args(["-rm", "true"]).output().is_ok_and(|o| o.status.success()) {
        writeln!(out, "no file system of one's own here: a limit on files stands for it").unwrap();
        return;
    }
    let save = disk.join("run.safetensors");
    let (disk, save) = (disk.display(), save.display());
    let script = format!(
        "mount -t tmpfs -o size=200k tmpfs {disk} && \
         {PROGRAM} {RUN} --epochs 1 --save {save} > {disk}/../disk.txt && \
         {{ {PROGRAM} {RUN} --epochs 2 --resume {save} --save {save} --save-every 1 > {disk}/../disk.txt; \
         echo status $?; ls -A {disk}; {PROGRAM} {RUN} --epochs 2 --resume {save} --json; }}"
    );
    let output =
        Command::new("unshare").current_dir(ROOT).args(["-rm", "sh", "-c", &script]).output();
    let output = output.unwrap();
    let [told, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    let wanted = format!("{save}: cannot be written: No space left on device");
    assert!(said.contains(&wanted) && said.lines().count() == 1, "{said}");
    let rest = told.strip_prefix("status 2\nrun.safetensors\n").unwrap_or_else(|| panic!("{told}"));
    let rest: serde_json::Value = serde_json::from_str(rest).unwrap();
    assert_eq!(rest["digest"], object(&format!("{RUN} --epochs 2"))["digest"]);
    writeln!(out, "a file system of 200 kB was full, and the older file goes on").unwrap();
}
