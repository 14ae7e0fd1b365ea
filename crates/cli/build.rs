//! Tells the program which compiler made it, and of which commit.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

fn main() {
    let rustc = env::var_os("RUSTC").expect("cargo names the compiler");
    let version = told(&rustc, &["--version"]).unwrap_or_default();
    println!("cargo::rustc-env=RAVINE_RUSTC={version}");
    println!("cargo::rerun-if-changed=build.rs");

    // A package of a registry lies in nobody's repository, or in one of other sources.
    let here = env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the package's folder");
    let root = Path::new(&here).join("../..");
    let git = |args: &[&str]| told("git", &[&["-C", root.to_str()?][..], args].concat());
    let Some(top) = git(&["rev-parse", "--show-toplevel"]) else { return };
    let is_ours = |top: &Path| Some(top.canonicalize().ok()? == root.canonicalize().ok()?);
    if is_ours(top.as_ref()) != Some(true) {
        return;
    }
    // Told again where a commit is made or taken, and where a source changes.
    if let Some(log) = git(&["rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
        println!("cargo::rerun-if-changed=../../crates");
        println!("cargo::rerun-if-changed=../../Cargo.lock");
    }
    if let Some(commit) = git(&["describe", "--always", "--dirty", "--exclude", "*"]) {
        println!("cargo::rustc-env=RAVINE_COMMIT={commit}");
    }
}

/// What a command prints, where it succeeds.
fn told(command: impl AsRef<OsStr>, args: &[&str]) -> Option<String> {
    let output = Command::new(command).args(args).output().ok()?;
    let told = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| told.trim().to_owned())
}
