//! A link at the place of an output stays, and so does what it leads to.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::program::{fails, place};

/// An empty folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = place("links").with_file_name(format!("links-{name}"));
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Refuses `line`, whose output is the link at `link`, which leads to a file and to nothing.
fn refuses(line: &str, link: &Path) {
    let target = link.with_file_name("target");
    for content in [Some("what was there"), None] {
        drop(fs::remove_file(&target));
        drop(fs::remove_file(link));
        if let Some(content) = content {
            fs::write(&target, content).unwrap();
        }
        symlink(&target, link).unwrap();
        let said = fails(line, 2);
        assert!(said.contains("found a link, wanted a place for a file"), "{line}: {said}");
        assert!(said.contains(link.to_str().unwrap()), "{line}: {said}");
        assert_eq!(fs::read_link(link).unwrap(), target, "{line}");
        assert_eq!(fs::read_to_string(&target).ok().as_deref(), content, "{line}");
    }
}

#[test]
fn no_output_takes_the_place_of_a_link() {
    let folder = folder("outputs");
    let link = folder.join("link.npz");
    let name = link.display();
    for line in [
        format!("train --data data/diabetes.csv --epochs 1 --save {name}"),
        format!("train --data data/diabetes.csv --epochs 1 --trace {name}"),
        format!("generate --rows 64 --cols 4 --out {name}"),
        format!("bench limits --record {name}"),
        format!("verify --bless {name}"),
        format!("verify --junit {name}"),
    ] {
        refuses(&line, &link);
    }
    for (command, name) in [("demo", "digests.svg"), ("man", "ravine-train.1")] {
        refuses(&format!("{command} --out {}", folder.display()), &folder.join(name));
    }
}
