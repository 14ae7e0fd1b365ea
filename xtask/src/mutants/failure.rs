//! What a test that failed says of it.

use crate::mutants::patch::Told;

/// Lines of a message that are shown.
const SHOWN: usize = 2;
/// Characters of a line that are shown: some have whole operands in them.
const LONGEST: usize = 200;

/// Names of all levels, on any machine.
const LEVELS: [&str; 5] = ["scalar", "baseline", "neon", "avx2", "avx512"];

/// Words that, with a number behind them, say where something is wrong: in a slice, a matrix, a
/// run, or a file.
const PLACES: [&str; 18] = [
    "index", "element", "lane", "block", "row", "column", "class", "length", "len", "step", "t",
    "epoch", "batch", "line", "byte", "bit", "offset", "at",
];

/// A test that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The file of tests, unless the test lies in the crate, and the test's path in it.
    pub(crate) test: String,
    /// Its message, with the two sides that were compared.
    pub(crate) message: String,
}

impl Failure {
    /// Whether the message names what it must.
    pub(crate) fn tells(&self, told: Told) -> bool {
        let names = |level: &str| words(&self.message).any(|word| word == level);
        let level = match told {
            Told::Level(level) => names(level),
            Told::LevelAndPlace => LEVELS.into_iter().any(names),
            Told::Place => true,
            Told::Experiments(modules) => return modules.iter().any(|module| self.is_in(module)),
        };
        level && has_place(&self.message)
    }

    /// Whether the test lies in this module of its crate.
    pub(crate) fn is_in(&self, module: &str) -> bool {
        self.test.strip_prefix(module).is_some_and(|rest| rest.starts_with("::"))
    }

    /// The test and the beginning of its message.
    pub(crate) fn shown(&self) -> String {
        let lines = self.message.lines().take(SHOWN);
        let cut = |line: &str| line.chars().take(LONGEST).collect::<String>();
        let lines = lines.map(cut).collect::<Vec<_>>().join("\n");
        format!("{}\n{lines}", self.test)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether a text names a place: `index 3`, `index: 3`, `weight[3]`, or a shape, `3 × 4`.
fn has_place(text: &str) -> bool {
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let follows = words(text).zip(words(text).skip(1));
    let named = follows.into_iter().any(|(word, next)| PLACES.contains(&word) && is_number(next));
    // As the standard library says it: the len is 3 but the index is 4.
    let outside = text.split_once("the index is ").is_some_and(|(_, behind)| is_number(behind));
    let indexed = text.match_indices('[').any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + 1..]);
        before.ends_with(|c: char| c.is_ascii_alphabetic()) && is_number(behind)
    });
    let shaped = text.match_indices(" × ").any(|(at, sign)| {
        let (before, behind) = (&text[..at], &text[at + sign.len()..]);
        before.ends_with(|c: char| c.is_ascii_digit()) && is_number(behind)
    });
    named || outside || indexed || shaped
}

/// What the tests' harness printed of failures in a file of tests, or in the crate's own tests, by
/// the names of the tests.
pub(crate) fn failures(out: &str, file: Option<&String>) -> Vec<Failure> {
    let of = |section: &str| {
        let (name, said) = section.split_once(" stdout ----")?;
        let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        // What a test prints before it panics is no message.
        let panicked = lines.iter().position(|line| line.contains(" panicked at "));
        let lines = &lines[panicked.map_or(0, |at| at + 1)..];
        let ends = |line: &&&str| line.starts_with("note: run with") || **line == "failures:";
        let lines: Vec<_> = lines.iter().take_while(|line| !ends(line)).copied().collect();
        let message = lines.join("\n");
        // What the standard library puts before a message of ours.
        let ours = message.strip_prefix("assertion `left == right` failed: ").unwrap_or(&message);
        let test = file.map_or_else(|| name.to_owned(), |file| format!("{file}: {name}"));
        Some(Failure { test, message: ours.into() })
    };
    let mut failures: Vec<_> = out.split("\n---- ").skip(1).filter_map(of).collect();
    failures.sort_by(|a, b| a.test.cmp(&b.test));
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUT: &str = "\
running 3 tests
test b ... FAILED
test a ... FAILED

failures:

---- b stdout ----
9 files seen

thread 'b' (17) panicked at crates/simd/tests/sum.rs:9:5:
assertion `left == right` failed: sum, avx2
  left: Err(Mismatch { index: 4 })
 right: Ok(())
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

---- a stdout ----
note: test did not panic as expected at crates/simd/tests/sum.rs:3:4

failures:
    a
    b
";

    fn failure(test: &str, message: &str) -> Failure {
        Failure { test: test.into(), message: message.into() }
    }

    #[test]
    fn failures_are_read_from_what_the_harness_says() {
        let silent = "note: test did not panic as expected at crates/simd/tests/sum.rs:3:4";
        let b = "sum, avx2\nleft: Err(Mismatch { index: 4 })\nright: Ok(())";
        let found = failures(OUT, Some(&"sum".into()));
        assert_eq!(found, [failure("sum: a", silent), failure("sum: b", b)]);
        assert_eq!(failures(OUT, None)[1].test, "b");
        assert_eq!(found[1].shown(), "sum: b\nsum, avx2\nleft: Err(Mismatch { index: 4 })");
        assert!(found[1].tells(Told::Level("avx2")) && !found[0].tells(Told::Place));
    }

    #[test]
    fn a_message_must_name_the_level_that_is_wrong_or_any() {
        let told = |message, told| failure("a", message).tells(told);
        assert!(told("sum, avx2, len 17", Told::Level("avx2")));
        assert!(!told("sum, avx2, len 17", Told::Level("scalar")));
        assert!(!told("sum, avx2x, len 17", Told::LevelAndPlace));
        assert!(told("sum, neon, len 17", Told::LevelAndPlace));
        assert!(told("sum, len 17", Told::Place) && !told("sum, len 17", Told::LevelAndPlace));
        // The number of a level is no place.
        assert!(!told("sum, avx2, 3 threads", Told::Level("avx2")));
    }

    #[test]
    fn a_place_is_a_word_with_a_number_an_index_or_a_shape() {
        for text in [
            "index 3",
            "index: 3",
            "the index is 3",
            "element (3, 4)",
            "bias[3] is 2",
            "3 × 4 × 5",
            "t 1",
        ] {
            assert!(has_place(text), "{text}");
        }
        for text in ["3 threads", "0.5 is not 0.25", "index", "[3, 4] and 5", "left: [3]", "3 × x"]
        {
            assert!(!has_place(text), "{text}");
        }
    }
}
