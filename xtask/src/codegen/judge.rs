//! What is wrong with a kernel, as its assembly shows it.

use crate::codegen::code::Code;
use crate::codegen::instruction::REGISTERS;
use crate::codegen::table::{DOOR, Family, Level};

/// A kernel on a level.
pub(crate) struct Row {
    /// The kernel, with its generic arguments.
    pub(crate) kernel: String,
    /// The level.
    pub(crate) level: &'static Level,
    /// What is expected of it; `None` for a hand-over, whose loops need not compute.
    pub(super) family: Option<&'static Family>,
    /// Its function, if there is one.
    pub(super) code: Option<Code>,
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

impl Row {
    /// Whether the level has a function for the kernel.
    pub(crate) fn is_there(&self) -> bool {
        self.code.is_some()
    }

    /// Packed operations in the main loop, spilled registers, and scalar operations.
    pub(crate) fn cell(&self) -> String {
        match (&self.code, self.family, self.level.register) {
            (Some(code), Some(_), Some(register)) => {
                let (packed, spills) = (code.packed(register), code.spills(register));
                format!("{packed} {} {spills:>3} {:>2}", REGISTERS[register], code.scalars())
            }
            (Some(_), ..) => "calls".into(),
            (None, ..) => "-".into(),
        }
    }

    /// What is wrong, if anything.
    pub(crate) fn fault(&self) -> Option<String> {
        let what = match &self.code {
            Some(code) => {
                let width = || self.odd_width(code);
                self.odd_call(code).or_else(width).or_else(|| self.odd_loop(code))
            }
            // What only asks a level for its constants may be no function.
            None => self.family.map(|_| "the assembly lacks it".into()),
        };
        Some(format!("{} on {}: {}", self.kernel, self.level.name, what?))
    }

    /// A call that should have been inlined.
    fn odd_call(&self, code: &Code) -> Option<String> {
        let is_odd = |symbol: &&String| {
            let enters = self.family.is_none_or(|family| family.enters) && symbol.ends_with(DOOR);
            !is_cold(symbol) && !self.is_by_design(symbol) && !enters
        };
        let odd = code.symbols.iter().find(is_odd)?;
        Some(format!("calls {odd}, so that was not inlined"))
    }

    /// Arithmetic in other registers than the level's, or on one number.
    fn odd_width(&self, code: &Code) -> Option<String> {
        let register = self.level.register?;
        let others = (0..REGISTERS.len()).filter(|&other| other != register);
        let (most, other) = others.map(|other| (code.packed(other), other)).max()?;
        let (scalars, ceiling) = (code.scalars(), self.family.map_or(0, |family| family.scalars));
        if most > 0 {
            let (other, full) = (REGISTERS[other], REGISTERS[register]);
            Some(format!("{most} packed operations of a loop are in {other}, where {full} is full"))
        } else if scalars > ceiling {
            Some(format!("a loop has {scalars} scalar operations, where it may have {ceiling}"))
        } else {
            None
        }
    }

    /// Loops that call, compute too little, or spill.
    fn odd_loop(&self, code: &Code) -> Option<String> {
        let (family, register) = (self.family?, self.level.register?);
        let calls = code.symbols.iter().any(|symbol| self.is_by_design(symbol));
        let (most, least) = (code.packed(register), family.least[register]);
        let (spills, ceiling) = (code.spills(register), family.spills[register]);
        if !calls && code.loops.iter().any(|found| found.calls > 0) {
            Some("a call in a loop".into())
        } else if !calls && least == 0 {
            Some("neither arithmetic nor the calls in its stead".into())
        } else if most < least {
            Some(format!("{most} packed operations in the main loop, which is made of {least}"))
        } else if spills > ceiling {
            Some(format!("a loop spills {spills} registers, where it may spill {ceiling}"))
        } else {
            None
        }
    }

