//! One instruction of x86-64 assembly in AT&T syntax.

/// Names of the vector registers, narrowest first.
pub(crate) const REGISTERS: [&str; 3] = ["xmm", "ymm", "zmm"];

/// A mnemonic and its operands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction<'a> {
    name: &'a str,
    operands: &'a str,
}

/// What an instruction does to floating-point numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// Arithmetic on all lanes of a register, an index of [`REGISTERS`].
    Packed(usize),
    /// Arithmetic, a choice, a comparison or a conversion of one number.
    Scalar,
}

/// A fixed place on the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    Written(&'a str),
    Read(&'a str),
}

impl<'a> Instruction<'a> {
    /// The instruction of a line, if it is one.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let line = line.split('#').next()?.trim();
        if line.is_empty() || line.starts_with('.') || line.ends_with(':') {
            return None;
        }
        let (name, operands) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        Some(Self { name, operands: operands.trim() })
    }

    /// Whether it is a call.
    pub(super) fn is_call(self) -> bool {
        self.name.starts_with("call")
    }

    /// Whether the next line is never run after it.
    pub(super) fn leaves(self) -> bool {
        // As symbols are mangled: their last name ends with them, or a hash or nothing follows.
        let panics = |symbol: &str| symbol.contains("9panicking") || symbol.ends_with("_fail");
        self.name.starts_with("jmp")
            || self.name.starts_with("ret")
            || self.is_call() && self.symbol().is_some_and(panics)
    }

    /// Whether it makes the base pointer that of the stack's frame.
    pub(super) fn frames(self) -> bool {
        self.operands.replace(' ', "") == "%rsp,%rbp"
    }

    /// The label that it jumps to.
    pub(super) fn target(self) -> Option<&'a str> {
        self.name.starts_with('j').then_some(self.operands)
    }

    /// The symbol among the operands: after a branch as it is, elsewhere relative to the
    /// instruction.
    pub(super) fn symbol(self) -> Option<&'a str> {
        let operand = match self.operands.split_once("(%rip)") {
            Some((before, _)) => before.rsplit([' ', '*']).next()?,
            None if self.is_call() || self.name.starts_with('j') => self.operands,
            None => return None,
        };
        let symbol = operand.split(['@', '+']).next()?.trim_matches('"');
        let begins = symbol.starts_with(|first: char| first == '_' || first.is_ascii_alphabetic());
        (begins && !is_local(symbol)).then_some(symbol)
    }

    /// What it computes, if it does.
    pub(super) fn operation(self) -> Option<Operation> {
        const ARITHMETIC: [&str; 9] =
            ["add", "sub", "mul", "div", "sqrt", "fmadd", "fmsub", "fnmadd", "fnmsub"];
        // On lanes these are no arithmetic: constants are compared with, and widths converted.
        const OTHER: [&str; 6] = ["max", "min", "cmp", "comi", "ucomi", "cvt"];
        let register = self.register()?;
        let name = self.name.strip_prefix('v').unwrap_or(self.name);
        let is = |stems: &[&str]| stems.iter().any(|stem| name.starts_with(stem));
        let ends = |ends: [&str; 2]| ends.iter().any(|end| name.ends_with(end));
        if ends(["ps", "pd"]) && is(&ARITHMETIC) {
            Some(Operation::Packed(register))
        } else if ends(["ss", "sd"]) && (is(&ARITHMETIC) || is(&OTHER)) {
            Some(Operation::Scalar)
        } else {
            None
        }
    }

    /// The fixed place on the stack that it reads a vector from or writes one to, which the last
    /// operand is.
    pub(super) fn place(self, has_frame: bool) -> Option<Place<'a>> {
        self.register()?;
        let operands = self.operands.split(" {").next()?;
        let framed = || operands.find("(%rbp)").filter(|_| has_frame);
        let at = operands.find("(%rsp)").or_else(framed)?;
        let start = operands[..at].rfind(' ').map_or(0, |space| space + 1);
        let end = at + "(%rsp)".len();
        let place = &operands[start..end];
        Some(if end == operands.len() { Place::Written(place) } else { Place::Read(place) })
    }

    /// The widest vector register among the operands.
    fn register(self) -> Option<usize> {
        REGISTERS.iter().rposition(|register| self.operands.contains(register))
    }
}

/// The name of the label that `line` sets.
pub(super) fn label(line: &str) -> Option<&str> {
    let name = line.split('#').next()?.trim_end().strip_suffix(':')?;
    (!name.is_empty() && !name.contains(char::is_whitespace)).then(|| name.trim_matches('"'))
}

/// Whether a label belongs to a function: `.LBB0_1` on ELF, `LBB0_1` on Mach-O.
pub(super) fn is_local(label: &str) -> bool {
    label.starts_with(".L") || label.starts_with("LBB") || label.starts_with("Ltmp")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(line: &str) -> Option<Operation> {
        Instruction::of(line)?.operation()
    }

    #[test]
    fn packed_arithmetic_is_as_wide_as_its_widest_register() {
        for (line, register) in [
            ("\taddps\t%xmm0, %xmm1", 0),
            ("\tvfmadd231pd\t(%rdi), %ymm1, %ymm2", 1),
            ("\tvsqrtps\t%zmm0, %zmm1 {%k1} {z}", 2),
        ] {
            assert_eq!(operation(line), Some(Operation::Packed(register)), "{line}");
        }
    }

    #[test]
    fn arithmetic_on_one_number_is_scalar() {
        for name in [
            "addss",
            "vaddss",
            "vsubsd",
            "mulsd",
            "vdivss",
            "vsqrtsd",
            "vfmadd213ss",
            "vfnmadd231sd",
            "maxss",
            "vminsd",
            "ucomiss",
            "vcmpltss",
            "cvtss2sd",
        ] {
            let line = format!("\t{name}\t%xmm0, %xmm1");
            assert_eq!(operation(&line), Some(Operation::Scalar), "{line}");
        }
    }

    #[test]
    fn moves_and_integers_are_no_operations() {
        for line in [
            "\tmovss\t(%rdi), %xmm0",
            "\tvmovsd\t%xmm0, (%rdi)",
            "\tvbroadcastss\t(%rdi), %ymm0",
            "\tvunpcklps\t%ymm0, %ymm1, %ymm2",
            "\tvxorps\t%xmm0, %xmm0, %xmm0",
            "\tvpaddd\t%ymm0, %ymm1, %ymm2",
            "\tvpmaxsd\t%ymm0, %ymm1, %ymm2",
            "\taddq\t$8, %rsp",
        ] {
            assert_eq!(operation(line), None, "{line}");
        }
    }

    #[test]
    fn the_last_operand_is_the_place_that_is_written() {
        let place = |line| Instruction::of(line).unwrap().place(false);
        assert_eq!(place("\tvmovaps\t%zmm2, 64(%rsp)"), Some(Place::Written("64(%rsp)")));
        assert_eq!(place("\tvaddps\t64(%rsp), %zmm2, %zmm3"), Some(Place::Read("64(%rsp)")));
        assert_eq!(place("\tvmovups\t%ymm2, (%rsp,%rax)"), None);
        assert_eq!(place("\tmovq\t%rax, 64(%rsp)"), None);
    }
}
