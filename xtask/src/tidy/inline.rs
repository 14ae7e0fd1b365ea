//! Rules about `#[inline(always)]`, without which a kernel falls apart into calls.

use crate::tidy::source::Source;

/// The mark.
pub(crate) const MARK: &str = "#[inline(always)]";

/// Where the shipped code has the mark.
pub(crate) fn marks(source: &Source<'_>) -> Vec<usize> {
    let tests = source.code.find("#[cfg(test)]").unwrap_or(source.code.len());
    source.code[..tests].match_indices(MARK).map(|(at, _)| at).collect()
}

/// Functions with a body that are generic in the level and lack the mark. A `const fn` needs none:
/// it asks for a level's constants, and the compiler has the answer.
pub(crate) fn functions(source: &Source<'_>) -> Vec<usize> {
    let lines: Vec<_> = source.shipped().collect();
    let lacks = |&(at, &(_, line)): &(usize, &(usize, &str))| {
        is_generic_in_level(line) && has_body(&lines[at..]) && !has_attribute(&lines[..at], MARK)
    };
    lines.iter().enumerate().filter(lacks).map(|(_, (number, _))| *number).collect()
}

/// Operations of a level, which are its functions of `self`, that lack the mark and are not calls
/// by design.
pub(crate) fn operations(source: &Source<'_>) -> Vec<usize> {
    let lines: Vec<_> = source.shipped().collect();
    let lacks = |&(at, (_, line)): &(usize, &(usize, &str))| {
        line.contains("fn ")
            && line.contains("(self")
            && !has_attribute(&lines[..at], MARK)
            && !has_attribute(&lines[..at], "#[inline(never)]")
    };
    lines.iter().enumerate().filter(lacks).map(|(_, (number, _))| *number).collect()
}

/// Whether the attributes at the end of `lines` have `attribute`.
fn has_attribute(lines: &[(usize, &str)], attribute: &str) -> bool {
    lines
        .iter()
        .rev()
        .map(|(_, line)| line.trim())
        .take_while(|line| line.is_empty() || line.starts_with("#["))
        .any(|line| line == attribute)
}

/// Whether the line declares a function with a parameter `S: Simd` that runs with the kernel.
fn is_generic_in_level(line: &str) -> bool {
    line.split_once("fn ").is_some_and(|(before, rest)| {
        let is_const = before.split_whitespace().any(|word| word == "const");
        let generics = rest.split_once('<').filter(|(name, _)| !name.contains('('));
        !is_const && generics.is_some_and(|(_, generics)| generics.contains("S: Simd"))
    })
}

/// Whether a declaration goes on to a body, and not to a semicolon.
fn has_body(lines: &[(usize, &str)]) -> bool {
    let mut depth = 0_usize;
    for next in lines.iter().flat_map(|(_, line)| line.chars()) {
        match next {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' if depth == 0 => return true,
            ';' if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

/// Functions that loop over blocks, and are given what to make of each as a closure.
const LOOPS: [&str; 2] = ["stream::run(", "row_sum("];

/// Closures in the arguments of such a function that lack the mark.
pub(crate) fn closures(source: &Source<'_>) -> Vec<usize> {
    let calls =
        |name: &'static str| source.code.match_indices(name).map(|(at, name)| at + name.len());
    let mut lines: Vec<_> = LOOPS
        .into_iter()
        .flat_map(calls)
        .filter_map(|from| {
            let bar = closure(&source.code[from..])?;
            let before = source.code[from..from + bar].trim_end();
            let before = before.strip_suffix("move").map_or(before, str::trim_end);
            (!before.ends_with(MARK)).then(|| source.line_of(from + bar))
        })
        .collect();
    lines.sort_unstable();
    lines
}

/// Where the closure begins in the arguments that `code` starts with.
fn closure(code: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, next) in code.bytes().enumerate() {
        match next {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b'|' if depth == 1 => return Some(at),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source<'_> {
        Source::new("a.rs", text)
    }

    #[test]
    fn functions_that_are_generic_in_the_level_need_the_mark() {
        for head in
            ["fn run<S: Simd>(self, simd: S)", "pub fn of<S: Simd, const R: usize>(x: [S; R])"]
        {
            assert_eq!(functions(&source(&format!("{head} {{\n}}"))), [1], "{head}");
            assert_eq!(functions(&source(&format!("#[inline]\n{head} {{\n}}"))), [2], "{head}");
            assert!(functions(&source(&format!("{head};"))).is_empty(), "{head}");
            let marked = format!("{MARK}\n#[must_use]\n{head} {{}}");
            assert!(functions(&source(&marked)).is_empty(), "{head}");
        }
    }

    #[test]
    fn types_and_callers_of_kernels_need_no_mark() {
        assert!(functions(&source("struct A<S: Simd>(S);\nfn f(x: Tile<S>) {}")).is_empty());
    }

    #[test]
    fn functions_of_the_compiler_need_no_mark() {
        for head in ["const fn", "pub const fn", "pub(crate) const fn"] {
            let text = format!("{head} chains<S: Simd>() -> usize {{ S::TILE }}");
            assert!(functions(&source(&text)).is_empty(), "{head}");
        }
        let constant = "fn splat<S: Simd, const N: usize>(x: [f32; N]) {}";
        assert_eq!(functions(&source(constant)), [1]);
    }

    #[test]
    fn operations_of_a_level_need_the_mark_unless_they_are_calls_by_design() {
        for head in ["fn add(self, other: Self) -> Self", "fn shl<const N: u32>(self) -> Self"] {
            assert_eq!(operations(&source(&format!("{head} {{\n}}"))), [1], "{head}");
            assert_eq!(operations(&source(&format!("#[inline]\n{head} {{\n}}"))), [2], "{head}");
            for mark in [MARK, "#[inline(never)]"] {
                let text = format!("{mark}\n#[must_use]\n{head} {{}}");
                assert!(operations(&source(&text)).is_empty(), "{text}");
            }
        }
        assert!(operations(&source("fn detect() -> Option<Self> {}")).is_empty());
    }

    #[test]
    fn closures_given_to_a_loop_over_blocks_need_the_mark() {
        let call = |mark: &str| {
            format!("stream::run(\n    simd,\n    [y],\n    [x],\n    {mark}|[y], [x]| [x],\n);")
        };
        assert_eq!(closures(&source(&call(""))), [5]);
        assert_eq!(closures(&source(&call("move "))), [5]);
        assert_eq!(closures(&source(&call("#[inline]\n    "))), [6]);
        assert!(closures(&source(&call("#[inline(always)]\n    "))).is_empty());
        assert!(closures(&source(&call("#[inline(always)] move "))).is_empty());
        let rows = "row_sum(simd, z, |z| z.widen()); stream::run(simd, [y], [],\n|[y], []| [y]);";
        assert_eq!(closures(&source(rows)), [1, 2]);
        assert!(closures(&source("row_sum(simd, z, #[inline(always)] |z| z.widen())")).is_empty());
        assert!(closures(&source("stream::run(simd, [y], [x], f) | g(|x| x)")).is_empty());
    }
}
