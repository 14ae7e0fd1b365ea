//! What is wrong with a kernel, as its assembly shows it.

use std::collections::BTreeSet;

use crate::codegen::assembly::{Function, Loop, REGISTERS};
use crate::codegen::table::{DOOR, Family, LEFT_OUT, LEVELS, Level, Unit, is_called};

/// A kernel on a level.
pub(crate) struct Row {
    /// The kernel, with its generic arguments.
    pub(crate) kernel: String,
    /// The level.
    pub(crate) level: &'static Level,
    /// What is expected of it; `None` for a hand-over, whose loops are not judged.
    family: Option<&'static Family>,
    /// Its function, if there is one.
    code: Option<Code>,
}

/// What a function does.
#[derive(Clone, Default)]
struct Code {
    loops: Vec<Loop>,
    symbols: BTreeSet<String>,
}

/// The kernels of a unit on every level, and what is wrong with them as a whole: how many there
/// are, and which.
pub(crate) fn rows(unit: &Unit, functions: &[Function<'_>]) -> (Vec<Row>, Vec<String>) {
    let kernels: BTreeSet<&str> = functions
        .iter()
        .filter_map(|function| LEVELS.iter().find_map(|level| kernel(&function.name, level.symbol)))
        .collect();
    let faults = census(unit, &kernels);
    let row = |kernel: &str, level: &'static Level, family| {
        let of =
            |function: &&Function<'_>| self::kernel(&function.name, level.symbol) == Some(kernel);
        let code = functions.iter().find(of);
        let code = code.map(|code| Code { loops: code.loops(), symbols: code.symbols() });
        Row { kernel: kernel.replace("ravine_", ""), level, family, code }
    };
    let rows = kernels.iter().flat_map(|kernel| {
        let family = unit.families.iter().find(|family| is_called(kernel, family.name));
        LEVELS.iter().map(move |level| row(kernel, level, family))
    });
    (rows.collect(), faults)
}

/// What is wrong with the kernels of a unit as a whole.
fn census(unit: &Unit, kernels: &BTreeSet<&str>) -> Vec<String> {
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

/// The kernel that a symbol of a level belongs to.
fn kernel<'a>(name: &'a str, symbol: &str) -> Option<&'a str> {
    name.split_once(symbol)?.1.strip_suffix('>')
}

/// Whether a kernel of any level may name the symbol outside its loops: where it panics, copies
/// or fills.
fn is_cold(symbol: &str) -> bool {
    const MEMORY: [&str; 3] = ["memcpy", "memmove", "memset"];
    symbol.contains("core::panicking::")
        || symbol.contains("core::fmt::")
        || symbol.ends_with("_fail")
        || symbol.ends_with("_failed")
        || MEMORY.contains(&symbol.trim_start_matches('_'))
}

/// Packed arithmetic in the level's registers, in the loop that has most of it.
fn packed(loops: &[Loop], register: usize) -> usize {
    loops.iter().map(|found| found.packed[register]).max().unwrap_or(0)
}

/// Registers spilled in the loop that spills most, of those that compute.
fn spills(loops: &[Loop], register: usize) -> usize {
    let counted = loops.iter().filter(|found| found.packed[register] > 0);
    counted.map(|found| found.spills).max().unwrap_or(0)
}

impl Row {
    /// Whether the level has a function for the kernel.
    pub(crate) fn is_there(&self) -> bool {
        self.code.is_some()
    }

    /// Packed operations in the main loop, and spilled registers.
    pub(crate) fn cell(&self) -> String {
        match (&self.code, self.family, self.level.register) {
            (Some(Code { loops, .. }), Some(_), Some(register)) => {
                let name = REGISTERS[register];
                format!("{} {name} {:>2}", packed(loops, register), spills(loops, register))
            }
            (Some(_), ..) => "calls".into(),
            (None, ..) => "-".into(),
        }
    }

    /// What is wrong, if anything.
    pub(crate) fn fault(&self) -> Option<String> {
        let what = self.wrong()?;
        Some(format!("{} on {}: {what}", self.kernel, self.level.name))
    }

