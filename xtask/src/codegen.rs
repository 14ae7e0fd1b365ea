//! `codegen`: kernels keep to the registers of their level.
//!
//! Vectors are lost in silence: without one `#[inline(always)]` a kernel's loop becomes a call for
//! each intrinsic, its bits still right, its tests still green. So the libraries are compiled to
//! assembly, and every (level, kernel) of a table is read: what it calls, and what its loops are
//! made of. x86-64 alone is read: on aarch64 nothing is judged.
//!
//! That a lost mark is seen is proved by taking marks away ([`prove`]): a few that stand for all, or
//! every mark of files of kernels, some ten seconds each:
//!
//! ```text
//! cargo xtask codegen --prove
//! cargo xtask codegen --prove crates/simd/src/{sum,stream,math}.rs crates/models/src/loss/*.rs
//! ```
//!
//! What no kernel needs is `#[inline]`, or nothing: a mark whose loss is unseen is not left standing.

mod assembly;
mod census;
mod code;
mod instruction;
mod judge;
mod prove;
mod table;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::Error;
use crate::codegen::assembly::functions;
use crate::codegen::census::rows;
use crate::codegen::judge::Row;
use crate::codegen::table::{LEVELS, UNITS, Unit};
use crate::process::{cargo_at, root, target};

/// Whether the assembly of this system is read.
const IS_READ: bool = cfg!(target_arch = "x86_64");

/// What `codegen` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Take away every `#[inline(always)]` of the files, one at a time, in a copy of the
    /// workspace, and see that `codegen` or `tidy` names it; without files, a few that `codegen`
    /// itself must name
    #[arg(long, value_name = "FILE", num_args = 0..)]
    prove: Option<Vec<String>>,
}

/// Compiles every unit of the table, prints its kernels' loops, and judges them; or proves that a
/// lost mark is seen.
///
/// # Errors
///
/// If a unit does not compile, a kernel is missing or unknown, or is not as it should be; or if a
/// mark was lost unseen.
pub(crate) fn run(options: &Options) -> Result<ExitCode, Error> {
    match &options.prove {
        Some(files) if IS_READ => prove::run(files),
        _ => check(),
    }
}

/// `codegen` as `lint` runs it.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn check() -> Result<ExitCode, Error> {
    if !IS_READ {
        println!("codegen reads x86-64 assembly alone: unchecked on {}", std::env::consts::ARCH);
        return Ok(ExitCode::SUCCESS);
    }
    let (mut all, mut faults) = (Vec::new(), Vec::new());
    for unit in &UNITS {
        let text = compiled(root(), unit)?;
        let (rows, wrong) = rows(unit, &functions(&text));
        all.extend(rows);
        faults.extend(wrong);
    }
    print(&all);
    faults.extend(all.iter().filter_map(Row::fault));
    for fault in &faults {
        println!("{fault}");
    }
    let n = all.iter().filter(|row| row.is_there()).count();
    match faults.len() {
        0 => {
            println!("codegen: {n} kernels keep to their registers");
            Ok(ExitCode::SUCCESS)
        }
        faults => Err(Error::new(format!("codegen: {faults} faults in {n} kernels"))),
    }
}

/// One line a kernel: the packed operations in its main loop, the registers that are spilled, and
/// the scalar operations.
fn print(rows: &[Row]) {
    let wide = rows.iter().map(|row| row.kernel.len()).max().unwrap_or(0);
    let head = LEVELS.each_ref().map(|level| format!("{:>15}", level.name)).concat();
    print!("{:<wide$}{head}", "packed operations in the main loop, spills, scalars");
    for (i, row) in rows.iter().enumerate() {
        if i % LEVELS.len() == 0 {
            print!("\n{:<wide$}", row.kernel);
        }
        print!("{:>15}", row.cell());
    }
    println!();
}

/// The assembly of a unit of the workspace at `root`. It is built in a folder of its own, where
/// flags of its own do not make cargo build the workspace again.
fn compiled(root: &Path, unit: &Unit) -> Result<String, Error> {
    let folder = target().join("codegen");
    let path = folder.join(unit.package).with_extension("s");
    fs::create_dir_all(&folder).map_err(|error| Error::io(folder.display(), &error))?;
    let (folder, emit) = (folder.display().to_string(), format!("--emit=asm={}", path.display()));
    // Without threads, which no kernel knows of.
    let build = ["rustc", "--quiet", "--release", "--lib", "--no-default-features"];
    let what = ["--package", unit.package, "--target-dir", &folder, "--", &emit];
    let flags = ["-Ccodegen-units=1", "-Cdebuginfo=0", "-Csymbol-mangling-version=v0"];
    cargo_at(root, &[&build[..], &what, &flags].concat(), &[])?;
    fs::read_to_string(&path).map_err(|error| Error::io(path.display(), &error))
}
