//! Cargo as a child process, mostly at the workspace's root.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Says what it runs, and runs it.
///
/// # Errors
///
/// If cargo cannot be started or exits with a status other than zero.
pub(crate) fn cargo(args: &[&str]) -> Result<(), Error> {
    cargo_with(args, &[])
}

/// [`cargo`] with environment variables set.
///
/// # Errors
///
/// As [`cargo`].
pub(crate) fn cargo_with(args: &[&str], variables: &[(&str, &str)]) -> Result<(), Error> {
    cargo_at(root(), args, variables)
}

/// [`cargo_with`] in another folder than the workspace's root.
///
/// # Errors
///
/// As [`cargo`].
pub(crate) fn cargo_at(
    folder: &Path,
    args: &[&str],
    variables: &[(&str, &str)],
) -> Result<(), Error> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    run(folder, Command::new(program).args(args), &format!("cargo {}", args.join(" ")), variables)
}

/// [`cargo_with`] by the nightly toolchain.
///
/// # Errors
///
/// As [`cargo`].
pub(crate) fn nightly_cargo(args: &[&str], variables: &[(&str, &str)]) -> Result<(), Error> {
    let args = [&["run", "nightly", "cargo"], args].concat();
    let line = format!("rustup {}", args.join(" "));
    run(root(), Command::new("rustup").args(args), &line, variables)
}

/// The triple of this machine, as the nightly toolchain calls it.
///
/// # Errors
///
/// If there is no such toolchain.
pub(crate) fn nightly_host() -> Result<String, Error> {
    let output = Command::new("rustup")
        .args(["run", "nightly", "rustc", "--print", "host-tuple"])
        .output()
        .map_err(|error| Error::io("rustup, which has the nightly toolchain", &error))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Error::new("found no nightly toolchain, wanted one: rustup toolchain install nightly"))
}

/// Says what it runs, and runs it.
///
/// # Errors
///
/// If it cannot be started or exits with a status other than zero.
pub(crate) fn run(
    folder: &Path,
    command: &mut Command,
    line: &str,
    variables: &[(&str, &str)],
) -> Result<(), Error> {
    let set: String = variables.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
    println!("$ {set}{line}");
    let status = command
        .envs(variables.iter().copied())
        .current_dir(folder)
        .status()
        .map_err(|error| Error::io(line, &error))?;
    if status.success() { Ok(()) } else { Err(Error::new(format!("{line}: {status}"))) }
}
