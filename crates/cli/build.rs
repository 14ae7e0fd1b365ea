//! Tells the program which compiler made it.

use std::process::Command;

fn main() {
    let rustc = std::env::var_os("RUSTC").expect("cargo names the compiler");
    let told = Command::new(rustc).arg("--version").output().map(|output| output.stdout);
    let version = String::from_utf8(told.unwrap_or_default()).unwrap_or_default();
    println!("cargo::rustc-env=RAVINE_RUSTC={}", version.trim());
    println!("cargo::rerun-if-changed=build.rs");
}
