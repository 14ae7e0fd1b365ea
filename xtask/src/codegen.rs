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
    /// Its loops; `None` where the kernel has no function of its own.
    loops: Option<Vec<Loop>>,
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
    print(&rows);
    let faults: Vec<_> = rows.iter().filter_map(|row| Some((row, row.fault()?))).collect();
    for (row, fault) in &faults {
        println!("{} on {}: {fault}", row.kernel, row.level);
    }
    match (rows.len(), faults.len()) {
        (0, _) => Err(Error::new("codegen: the probe has no kernel")),
        (n, 0) => {
            println!("codegen: {n} kernels keep to their registers");
            Ok(ExitCode::SUCCESS)
        }
        (n, faults) => Err(Error::new(format!("codegen: {faults} of {n} kernels have a fault"))),
    }
}

/// One line a kernel: the packed operations in its main loop, by level.
fn print(rows: &[Row]) {
    let head = LEVELS.map(|(level, ..)| format!("{level:>9}")).concat();
    print!("{:<50}{head}", "packed operations in the main loop");
    let mut last = "";
    for row in rows {
        if row.kernel != last {
            print!("\n{:<50}", row.kernel);
            last = &row.kernel;
        }
        let cell = row.loops.as_ref().map_or("-".into(), |loops| {
            format!("{} {}", packed(loops, row.register), REGISTERS[row.register])
        });
        print!("{cell:>9}");
    }
    println!();
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
        kernel: kernel.replace("ravine_", "").replace("probe::", ""),
        level,
        register,
        loops: functions
            .iter()
            .find(|function| self::kernel(&function.name, symbol) == Some(kernel))
            .map(Function::packed_loops),
    };
    kernels.iter().flat_map(|kernel| LEVELS.map(|level| row(kernel, level))).collect()
}

/// The kernel that a symbol of a level belongs to.
fn kernel<'a>(name: &'a str, symbol: &str) -> Option<&'a str> {
    name.split_once(symbol)?.1.strip_suffix('>')
}

/// Packed arithmetic in the level's registers, in the loop that has most of it.
fn packed(loops: &[Loop], register: usize) -> usize {
    loops.iter().map(|found| found.packed[register]).max().unwrap_or(0)
}

impl Row {
    /// What is wrong, if anything.
    fn fault(&self) -> Option<&'static str> {
        let Some(loops) = &self.loops else {
            // The baseline needs no function of its own to enter a kernel.
            return (self.register > 0).then_some("the probe lacks it");
        };
        let most = packed(loops, self.register);
        // The main loop has most packed arithmetic. Where short loops over a slice's ends have as
        // much, it is enough that one of them is clean.
        let all = |count: fn(&Loop) -> usize| {
            loops.iter().filter(|x| x.packed[self.register] == most).all(|x| count(x) > 0)
        };
        if loops.is_empty() {
            Some("no loop with packed arithmetic, so something was not inlined")
        } else if most == 0 {
            Some("narrower registers than the level has")
        } else if all(|found| found.calls) {
            Some("a call in the main loop")
        } else if self.register > 0 && all(|found| found.spills) {
            // A block of the baseline is four registers of sixteen: it may run out.
            Some("a vector register is spilled in the main loop")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(register: usize, loops: Option<&[Loop]>) -> Row {
        Row { kernel: "Sum".into(), level: "", register, loops: loops.map(Into::into) }
    }

    fn fault(loops: &[Loop]) -> Option<&'static str> {
        row(1, Some(loops)).fault()
    }

    #[test]
    fn a_loop_in_full_registers_is_as_it_should_be() {
        assert_eq!(fault(&[Loop { packed: [1, 8, 0], ..Loop::default() }]), None);
    }

    #[test]
    fn missing_narrow_calling_and_spilling_loops_are_faults() {
        let good = Loop { packed: [0, 8, 0], ..Loop::default() };
        assert!(fault(&[]).is_some());
        assert!(fault(&[Loop { packed: [8, 0, 0], ..good }]).is_some());
        assert!(fault(&[Loop { calls: 1, ..good }]).is_some());
        assert!(fault(&[Loop { spills: 1, ..good }]).is_some());
    }

    #[test]
    fn the_main_loop_alone_is_judged() {
        let main = Loop { packed: [0, 8, 0], ..Loop::default() };
        assert!(fault(&[main, Loop { spills: 1, ..main }]).is_none());
        let end = Loop { packed: [0, 4, 0], calls: 1, ..main };
        assert!(fault(&[main, end]).is_none());
        assert!(fault(&[Loop { calls: 1, ..main }, Loop { calls: 0, ..end }]).is_some());
    }

    #[test]
    fn a_kernel_is_expected_on_every_level_but_the_baseline() {
        assert!(row(0, None).fault().is_none());
        assert!(row(1, None).fault().is_some());
        assert!(row(2, None).fault().is_some());
    }

    #[test]
    fn symbols_tell_the_kernel_and_the_level() {
        let name = format!("<ravine_simd::x86::avx2{}probe::Sum>", LEVELS[1].1);
        let found = LEVELS.map(|(_, symbol, _)| kernel(&name, symbol));
        assert_eq!(found, [None, Some("probe::Sum"), None]);
    }
}
