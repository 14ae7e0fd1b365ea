//! Which functions of a unit are kernels, and whether the table knows them all.

use std::collections::BTreeSet;

use crate::codegen::assembly::Function;
use crate::codegen::code::{Code, Loop};
use crate::codegen::judge::Row;
use crate::codegen::table::{Family, LEFT_OUT, LEVELS, Level, Unit, is_called};

/// The kernels of a unit on every level, and what is wrong with them as a whole: how many there
/// are, and which.
pub(crate) fn rows(unit: &Unit, functions: &[Function<'_>]) -> (Vec<Row>, Vec<String>) {
    let kernels: BTreeSet<&str> = functions
        .iter()
        .filter_map(|function| LEVELS.iter().find_map(|level| kernel(&function.name, level.symbol)))
        .collect();
    let faults = census(unit, &kernels);
    let row = |kernel: &str, level: &'static Level, family: Option<&'static Family>| {
        let of =
            |function: &&Function<'_>| self::kernel(&function.name, level.symbol) == Some(kernel);
        let transposes = family.is_some_and(|family| family.transposes);
        let counts = |found: &Loop| !transposes || found.computes();
        let code = functions.iter().find(of);
        let code = code.map(|code| Code { loops: code.loops(counts), symbols: code.symbols() });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::assembly::functions;
    use crate::codegen::table::one;

    static SUM: [Family; 1] = [one("a::Sum")];
    static TURNED: [Family; 1] = [Family { transposes: true, ..one("a::Sum") }];

    #[test]
    fn kernels_that_are_missing_or_unknown_are_faults() {
        let unit = Unit { package: "", families: &SUM };
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

    #[test]
    fn of_a_kernel_that_transposes_the_loop_around_is_judged() {
        let mut found = functions(
            "kernel:\n.LBB0_1:\n\tvaddps\t%ymm0, %ymm1, %ymm2\n.LBB0_2:\n\
             \tvunpcklps\t%ymm0, %ymm1, %ymm2\n\tjb\t.LBB0_2\n\tjne\t.LBB0_1\n",
        );
        found[0].name = format!("<ravine_simd::x86{}a::Sum>", LEVELS[2].symbol);
        let fault = |families| rows(&Unit { package: "", families }, &found).0[2].fault();
        assert!(fault(&SUM).is_some());
        assert_eq!(fault(&TURNED), None);
    }
}
