//! Functions and loops of x86-64 assembly in AT&T syntax, as `rustc --emit asm` writes it.

use std::collections::{BTreeSet, HashMap, HashSet};

/// A function: its demangled name and its lines.
#[derive(Debug)]
pub(crate) struct Function<'a> {
    /// The name as in the source, with its generic arguments.
    pub(crate) name: String,
    lines: Vec<&'a str>,
}

/// What the instructions of a loop do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loop {
    /// Packed arithmetic in 128-, 256- and 512-bit registers.
    pub(crate) packed: [usize; 3],
    /// Calls.
    pub(crate) calls: usize,
    /// Places on the stack that a vector is written to and read from: registers that ran out.
    /// Arrays on the stack, which a loop fills or reads, are none.
    pub(crate) spills: usize,
}

/// Names of the widths of [`Loop::packed`].
pub(crate) const REGISTERS: [&str; 3] = ["xmm", "ymm", "zmm"];

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
            .filter_map(|line| symbol(instruction(line)?))
            .map(|name| format!("{:#}", rustc_demangle::demangle(name)))
            .collect()
    }

    /// The innermost loops: the lines from a label to a jump back to it, where no such stretch
    /// lies within. A jump back that its label does not lead to closes no loop: compilers put rare
    /// blocks last, and those jump back to where the paths meet.
    pub(crate) fn loops(&self) -> Vec<Loop> {
        let labels: HashMap<_, _> =
            self.lines.iter().enumerate().filter_map(|(i, line)| Some((label(line)?, i))).collect();
        let targets: Vec<_> = self
            .lines
            .iter()
            .map(|line| {
                let (name, target) = instruction(line)?;
                labels.get(target.trim()).filter(|_| name.starts_with('j')).copied()
            })
            .collect();
        let ranges: Vec<_> = targets
            .iter()
            .enumerate()
            .filter_map(|(end, target)| Some(((*target)?, end)))
            .filter(|&(start, end)| start < end && self.leads(&targets, start, end))
            .collect();
        let has_frame = self.lines.iter().any(|line| {
            instruction(line).is_some_and(|(_, operands)| operands.replace(' ', "") == "%rsp,%rbp")
        });
        ranges
            .iter()
            .filter(|outer| {
                !ranges
                    .iter()
                    .any(|inner| inner != *outer && inner.0 >= outer.0 && inner.1 <= outer.1)
            })
            .map(|&(start, end)| summary(&self.lines[start..=end], has_frame))
            .collect()
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
            let name = instruction(self.lines[at]).map_or("", |(name, _)| name);
            if !(name.starts_with("jmp") || name.starts_with("ret")) {
                open.push(at + 1);
            }
        }
        seen[end]
    }
}

/// Counts what matters in the lines of a loop.
fn summary(lines: &[&str], has_frame: bool) -> Loop {
    let mut found = Loop::default();
    let [mut written, mut read] = [HashSet::new(), HashSet::new()];
    for (name, operands) in lines.iter().filter_map(|line| instruction(line)) {
        if name.starts_with("call") {
            found.calls += 1;
        }
        let width = REGISTERS.iter().rposition(|register| operands.contains(register));
        let Some(width) = width else { continue };
        if is_arithmetic(name) {
            found.packed[width] += 1;
        }
        if let Some((place, is_destination)) = stack_place(operands, has_frame) {
            (if is_destination { &mut written } else { &mut read }).insert(place);
        }
    }
    found.spills = written.intersection(&read).count();
    found
}

/// The symbol among the operands: after a branch as it is, elsewhere relative to the instruction.
fn symbol<'a>((name, operands): (&str, &'a str)) -> Option<&'a str> {
    let operand = match operands.split_once("(%rip)") {
        Some((before, _)) => before.rsplit([' ', '*']).next()?,
        None if name.starts_with("call") || name.starts_with('j') => operands,
        None => return None,
    };
    let symbol = operand.split(['@', '+']).next()?.trim_matches('"');
    let begins = symbol.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic());
    (begins && !is_local(symbol)).then_some(symbol)
}

