//! What a test that failed says of it.

use crate::mutants::patch::Told;

/// Lines of a message that are shown.
const SHOWN: usize = 2;
/// Characters of a line that are shown: some have whole operands in them.
const LONGEST: usize = 200;

/// Names of all levels, on any machine.
const LEVELS: [&str; 5] = ["scalar", "baseline", "neon", "avx2", "avx512"];

/// Places as our failures print them, `#` a number: what `conformance` finds wrong with a slice, in
/// its own words and as a value, then what tests say of a single number, with what it is behind it.
const PLACES: [&str; 10] = [
    "element # of # is ",
    "index: #, len: #, expected: ",
    "# before the first element, outside the slice",
    "# after the last element, outside the slice",
    "distance: #, found: ",
    "[#] is ",
    "index #: ",
    "lane #: ",
    "batch #: ",
    "step #: ",
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
        let named =
            LEVELS.into_iter().filter(|level| words(&self.message).any(|word| word == *level));
        let named: Vec<_> = named.collect();
        let level = match told {
            Told::Level(level) => named == [level],
            Told::LevelAndPlace => !named.is_empty(),
            Told::Place(_) => true,
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

fn has_place(text: &str) -> bool {
    let starts = text.char_indices().map(|(at, _)| &text[at..]);
    starts.into_iter().any(|from| PLACES.iter().any(|form| begins(from, form)))
}

/// Whether a text begins as `form` with numbers for its `#`.
fn begins(text: &str, form: &str) -> bool {
    let Some((before, behind)) = form.split_once('#') else { return text.starts_with(form) };
    let Some(number) = text.strip_prefix(before) else { return false };
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < number.len() && begins(rest, behind)
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
    use ravine_conformance::{Agreement, Cause, Side, Trespass, compare};

    use super::*;
    use crate::mutants::levelless::Levelless;

    const OUT: &str = "\
running 3 tests
test b ... FAILED
test a ... FAILED

failures:

---- b stdout ----
9 files seen

thread 'b' (17) panicked at crates/simd/tests/sum.rs:9:5:
assertion `left == right` failed: sum, avx2
  left: Err(Mismatch { index: 4, len: 9, expected: F32(1.0), found: F32(2.0), count: 1 })
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
        let b = "sum, avx2\nleft: Err(Mismatch { index: 4, len: 9, expected: F32(1.0), \
                 found: F32(2.0), count: 1 })\nright: Ok(())";
        let found = failures(OUT, Some(&"sum".into()));
        assert_eq!(found, [failure("sum: a", silent), failure("sum: b", b)]);
        assert_eq!(failures(OUT, None)[1].test, "b");
        assert_eq!(found[1].shown().lines().take(2).collect::<Vec<_>>(), ["sum: b", "sum, avx2"]);
        assert!(found[1].tells(Told::Level("avx2")) && !found[0].tells(Told::LevelAndPlace));
    }

    #[test]
    fn a_message_must_name_the_level_that_is_wrong_or_any() {
        let told = |on, told| failure("a", &format!("sum, {on}, index 3: 1, not 2")).tells(told);
        assert!(told("avx2", Told::Level("avx2")) && !told("scalar", Told::Level("avx2")));
        assert!(!told("avx2 against scalar", Told::Level("avx2")), "one of two");
        assert!(told("neon", Told::LevelAndPlace) && !told("neons", Told::LevelAndPlace));
        assert!(told("3 threads", Told::Place(Levelless::Plan)));
        assert!(!failure("a", "sum, avx2, 3 threads").tells(Told::Level("avx2")));
    }

    #[test]
    fn a_place_is_what_conformance_prints() {
        let mismatch = compare(&[0.5, 1.0_f32], &[0.5, 2.0], Agreement::Bits).unwrap_err();
        let [before, after] = [Side::Before, Side::After]
            .map(|side| Cause::from(Trespass { side, distance: 3, found: 7 }));
        for cause in [mismatch.into(), before, after] {
            for text in [format!("a: {cause}"), format!("left: Err({cause:?})")] {
                assert!(has_place(&text), "{text}");
            }
        }
    }

    #[test]
    fn a_place_is_a_number_in_the_form_that_tests_print() {
        for text in ["bias[3] is 2, not 1", "a, index 30: 2, not 1", "lane 0: a 1", "step 7: 1"] {
            assert!(has_place(text), "{text}");
        }
        for text in ["at 3", "t 3: 1", "bit 7", "index 3", "index x: 1", "by step 400", "3 × 4"] {
            assert!(!has_place(text), "{text}");
        }
        for text in ["bias[n] is 2", "left: [3]", "length 17", "3 threads: 1", "element 3 is 1"] {
            assert!(!has_place(text), "{text}");
        }
    }
}
