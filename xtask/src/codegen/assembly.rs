//! Functions and loops of x86-64 assembly in AT&T syntax, as `rustc --emit asm` writes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeInclusive;

use crate::codegen::code::Loop;
use crate::codegen::instruction::{Instruction, is_local, label};

/// A function: its demangled name and its lines.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    /// The name as in the source, with its generic arguments.
    pub(crate) name: String,
    lines: Vec<&'a str>,
}

/// The functions of `text`.
pub(crate) fn functions(text: &str) -> Vec<Function<'_>> {
    let mut functions: Vec<Function<'_>> = Vec::new();
    for line in text.lines() {
        match label(line) {
            Some(name) if !is_local(name) => {
                let name = format!("{:#}", rustc_demangle::demangle(name));
                functions.push(Function { name, lines: Vec::new() });
            }
            _ => {
                if let Some(function) = functions.last_mut() {
                    function.lines.push(line);
                }
            }
        }
    }
    functions
}

impl Function<'_> {
    /// Every symbol that its instructions name, so all that it calls, jumps to, or takes the
    /// address of.
    pub(crate) fn symbols(&self) -> BTreeSet<String> {
        self.lines
            .iter()
            .filter_map(|line| Instruction::of(line)?.symbol())
            .map(|name| format!("{:#}", rustc_demangle::demangle(name)))
            .collect()
    }

    /// The innermost of the loops that `counts` holds for.
    pub(crate) fn loops(&self, counts: impl Fn(&Loop) -> bool) -> Vec<Loop> {
        let instructions = || self.lines.iter().filter_map(|line| Instruction::of(line));
        let has_frame = instructions().any(Instruction::frames);
        let loops: Vec<_> = self
            .ranges()
            .into_iter()
            .map(|range| (Loop::of(&self.lines[range.clone()], has_frame), range))
            .filter(|(found, _)| counts(found))
            .collect();
        let encloses = |outer: &RangeInclusive<usize>, inner: &RangeInclusive<usize>| {
            inner != outer && outer.contains(inner.start()) && outer.contains(inner.end())
        };
        loops
            .iter()
            .filter(|(_, outer)| !loops.iter().any(|(_, inner)| encloses(outer, inner)))
            .map(|(found, _)| *found)
            .collect()
    }

    /// The lines of each loop: from a label to the last jump back to it, for what a loop leaves
    /// out at one of its turns is a jump back before the last. A jump back that its label does not
    /// lead to closes no loop: compilers put rare blocks last, and those jump back to where the
    /// paths meet.
    fn ranges(&self) -> Vec<RangeInclusive<usize>> {
        let labels: HashMap<_, _> =
            self.lines.iter().enumerate().filter_map(|(i, line)| Some((label(line)?, i))).collect();
        let target = |line: &&str| labels.get(Instruction::of(line)?.target()?).copied();
        let targets: Vec<_> = self.lines.iter().map(target).collect();
        let back = targets.iter().enumerate().filter_map(|(end, start)| Some(((*start)?, end)));
        // Of one start the last end stays.
        let ends: BTreeMap<_, _> =
            back.filter(|&(start, end)| start < end && self.leads(&targets, start, end)).collect();
        ends.into_iter().map(|(start, end)| start..=end).collect()
    }

    /// Whether a path leads from the line `start` to the line `end` and never leaves the lines
    /// between; `targets` are where each line jumps to.
    fn leads(&self, targets: &[Option<usize>], start: usize, end: usize) -> bool {
        let mut seen = vec![false; end + 1];
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            if !(start..=end).contains(&at) || std::mem::replace(&mut seen[at], true) {
                continue;
            }
            open.extend(targets[at]);
            if !Instruction::of(self.lines[at]).is_some_and(Instruction::leaves) {
                open.push(at + 1);
            }
        }
        seen[end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loops(body: &str) -> Vec<Loop> {
        functions(&format!("kernel:\n{body}.Lfunc_end0:\n"))[0].loops(|_| true)
    }

    #[test]
    fn a_loop_is_what_lies_between_a_label_and_a_jump_back_to_it() {
        let found = loops(
            "\tvmulps\t%ymm0, %ymm1, %ymm2\n.LBB0_1:\n\tvaddps\t(%rdi), %ymm1, %ymm2\n\
             \tvmovups\t%ymm2, (%rdi)\n\tjne\t.LBB0_1\n\tcallq\tpanic\n",
        );
        assert_eq!(found, [Loop { packed: [0, 1, 0], ..Loop::default() }]);
    }

    #[test]
    fn a_loop_ends_at_the_last_jump_back_to_its_label() {
        let found = loops(
            ".LBB0_1:\n\tvaddps\t(%rdi), %ymm1, %ymm2\n\tje\t.LBB0_1\n\
             \tvmulps\t(%rdi), %ymm1, %ymm2\n\tjne\t.LBB0_1\n",
        );
        assert_eq!(found, [Loop { packed: [0, 2, 0], ..Loop::default() }]);
    }

    #[test]
    fn of_nested_loops_only_the_inner_one_counts() {
        let found = loops(
            ".LBB0_1:\n\tcallq\tleaf\n.LBB0_2:\n\tmulps\t%xmm0, %xmm1\n\tjb\t.LBB0_2\n\tjne\t.LBB0_1\n",
        );
        assert_eq!(found, [Loop { packed: [1, 0, 0], ..Loop::default() }]);
    }

    #[test]
    fn a_loop_of_moves_hides_the_one_around_it_unless_it_does_not_count() {
        let text = "kernel:\n.LBB0_1:\n\tvaddps\t%ymm0, %ymm1, %ymm2\n.LBB0_2:\n\
                    \tvunpcklps\t%ymm0, %ymm1, %ymm2\n\tjb\t.LBB0_2\n\tjne\t.LBB0_1\n";
        let kernel = &functions(text)[0];
        assert_eq!(kernel.loops(|_| true), [Loop::default()]);
        let around = Loop { packed: [0, 1, 0], ..Loop::default() };
        assert_eq!(kernel.loops(Loop::computes), [around]);
    }

    #[test]
    fn a_call_that_panics_leads_nowhere() {
        let body = ".LBB0_1:\n\tcallq\t*_ZN4core9panicking9panic_fmt@GOTPCREL(%rip)\n\
                    .LBB0_2:\n\tjmp\t.LBB0_1\n";
        assert_eq!(loops(body), []);
        assert_eq!(loops(&body.replace("9panicking", "3fmt")).len(), 1);
    }

    #[test]
    fn a_block_put_last_that_jumps_back_closes_no_loop() {
        // The entry goes to .LBB0_2 at once, or by .LBB0_3, which lies behind it.
        let body = "\tje\t.LBB0_3\n.LBB0_2:\n\tvaddps\t%zmm0, %zmm1, %zmm2\n\tretq\n\
                    .LBB0_3:\n\tvmulps\t%zmm0, %zmm1, %zmm2\n\tjmp\t.LBB0_2\n";
        assert_eq!(loops(body), []);
        // The same within a loop.
        let body = body.replace("\tretq\n", "\tjne\t.LBB0_1\n\tretq\n");
        let found = loops(&format!(".LBB0_1:\n{body}"));
        assert_eq!(found.iter().map(|found| found.packed).collect::<Vec<_>>(), [[0, 0, 1]]);
    }

    #[test]
    fn the_base_pointer_is_the_stack_only_where_it_frames_it() {
        let body =
            ".LBB0_1:\n\tvmovups\t%ymm2, (%rbp)\n\tvaddps\t(%rbp), %ymm1, %ymm2\n\tjne\t.LBB0_1\n";
        assert_eq!(loops(body)[0].spills, 0);
        assert_eq!(loops(&format!("\tmovq\t%rsp, %rbp\n{body}"))[0].spills, 1);
    }

    #[test]
    fn symbols_are_what_is_called_jumped_to_or_pointed_at() {
        let body = "\tcallq\tnear\n\tcallq\t*far@GOTPCREL(%rip)\n\tcallq\tlinked@PLT\n\
                    \tjmp\tlast\n\tmovq\tpointed@GOTPCREL(%rip), %rax\n\tleaq\tbeside(%rip), %rbx\n\
                    \tcallq\t*%rax\n\tjne\t.LBB0_1\n\tvaddps\t.LCPI0_1(%rip), %ymm0, %ymm1\n\
                    \taddq\t$8, %rsp\n";
        let found = functions(&format!("kernel:\n{body}"))[0].symbols();
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        assert_eq!(found, ["beside", "far", "last", "linked", "near", "pointed"]);
    }

    #[test]
    fn names_are_demangled() {
        assert_eq!(functions("_RNvCs1234_5probe4main:\n\tretq\n")[0].name, "probe::main");
    }
}
