//! `codegen`: kernels keep to the registers of their level.
//!
//! Vectors are lost in silence: without one `#[inline(always)]` a kernel's loop becomes a call for
//! each intrinsic, its bits still right, its tests still green. So the libraries are compiled to
//! assembly, and the loops of every (level, kernel) of a table are read.

mod assembly;
mod table;

use std::fs;
use std::process::ExitCode;

use crate::Error;
use crate::codegen::assembly::{Function, Loop, REGISTERS, functions};
use crate::codegen::table::{Family, LEFT_OUT, UNITS, Unit, is_called};
use crate::process::{cargo, target};

/// The levels with machine code of their own: what the symbol of a kernel contains, and the
/// index of its register in [`REGISTERS`].
const LEVELS: [(&str, &str, usize); 3] = [
    ("baseline", "::Baseline as ravine_simd::lanes::Simd>::vectorize::<", 0),
    ("avx2", "::Avx2 as ravine_simd::lanes::Simd>::vectorize::entry::<", 1),
    ("avx512", "::Avx512 as ravine_simd::lanes::Simd>::vectorize::entry::<", 2),
];

/// What the assembly shows of a kernel on a level.
struct Row {
    kernel: String,
    level: &'static str,
    register: usize,
    family: &'static Family,
    /// Its loops; `None` where the kernel has no function of its own.
    loops: Option<Vec<Loop>>,
}

/// Compiles every unit of the table, prints its kernels' loops, and judges them.
///
/// # Errors
///
/// If a unit does not compile, a kernel is missing or unknown, or a loop is not as it should be.
pub(crate) fn run() -> Result<ExitCode, Error> {
    if !cfg!(target_arch = "x86_64") {
        println!("codegen reads x86-64 assembly: nothing to check on {}", std::env::consts::ARCH);
        return Ok(ExitCode::SUCCESS);
    }
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for unit in &UNITS {
        let text = compiled(unit)?;
        let functions = functions(&text);
        faults.extend(census(unit, &kernels(&functions)));
        rows.extend(unit.families.iter().flat_map(|family| self::rows(family, &functions)));
    }
    print(&rows);
    let judged = |row: &Row| Some(format!("{} on {}: {}", row.kernel, row.level, row.fault()?));
    faults.extend(rows.iter().filter_map(judged));
    for fault in &faults {
        println!("{fault}");
    }
    let n = rows.iter().filter(|row| row.loops.is_some()).count();
    match faults.len() {
        0 => {
            println!("codegen: {n} kernels keep to their registers");
            Ok(ExitCode::SUCCESS)
        }
        faults => Err(Error::new(format!("codegen: {faults} faults in {n} kernels"))),
    }
}

/// One line a kernel: the packed operations in its main loop, by level.
fn print(rows: &[Row]) {
    let wide = rows.iter().map(|row| row.kernel.len()).max().unwrap_or(0);
    let head = LEVELS.map(|(level, ..)| format!("{level:>9}")).concat();
    print!("{:<wide$}{head}", "packed operations in the main loop");
    let mut last = "";
    for row in rows {
        if row.kernel != last {
            print!("\n{:<wide$}", row.kernel);
            last = &row.kernel;
        }
        let cell = row.loops.as_ref().map_or("-".into(), |loops| {
            format!("{} {}", packed(loops, row.register), REGISTERS[row.register])
        });
        print!("{cell:>9}");
    }
    println!();
}

/// The assembly of a unit. Libraries are built in a folder of their own, where flags of their own
/// do not make cargo build the workspace again.
fn compiled(unit: &Unit) -> Result<String, Error> {
    let folder = target().join("codegen");
    let path = folder.join(unit.package).with_extension("s");
    fs::create_dir_all(&folder).map_err(|error| Error::io(folder.display(), &error))?;
    let (folder, emit) = (folder.display().to_string(), format!("--emit=asm={}", path.display()));
    let mut args = vec!["rustc", "--quiet", "--release", "--package", unit.package];
    if unit.target.contains(&"--lib") {
        args.extend(["--target-dir", &folder]);
    }
    args.extend(unit.target);
    args.extend(["--", &emit, "-Ccodegen-units=1", "-Cdebuginfo=0"]);
    args.push("-Csymbol-mangling-version=v0");
    cargo(&args)?;
    fs::read_to_string(&path).map_err(|error| Error::io(path.display(), &error))
}

