//! `codegen`: kernels keep to the registers of their level.
//!
//! Vectors are lost in silence: without one `#[inline(always)]` a kernel's loop becomes a call for
//! each intrinsic, its bits still right, its tests still green. So a probe with one kernel of
//! each family is compiled to assembly, and the loops of every (level, kernel) are read.

mod assembly;

use std::fs;
use std::process::ExitCode;

use crate::Error;
use crate::codegen::assembly::{Function, Loop, REGISTERS, functions};
use crate::process::{cargo, target};

/// The levels with machine code of their own: what the symbol of a kernel contains, and the
/// index of its register in [`REGISTERS`].
const LEVELS: [(&str, &str, usize); 3] = [
    ("baseline", "::Baseline as ravine_simd::lanes::Simd>::vectorize::<", 0),
    ("avx2", "::Avx2 as ravine_simd::lanes::Simd>::vectorize::entry::<", 1),
    ("avx512", "::Avx512 as ravine_simd::lanes::Simd>::vectorize::entry::<", 2),
];

/// What the assembly shows of a kernel on a level.
#[derive(Debug)]
struct Row {
    kernel: String,
    level: &'static str,
    register: usize,
    loops: Vec<Loop>,
}

/// Compiles the probe, prints a table of its kernels' loops, and judges them.
///
/// # Errors
///
/// If the probe does not compile, lacks a kernel on a level, or a loop is not as it should be.
pub(crate) fn run() -> Result<ExitCode, Error> {
    if !cfg!(target_arch = "x86_64") {
        println!("codegen reads x86-64 assembly: nothing to check on {}", std::env::consts::ARCH);
        return Ok(ExitCode::SUCCESS);
    }
    let rows = rows(&functions(&probe()?));
    println!(
        "{:<24} {:<9} {:>5} {:>7} {:>6} {:>6} {:>7}  verdict",
        "kernel", "level", "loops", "packed", "calls", "spills", "reloads"
    );
    let mut failures = 0;
    for row in &rows {
        let fault = row.fault();
        failures += usize::from(fault.is_some());
        let total = |count: fn(&Loop) -> usize| row.loops.iter().map(count).sum::<usize>();
        println!(
            "{:<24} {:<9} {:>5} {:>3} {} {:>6} {:>6} {:>7}  {}",
            row.kernel,
            row.level,
            row.loops.len(),
            row.packed(),
            REGISTERS[row.register],
            total(|x| x.calls),
            total(|x| x.spills),
            total(|x| x.reloads),
            fault.unwrap_or("ok")
        );
    }
    match (rows.len(), failures) {
        (0, _) => Err(Error::new("codegen found no kernel in the probe")),
        (_, 0) => Ok(ExitCode::SUCCESS),
        (n, _) => {
            Err(Error::new(format!("codegen: {failures} of {n} kernels are not as they should be")))
        }
    }
}

/// The probe's assembly.
fn probe() -> Result<String, Error> {
    let folder = target().join("codegen");
    let path = folder.join("probe.s");
    fs::create_dir_all(&folder).map_err(|error| Error::io(folder.display(), &error))?;
    let emit = format!("--emit=asm={}", path.display());
    cargo(&[
        "rustc",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--example",
        "probe",
        "--",
        &emit,
        "-Ccodegen-units=1",
        "-Cdebuginfo=0",
        "-Csymbol-mangling-version=v0",
    ])?;
    fs::read_to_string(&path).map_err(|error| Error::io(path.display(), &error))
}

/// Every kernel on every level, also where a level lacks the kernel.
fn rows(functions: &[Function<'_>]) -> Vec<Row> {
    let mut kernels: Vec<_> = functions
        .iter()
        .filter_map(|function| LEVELS.iter().find_map(|level| kernel(&function.name, level.1)))
        .collect();
    kernels.sort_unstable();
    kernels.dedup();
    let row = |kernel: &&str, (level, symbol, register)| Row {
        kernel: (*kernel).into(),
        level,
        register,
        loops: functions
            .iter()
            .filter(|function| self::kernel(&function.name, symbol) == Some(kernel))
            .flat_map(Function::packed_loops)
            .collect(),
    };
    kernels.iter().flat_map(|kernel| LEVELS.map(|level| row(kernel, level))).collect()
}

/// The kernel that a symbol of a level belongs to.
fn kernel<'a>(name: &'a str, symbol: &str) -> Option<&'a str> {
    let (_, kernel) = name.split_once(symbol)?;
    Some(kernel.strip_suffix('>')?.trim_start_matches("probe::"))
}

impl Row {
    /// Packed arithmetic in the level's registers, in the loop that has most of it.
    fn packed(&self) -> usize {
        self.loops.iter().map(|found| found.packed[self.register]).max().unwrap_or(0)
    }

    /// What is wrong, if anything.
    fn fault(&self) -> Option<&'static str> {
        let any = |count: fn(&Loop) -> usize| self.loops.iter().any(|found| count(found) > 0);
        if self.loops.is_empty() {
            Some("no loop with packed arithmetic: something was not inlined")
        } else if self.packed() == 0 {
            Some("narrower registers than the level has")
        } else if any(|found| found.calls) {
            Some("a call in a loop")
        } else if any(|found| found.spills) {
            Some("a vector register is spilled in a loop")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(loops: &[Loop]) -> Option<&'static str> {
        Row { kernel: "Sum".into(), level: "avx2", register: 1, loops: loops.into() }.fault()
    }

    #[test]
    fn a_loop_in_full_registers_is_as_it_should_be() {
        assert_eq!(fault(&[Loop { packed: [1, 8, 0], reloads: 1, ..Loop::default() }]), None);
    }

    #[test]
    fn missing_narrow_calling_and_spilling_loops_are_faults() {
        let good = Loop { packed: [0, 8, 0], ..Loop::default() };
        assert!(fault(&[]).is_some());
        assert!(fault(&[Loop { packed: [8, 0, 0], ..good }]).is_some());
        assert!(fault(&[good, Loop { calls: 1, ..good }]).is_some());
        assert!(fault(&[good, Loop { spills: 1, ..good }]).is_some());
    }

    #[test]
    fn a_kernel_is_expected_on_every_level() {
        let text = "_RINvNvXs0_NtC11ravine_simd3x86:\n\tretq\n";
        assert!(rows(&functions(text)).is_empty());
        let name = |symbol: &str| format!("<ravine_simd::x{symbol}probe::Sum>");
        assert_eq!(kernel(&name(LEVELS[1].1), LEVELS[1].1), Some("Sum"));
        assert_eq!(kernel(&name(LEVELS[1].1), LEVELS[2].1), None);
    }
}