    /// Whether the symbol is that of an operation that is a call on this level.
    fn is_by_design(&self, symbol: &str) -> bool {
        self.level.calls.iter().any(|call| symbol.contains(call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::code::Loop;
    use crate::codegen::table::{LEVELS, one};

    static FAMILY: Family =
        Family { least: [1, 4, 4], spills: [1, 0, 0], scalars: 1, ..one("a::Sum") };
    static FUSED: Family = Family { least: [0, 4, 4], ..one("a::Dot") };
    const GOOD: Loop = Loop { packed: [0, 8, 0], scalars: 0, calls: 0, spills: 0 };

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
        assert_eq!(fault(&[GOOD]), None);
    }

    #[test]
    fn missing_short_narrow_calling_and_spilling_loops_are_faults() {
        assert!(fault(&[]).is_some());
        assert!(fault(&[Loop { packed: [0, 3, 0], ..GOOD }]).is_some());
        assert!(fault(&[GOOD, Loop { packed: [1, 8, 0], ..GOOD }]).is_some());
        assert!(fault(&[GOOD, Loop { packed: [0; 3], calls: 1, ..GOOD }]).is_some());
        assert!(fault(&[Loop { spills: 1, ..GOOD }]).is_some());
    }

    #[test]
    fn one_operation_in_other_registers_is_named_with_kernel_and_level() {
        let fault = |packed| row(2, &[Loop { packed, ..GOOD }], &[]).fault();
        assert_eq!(
            fault([1, 8, 0]).as_deref(),
            Some("a::Sum on avx2: 1 packed operations of a loop are in xmm, where ymm is full"),
        );
        assert_eq!(
            fault([0, 8, 2]).as_deref(),
            Some("a::Sum on avx2: 2 packed operations of a loop are in zmm, where ymm is full"),
        );
    }

    #[test]
    fn a_family_has_scalar_operations_up_to_its_ceiling_beside_packed_ones_or_alone() {
        let beside = |scalars| Loop { scalars, ..GOOD };
        let alone = |scalars| Loop { packed: [0; 3], scalars, ..GOOD };
        assert_eq!(fault(&[beside(1), alone(1)]), None);
        for loops in [[GOOD, beside(2)], [GOOD, alone(2)]] {
            assert_eq!(
                fault(&loops).as_deref(),
                Some("a::Sum on avx2: a loop has 2 scalar operations, where it may have 1"),
            );
        }
        // Where all arithmetic is scalar, the family's ceiling is no excuse.
        assert!(fault(&[alone(1)]).is_some());
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
    fn what_may_lack_arithmetic_must_have_the_calls_in_its_stead() {
        let row = |symbols| Row { family: Some(&FUSED), ..row(1, &[], symbols) };
        assert_eq!(row(&["ravine_simd::emulated::mul_add"]).fault(), None);
        assert!(row(&[]).fault().is_some());
    }

    #[test]
    fn a_kernel_that_finishes_tiles_may_enter_another() {
        static ENTERS: Family = Family { enters: true, ..one("a::Sum") };
        let door = format!("a::Activation::{DOOR}");
        assert!(row(2, &[GOOD], &[&door]).fault().is_some());
        let enters = Row { family: Some(&ENTERS), ..row(2, &[GOOD], &[&door]) };
        assert_eq!(enters.fault(), None);
    }

    #[test]
    fn a_hand_over_may_enter_a_kernel_and_lack_loops_but_not_be_narrow() {
        let hand = |symbol| Row { family: None, ..row(2, &[], &[symbol]) };
        let door = format!("a::Activation::{DOOR}");
        assert_eq!(hand(&door).fault(), None);
        assert!(hand("a::take").fault().is_some());
        for narrow in [Loop { packed: [1, 0, 0], ..GOOD }, Loop { scalars: 1, ..GOOD }] {
            assert!(Row { family: None, ..row(2, &[narrow], &[]) }.fault().is_some());
        }
    }

    #[test]
    fn a_kernel_is_expected_on_every_level() {
        for level in 0..4 {
            assert!(Row { code: None, ..row(level, &[], &[]) }.fault().is_some());
        }
    }
}
