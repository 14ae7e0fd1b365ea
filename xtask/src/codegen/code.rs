//! What the code of a function does, as far as it is judged.

use std::collections::{BTreeSet, HashSet};

use crate::codegen::instruction::{Instruction, Operation, Place};

/// What a function does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code {
    /// The loops that count.
    pub(crate) loops: Vec<Loop>,
    /// What it names.
    pub(crate) symbols: BTreeSet<String>,
}

/// What the instructions of a loop do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loop {
    /// Packed arithmetic in 128-, 256- and 512-bit registers.
    pub(crate) packed: [usize; 3],
    /// Operations on one number.
    pub(crate) scalars: usize,
    /// Calls.
    pub(crate) calls: usize,
    /// Places on the stack that a vector is written to and read from: registers that ran out.
    /// Arrays on the stack, which a loop fills or reads, are none.
    pub(crate) spills: usize,
}

impl Code {
    /// Packed arithmetic in a register's width, in the loop that has most of it.
    pub(crate) fn packed(&self, register: usize) -> usize {
        self.loops.iter().map(|found| found.packed[register]).max().unwrap_or(0)
    }

    /// Operations on one number, in the loop that has most of them.
    pub(crate) fn scalars(&self) -> usize {
        self.loops.iter().map(|found| found.scalars).max().unwrap_or(0)
    }

    /// Registers spilled in the loop that spills most, of those that compute in this width.
    pub(crate) fn spills(&self, register: usize) -> usize {
        let counted = self.loops.iter().filter(|found| found.packed[register] > 0);
        counted.map(|found| found.spills).max().unwrap_or(0)
    }
}

impl Loop {
    /// What the lines of a loop do; `has_frame` where the base pointer is the stack's.
    pub(super) fn of(lines: &[&str], has_frame: bool) -> Self {
        let mut found = Self::default();
        let [mut written, mut read] = [HashSet::new(), HashSet::new()];
        for instruction in lines.iter().filter_map(|line| Instruction::of(line)) {
            found.calls += usize::from(instruction.is_call());
            match instruction.operation() {
                Some(Operation::Packed(register)) => found.packed[register] += 1,
                Some(Operation::Scalar) => found.scalars += 1,
                None => {}
            }
            match instruction.place(has_frame) {
                Some(Place::Written(place)) => _ = written.insert(place),
                Some(Place::Read(place)) => _ = read.insert(place),
                None => {}
            }
        }
        found.spills = written.intersection(&read).count();
        found
    }

    /// Whether it does more than move numbers.
    pub(super) fn computes(&self) -> bool {
        self.packed != [0; 3] || self.scalars > 0 || self.calls > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&str]) -> Loop {
        Loop::of(lines, false)
    }

    #[test]
    fn calls_and_spills_are_counted() {
        let found = found(&[
            "\tvfmadd231ps\t%zmm0, %zmm1, %zmm2",
            "\tvmovaps\t%zmm2, 64(%rsp)",
            "\tvaddps\t64(%rsp), %zmm2, %zmm3",
            "\tcallq\tfmaf",
        ]);
        assert_eq!(found, Loop { packed: [0, 0, 2], scalars: 0, calls: 1, spills: 1 });
    }

    #[test]
    fn scalar_operations_are_counted_beside_packed_ones_and_alone() {
        let [packed, scalar] = ["\tvaddps\t%ymm0, %ymm1, %ymm2", "\tvmulss\t%xmm0, %xmm1, %xmm2"];
        let beside = found(&[packed, scalar, "\tvmovss\t%xmm2, (%rdi)"]);
        assert_eq!(beside, Loop { packed: [0, 1, 0], scalars: 1, calls: 0, spills: 0 });
        assert_eq!(found(&[scalar, scalar]), Loop { scalars: 2, ..Loop::default() });
    }

    #[test]
    fn a_loop_computes_where_it_does_more_than_move() {
        assert!(!found(&["\tvunpcklps\t%ymm0, %ymm1, %ymm2", "\tmovss\t(%rdi), %xmm0"]).computes());
        for line in ["\taddps\t%xmm0, %xmm1", "\taddss\t%xmm0, %xmm1", "\tcallq\tfmaf"] {
            assert!(found(&[line]).computes(), "{line}");
        }
    }

    #[test]
    fn a_spill_is_a_fixed_place_both_written_and_read() {
        let spills = |write: &str, read: &str| {
            let [write, read] =
                [format!("\tvmovups\t%ymm2, {write}"), format!("\tvaddps\t{read}, %ymm1, %ymm2")];
            found(&[&write, &read]).spills
        };
        assert_eq!(spills("64(%rsp)", "64(%rsp)"), 1);
        assert_eq!(spills("64(%rsp)", "32(%rsp)"), 0);
        assert_eq!(spills("(%rsp,%rax)", "(%rsp,%rax)"), 0);
    }

    #[test]
    fn of_loops_the_one_that_has_most_counts_and_spills_only_where_it_computes_in_full_width() {
        let one = |packed, scalars, spills| Loop { packed, scalars, calls: 0, spills };
        let loops = vec![one([0, 8, 0], 0, 1), one([0, 4, 0], 2, 3), one([2, 0, 0], 1, 9)];
        let code = Code { loops, symbols: BTreeSet::new() };
        assert_eq!([0, 1, 2].map(|register| code.packed(register)), [2, 8, 0]);
        assert_eq!((code.scalars(), code.spills(1)), (2, 3));
    }
}
