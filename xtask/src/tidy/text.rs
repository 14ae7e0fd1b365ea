//! Rules about single lines.

use crate::tidy::source::Source;

/// The longest file of Rust.
const MAX_LINES: usize = 400;
/// What must not stand in code or comments. Each is written in two parts, which keeps this file
/// within its own rule.
const LEFTOVERS: [&str; 6] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("dbg", "!("),
    concat!("to", "do!("),
    concat!("#[ig", "nore"),
    concat!("[al", "low("),
];
/// Where one machine keeps its files.
const PLACES: [&str; 4] =
    [concat!("/tm", "p/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/")];

/// The line after the last allowed one.
pub(crate) fn too_long(source: &Source<'_>) -> Vec<usize> {
    if source.text.lines().count() > MAX_LINES { vec![MAX_LINES + 1] } else { Vec::new() }
}

/// Lines with something that was meant to go.
pub(crate) fn leftovers(source: &Source<'_>) -> Vec<usize> {
    matching(source.text, |line| LEFTOVERS.iter().any(|word| line.contains(word)))
}

/// Lines with an absolute path.
pub(crate) fn machine_paths(source: &Source<'_>) -> Vec<usize> {
    // A path continues a word, a folder or a variable in `target/tmp/` and `$DIR/home/`.
    let starts =
        |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || "._-})".contains(c));
    matching(source.text, |line| {
        PLACES.iter().any(|place| line.match_indices(place).any(|(at, _)| starts(&line[..at])))
    })
}

/// Lines of code with the keyword.
pub(crate) fn unsafe_code(source: &Source<'_>) -> Vec<usize> {
    matching(&source.code, |line| {
        line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
    })
}

/// The first line, where the attribute is missing.
pub(crate) fn no_forbid(source: &Source<'_>) -> Vec<usize> {
    if source.code.contains("#![forbid(unsafe_code)]") { Vec::new() } else { vec![1] }
}

/// Lines of code, outside tests, that fuse.
pub(crate) fn fusing(source: &Source<'_>) -> Vec<usize> {
    source
        .shipped()
        .filter(|(_, line)| line.contains("mul_add"))
        .map(|(number, _)| number)
        .collect()
}

/// The numbers, from 1, of the lines that `is_bad`.
fn matching(text: &str, is_bad: impl Fn(&str) -> bool) -> Vec<usize> {
    text.lines().zip(1..).filter(|(line, _)| is_bad(line)).map(|(_, number)| number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source<'_> {
        Source::new("a.rs", text)
    }

    #[test]
    fn each_leftover_and_each_place_is_found() {
        for word in LEFTOVERS {
            assert_eq!(leftovers(&source(&format!("a\n  {word}"))), [2], "{word}");
        }
        for place in PLACES {
            assert_eq!(machine_paths(&source(&format!("a\n`{place}b`"))), [2], "{place}");
            assert!(machine_paths(&source(&format!("target{place}b"))).is_empty(), "{place}");
        }
    }

    #[test]
    fn a_file_of_400_lines_is_not_too_long() {
        assert!(too_long(&source(&"\n".repeat(400))).is_empty());
        assert_eq!(too_long(&source(&"\n".repeat(401))), [401]);
    }

    #[test]
    fn the_keyword_is_a_whole_word_of_code() {
        let text = "#![deny(unsafe_code)]\n// unsafe\nlet s = \"unsafe\";\nunsafe fn f() {}";
        assert_eq!(unsafe_code(&source(text)), [4]);
    }

    #[test]
    fn tests_may_fuse_and_comments_may_say_so() {
        let text = "// mul_add\nx.mul_add(y, z);\n#[cfg(test)]\nmod tests { x.mul_add(y, z) }";
        assert_eq!(fusing(&source(text)), [2]);
    }
}