/// The fixed place on the stack among the operands, and whether it is the last of them, which is
/// the one written.
fn stack_place(operands: &str, has_frame: bool) -> Option<(&str, bool)> {
    let operands = operands.split(" {").next()?;
    let at = operands.find("(%rsp)").or_else(|| operands.find("(%rbp)").filter(|_| has_frame))?;
    let start = operands[..at].rfind(' ').map_or(0, |space| space + 1);
    let end = at + "(%rsp)".len();
    Some((&operands[start..end], end == operands.len()))
}

/// Whether the instruction computes on all lanes of a register.
fn is_arithmetic(name: &str) -> bool {
    const STEMS: [&str; 9] =
        ["add", "sub", "mul", "div", "sqrt", "fmadd", "fmsub", "fnmadd", "fnmsub"];
    let name = name.strip_prefix('v').unwrap_or(name);
    (name.ends_with("ps") || name.ends_with("pd"))
        && STEMS.iter().any(|stem| name.starts_with(stem))
}

/// The name of the label that `line` sets.
fn label(line: &str) -> Option<&str> {
    let name = line.split('#').next()?.trim_end().strip_suffix(':')?;
    (!name.is_empty() && !name.contains(char::is_whitespace)).then(|| name.trim_matches('"'))
}

/// Whether a label belongs to a function: `.LBB0_1` on ELF, `LBB0_1` on Mach-O.
fn is_local(label: &str) -> bool {
    label.starts_with(".L") || label.starts_with("LBB") || label.starts_with("Ltmp")
}

/// The mnemonic and the operands of an instruction.
fn instruction(line: &str) -> Option<(&str, &str)> {
    let line = line.split('#').next()?.trim();
    if line.starts_with('.') || line.ends_with(':') {
        return None;
    }
    Some(
        line.split_once(char::is_whitespace).map_or((line, ""), |(name, rest)| (name, rest.trim())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loops(body: &str) -> Vec<Loop> {
        functions(&format!("kernel:\n{body}.Lfunc_end0:\n"))[0].loops()
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
    fn of_nested_loops_only_the_inner_one_counts() {
        let found = loops(
            ".LBB0_1:\n\tcallq\tleaf\n.LBB0_2:\n\tmulps\t%xmm0, %xmm1\n\tjb\t.LBB0_2\n\tjne\t.LBB0_1\n",
        );
        assert_eq!(found, [Loop { packed: [1, 0, 0], ..Loop::default() }]);
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
    fn calls_and_spills_in_a_loop_are_counted() {
        let found = loops(
            ".LBB0_1:\n\tvfmadd231ps\t%zmm0, %zmm1, %zmm2\n\tvmovaps\t%zmm2, 64(%rsp)\n\
             \tvaddps\t64(%rsp), %zmm2, %zmm3\n\tcallq\tfmaf\n\tjne\t.LBB0_1\n",
        );
        assert_eq!(found, [Loop { packed: [0, 0, 2], calls: 1, spills: 1 }]);
    }

    #[test]
    fn a_spill_is_a_fixed_place_both_written_and_read() {
        let body = |write: &str, read: &str| {
            format!(
                ".LBB0_1:\n\tvmovups\t%ymm2, {write}\n\tvaddps\t{read}, %ymm1, %ymm2\n\tjne\t.LBB0_1\n"
            )
        };
        assert_eq!(loops(&body("64(%rsp)", "64(%rsp)"))[0].spills, 1);
        assert_eq!(loops(&body("64(%rsp)", "32(%rsp)"))[0].spills, 0);
        assert_eq!(loops(&body("(%rsp,%rax)", "(%rsp,%rax)"))[0].spills, 0);
    }

    #[test]
    fn the_base_pointer_is_the_stack_only_where_it_frames_it() {
        let body =
            ".LBB0_1:\n\tvmovups\t%ymm2, (%rbp)\n\tvaddps\t(%rbp), %ymm1, %ymm2\n\tjne\t.LBB0_1\n";
        assert_eq!(loops(body)[0].spills, 0);
        assert_eq!(loops(&format!("\tmovq\t%rsp, %rbp\n{body}"))[0].spills, 1);
    }

    #[test]
    fn a_loop_without_packed_arithmetic_is_found_for_its_calls() {
        let found = loops(".LBB0_1:\n\tmulss\t%xmm0, %xmm1\n\tcallq\tfmaf\n\tjne\t.LBB0_1\n");
        assert_eq!(found, [Loop { calls: 1, ..Loop::default() }]);
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
