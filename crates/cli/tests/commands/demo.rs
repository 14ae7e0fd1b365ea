//! What a demonstration cannot use is refused before it begins.

use crate::program::{file, place, ravine};

/// The one line of a demonstration that is refused, and has shown nothing.
fn refused(flags: &str) -> String {
    let output = ravine(&format!("demo {flags}"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{flags}: {said}");
    assert!(output.stdout.is_empty() && said.lines().count() == 1, "{flags}: {said}");
    said
}

#[test]
fn a_place_that_is_no_folder_is_found_before_the_first_experiment() {
    let taken = file("demo-taken", "");
    for folder in [taken.clone(), taken.join("below")] {
        let said = refused(&format!("--out {}", folder.display()));
        assert!(said.contains("demo-taken") && said.contains("wanted a folder"), "{said}");
    }
    let folder = place("demo-folder");
    std::fs::create_dir_all(folder.join("race.svg")).unwrap();
    let said = refused(&format!("--out {}", folder.display()));
    assert!(said.contains("race.svg: found a folder, wanted a place for a file"), "{said}");
}

#[test]
fn records_of_other_programs_that_are_none_are_refused() {
    let none = file("none.json", "{}");
    let absent = place("absent.json");
    for (path, found) in [
        (none.to_str().unwrap(), "missing field"),
        (absent.to_str().unwrap(), "No such file"),
        ("crates", "found a folder"),
    ] {
        let said = refused(&format!("--peers {path}"));
        assert!(said.contains(path) && said.contains(found), "{said}");
        assert!(said.contains("wanted a record of benches/peers/digests.py"), "{said}");
    }
}

#[test]
fn records_of_benches_that_are_none_are_refused() {
    let none = file("no-benches.json", "{\"command\": \"a\", \"widths\": [{\"name\": \"b\"}]}");
    for (path, found) in [(none.to_str().unwrap(), "missing field"), ("crates", "found a folder")] {
        let said = refused(&format!("--benches {path}"));
        assert!(said.contains(path) && said.contains(found), "{said}");
        assert!(said.contains("wanted a record of benches"), "{said}");
    }
}

/// What has no end is not read to its end.
#[test]
#[cfg(unix)]
fn a_record_that_is_a_pipe_or_a_device_is_refused() {
    let pipe = place("record.pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo starts").success());
    for path in [pipe.to_str().unwrap(), "/dev/zero"] {
        let said = refused(&format!("--peers {path}"));
        assert!(said.contains("found a pipe or a device, wanted a record"), "{said}");
    }
}