    fn wrong(&self) -> Option<String> {
        let Some(Code { loops, symbols }) = &self.code else {
            // What only asks a level for its constants may be no function.
            return self.family.map(|_| "the assembly lacks it".into());
        };
        let by_design =
            |symbol: &&String| self.level.calls.iter().any(|call| symbol.contains(call));
        let is_odd = |symbol: &&String| {
            !is_cold(symbol)
                && !by_design(symbol)
                && (self.family.is_some() || !symbol.ends_with(DOOR))
        };
        if let Some(symbol) = symbols.iter().find(is_odd) {
            return Some(format!("calls {symbol}, so that was not inlined"));
        }
        let (family, register) = (self.family?, self.level.register?);
        let most = packed(loops, register);
        let narrower = (0..register).map(|register| packed(loops, register)).max();
        let (spills, may_spill) = (spills(loops, register), family.spills[register]);
        if loops.iter().any(|found| found.calls > 0) && !symbols.iter().any(|x| by_design(&x)) {
            Some("a call in a loop".into())
        } else if most < family.least[register] {
            let least = family.least[register];
            Some(format!("{most} packed operations in the main loop, which is made of {least}"))
        } else if narrower > Some(most) {
            Some("narrower registers than the level has".into())
        } else if spills > may_spill {
            Some(format!("a loop spills {spills} registers, where it may spill {may_spill}"))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FAMILY: Family =
        Family { name: "a::Sum", count: 1, least: [1, 4, 4], spills: [1, 0, 0] };
    const GOOD: Loop = Loop { packed: [0, 8, 0], calls: 0, spills: 0 };

    fn row(level: usize, loops: &[Loop], symbols: &[&str]) -> Row {
        let symbols = symbols.iter().copied().map(Into::into).collect();
        Row {
            kernel: "a::Sum".into(),
            level: &LEVELS[level],
            family: Some(&FAMILY),
            code: Some(Code { loops: loops.into(), symbols }),
        }
    }

    fn fault(loops: &[Loop]) -> Option<String> {
        row(2, loops, &[]).fault()
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
        assert!(fault(&[GOOD, Loop { packed: [0; 3], calls: 1, ..GOOD }]).is_some());
        assert!(fault(&[Loop { spills: 1, ..GOOD }]).is_some());
    }

    #[test]
    fn of_loops_the_one_that_spills_most_counts() {
        let (spilling, other) = (Loop { spills: 1, ..GOOD }, Loop { packed: [0, 4, 0], ..GOOD });
        assert!(fault(&[GOOD, spilling]).is_some());
        assert!(fault(&[GOOD, Loop { spills: 1, ..other }]).is_some());
        assert!(fault(&[spilling, other]).is_some());
    }

    #[test]
    fn a_family_may_spill_up_to_its_ceiling() {
        let spilling = |spills| Loop { packed: [8, 0, 0], spills, ..GOOD };
        assert_eq!(row(1, &[spilling(1)], &[]).fault(), None);
        let fault = row(1, &[spilling(2)], &[]).fault();
        assert_eq!(
            fault.as_deref(),
            Some("a::Sum on baseline: a loop spills 2 registers, where it may spill 1"),
        );
    }

    #[test]
    fn a_kernel_calls_nothing_but_what_panics_copies_or_is_a_call_by_design() {
        let cold = ["core::panicking::panic_bounds_check", "memcpy", "core::option::expect_failed"];
        assert_eq!(row(2, &[GOOD], &cold).fault(), None);
        let block = "<ravine_simd::scalar::Block<f32>>::zip::<f32, f32>";
        let called = "<ravine_simd::scalar::Block<f32> as core::ops::arith::Add>::add";
        assert_eq!(row(0, &[], &[block]).fault(), None);
        assert!(row(0, &[], &[called]).fault().is_some());
        assert!(row(1, &[], &[block]).fault().is_some());
        assert_eq!(
            row(2, &[GOOD], &["core::core_arch::x86::avx::_mm256_add_ps"]).fault().as_deref(),
            Some(
                "a::Sum on avx2: calls core::core_arch::x86::avx::_mm256_add_ps, so that was not inlined"
            ),
        );
    }

    #[test]
    fn a_hand_over_may_enter_a_kernel_and_only_its_calls_are_judged() {
        let hand = |symbol| Row { family: None, ..row(2, &[], &[symbol]) };
        let door = format!("a::Activation::{DOOR}");
        assert_eq!(hand(&door).fault(), None);
        assert!(row(2, &[GOOD], &[&door]).fault().is_some());
        assert!(hand("a::take").fault().is_some());
    }

    #[test]
    fn a_kernel_is_expected_on_every_level() {
        for level in 0..4 {
            assert!(Row { code: None, ..row(level, &[], &[]) }.fault().is_some());
        }
    }

    #[test]
    fn kernels_that_are_missing_or_unknown_are_faults() {
        let unit = Unit { package: "", families: std::slice::from_ref(&FAMILY) };
        assert!(census(&unit, &["a::Sum", LEFT_OUT[0]].into()).is_empty());
        assert_eq!(census(&unit, &[].into()).len(), 1);
        assert_eq!(census(&unit, &["a::Sum", "a::Max"].into()).len(), 1);
    }

    #[test]
    fn symbols_tell_the_kernel_and_the_level() {
        let name = format!("<ravine_simd::x86{}probe::Sum>", LEVELS[2].symbol);
        let found = LEVELS.each_ref().map(|level| kernel(&name, level.symbol));
        assert_eq!(found, [None, None, Some("probe::Sum"), None]);
    }
}
