//! Cargo as a child process, at the workspace's root.

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
    let line = format!("cargo {}", args.join(" "));
    let set: String = variables.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
    println!("$ {set}{line}");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(args)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .status()
        .map_err(|error| Error::io(&line, &error))?;
    if status.success() { Ok(()) } else { Err(Error::new(format!("{line}: {status}"))) }
}