/// Every kernel that has a function on some level.
fn kernels<'a>(functions: &'a [Function<'_>]) -> Vec<&'a str> {
    let of = |function: &'a Function<'_>| LEVELS.iter().find_map(|x| kernel(&function.name, x.1));
    let mut kernels: Vec<_> = functions.iter().filter_map(of).collect();
    kernels.sort_unstable();
    kernels.dedup();
    kernels
}

/// What is wrong with the kernels of a unit as a whole: how many there are, and which.
fn census(unit: &Unit, kernels: &[&str]) -> Vec<String> {
    let knows = |kernel: &str| {
        let names = unit.families.iter().map(|family| family.name).chain(LEFT_OUT);
        names.into_iter().any(|name| is_called(kernel, name))
    };
    let strangers = kernels
        .iter()
        .filter(|kernel| !knows(kernel))
        .map(|kernel| format!("{kernel}: the table of kernels does not know it"));
    let counted = unit.families.iter().filter_map(|&Family { name, count, .. }| {
        let found = kernels.iter().filter(|kernel| is_called(kernel, name)).count();
        (found != count).then(|| format!("{name}: {found} kernels, where the table has {count}"))
    });
    strangers.chain(counted).collect()
}

/// Every kernel of a family on every level, also where a level lacks the kernel.
fn rows(family: &'static Family, functions: &[Function<'_>]) -> Vec<Row> {
    let row = |kernel: &str, (level, symbol, register)| Row {
        kernel: kernel.replace("ravine_", ""),
        level,
        register,
        family,
        loops: functions
            .iter()
            .find(|function| self::kernel(&function.name, symbol) == Some(kernel))
            .map(Function::loops),
    };
    kernels(functions)
        .into_iter()
        .filter(|kernel| is_called(kernel, family.name))
        .flat_map(|kernel| LEVELS.map(|level| row(kernel, level)))
        .collect()
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
            return (self.register > 0).then_some("the assembly lacks it");
        };
        let most = packed(loops, self.register);
        let narrower = (0..self.register).map(|register| packed(loops, register)).max();
        // The main loop has most packed arithmetic. Where short loops over a slice's ends have as
        // much, it is enough that one of them is clean.
        let spills = |found: &Loop| found.packed[self.register] < most || found.spills > 0;
        if loops.iter().any(|found| found.calls > 0) {
            Some("a call in a loop, so something was not inlined")
        } else if most < self.family.least[self.register] {
            Some("less packed arithmetic in the main loop than it is made of")
        } else if narrower > Some(most) {
            Some("narrower registers than the level has")
        } else if self.register > 0 && self.family.fits && loops.iter().all(spills) {
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

    static FITS: Family = Family { name: "a::Sum", count: 1, least: [1, 4, 4], fits: true };
    static LARGE: Family = Family { fits: false, ..FITS };
    const GOOD: Loop = Loop { packed: [0, 8, 0], calls: 0, spills: 0 };

    fn row(register: usize, loops: Option<&[Loop]>) -> Row {
        Row {
            kernel: String::new(),
            level: "",
            register,
            family: &FITS,
            loops: loops.map(Into::into),
        }
    }

    fn fault(loops: &[Loop]) -> Option<&'static str> {
        row(1, Some(loops)).fault()
    }

    #[test]
    fn a_loop_in_full_registers_is_as_it_should_be() {
        assert_eq!(fault(&[Loop { packed: [1, 8, 0], ..GOOD }]), None);
    }

    #[test]
    fn missing_short_narrow_calling_and_spilling_loops_are_faults() {
        assert!(fault(&[]).is_some());
        assert!(fault(&[Loop { packed: [0, 3, 0], ..GOOD }]).is_some());
        assert!(fault(&[Loop { packed: [9, 8, 0], ..GOOD }]).is_some());
        assert!(fault(&[Loop { calls: 1, ..GOOD }]).is_some());
        assert!(fault(&[Loop { spills: 1, ..GOOD }]).is_some());
    }

    #[test]
    fn a_call_is_a_fault_in_every_loop_and_a_spill_in_the_main_loop_alone() {
        assert!(fault(&[GOOD, Loop { packed: [0; 3], calls: 1, spills: 0 }]).is_some());
        assert!(fault(&[GOOD, Loop { spills: 1, ..GOOD }]).is_none());
        assert!(fault(&[Loop { spills: 1, ..GOOD }, Loop { packed: [0, 4, 0], ..GOOD }]).is_some());
    }

    #[test]
    fn what_does_not_fit_into_registers_may_be_spilled() {
        let spilled = row(1, Some(&[Loop { spills: 1, ..GOOD }]));
        assert!(Row { family: &LARGE, ..spilled }.fault().is_none());
    }

    #[test]
    fn a_kernel_is_expected_on_every_level_but_the_baseline() {
        assert!(row(0, None).fault().is_none());
        assert!(row(1, None).fault().is_some());
        assert!(row(2, None).fault().is_some());
    }

    #[test]
    fn kernels_that_are_missing_or_unknown_are_faults() {
        let unit = Unit { package: "", target: &[], families: std::slice::from_ref(&FITS) };
        assert!(census(&unit, &["a::Sum", LEFT_OUT[0]]).is_empty());
        assert_eq!(census(&unit, &[]).len(), 1);
        assert_eq!(census(&unit, &["a::Sum", "a::Max"]).len(), 1);
    }

    #[test]
    fn symbols_tell_the_kernel_and_the_level() {
        let name = format!("<ravine_simd::x86::avx2{}probe::Sum>", LEVELS[1].1);
        let found = LEVELS.map(|(_, symbol, _)| kernel(&name, symbol));
        assert_eq!(found, [None, Some("probe::Sum"), None]);
    }
}
