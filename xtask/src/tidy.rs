//! `tidy`: the workspace's text rules, in one table.

mod arrows;
mod inline;
mod seed;
mod source;
mod text;

use std::fmt;
use std::fs;
use std::process::{Command, ExitCode};

use crate::Error;
use crate::process::root;
pub(crate) use crate::tidy::inline::MARK;
use crate::tidy::source::Source;

/// A rule: what it says, the files it is about, and the lines that break it.
struct Rule {
    says: &'static str,
    about: fn(&str) -> bool,
    breaks: fn(&Source<'_>) -> Vec<usize>,
}

/// The levels' operations.
const LEVELS: [&str; 3] =
    ["crates/simd/src/scalar.rs", "crates/simd/src/baseline.rs", "crates/simd/src/x86.rs"];

/// All rules.
const RULES: &[Rule] = &[
    Rule { says: "a file of Rust has at most 400 lines", about: is_rust, breaks: text::too_long },
    Rule {
        says: "no notes to self, debug prints, ignored tests or silenced lints",
        about: is_rust,
        breaks: text::leftovers,
    },
    Rule { says: "no path of one machine", about: |_| true, breaks: text::machine_paths },
    Rule {
        says: "`unsafe` stands in crates/simd/src/x86.rs alone",
        about: |path| is_rust(path) && !UNSAFE.contains(&path),
        breaks: text::unsafe_code,
    },
    Rule {
        says: "a library forbids unsafe code",
        about: |path| path.ends_with("/lib.rs") && path != "crates/simd/src/lib.rs",
        breaks: text::no_forbid,
    },
    Rule {
        says: "`mul_add` is for the lanes, for products and their definition",
        about: |path| {
            is_rust(path)
                && !path.contains("/tests/")
                && !path.starts_with("crates/simd/")
                && !path.starts_with("crates/conformance/")
                && path != "crates/tensor/src/tile.rs"
                && path != "crates/models/src/linear/leaf.rs"
                && path != "crates/models/src/linear/abreast.rs"
                && path != "crates/tensor/src/small.rs"
        },
        breaks: text::fusing,
    },
    Rule {
        says: "what runs inside a kernel is `#[inline(always)]`",
        about: |path| is_rust(path) && !path.contains("/tests/"),
        breaks: inline::functions,
    },
    Rule {
        says: "an operation of a level is `#[inline(always)]`, or a call by design",
        about: |path| LEVELS.contains(&path),
        breaks: inline::operations,
    },
    Rule {
        says: "a closure given to a loop over blocks is `#[inline(always)]`",
        about: is_rust,
        breaks: inline::closures,
    },
    Rule { says: "a property draws from `RngSeed::Fixed`", about: is_rust, breaks: seed::unseeded },
    Rule {
        says: "crates import along the arrows of ARCHITECTURE.md",
        about: |path| path.ends_with("Cargo.toml"),
        breaks: arrows::against,
    },
];

/// A line that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    path: String,
    line: usize,
    /// What the rule says.
    pub(crate) rule: &'static str,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// Prints `path:line: rule` for each line of the workspace's text that breaks a rule.
///
/// # Errors
///
/// If a line breaks a rule, or the files cannot be listed or read.
pub(crate) fn run() -> Result<ExitCode, Error> {
    let mut n_breaches = 0;
    let paths = files()?;
    for path in &paths {
        let bytes = fs::read(root().join(path)).map_err(|error| Error::io(path, &error))?;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        for breach in breaches(path, &text) {
            println!("{breach}");
            n_breaches += 1;
        }
    }
    match n_breaches {
        0 => {
            println!("tidy: {} files keep {} rules", paths.len(), RULES.len());
            Ok(ExitCode::SUCCESS)
        }
        n => Err(Error::new(format!("tidy: {n} lines break a rule"))),
    }
}

/// What is wrong in one file.
pub(crate) fn breaches(path: &str, text: &str) -> Vec<Breach> {
    let source = Source::new(path, text);
    let of = |rule: &Rule| {
        let says = rule.says;
        let lines = if (rule.about)(path) { (rule.breaks)(&source) } else { Vec::new() };
        lines.into_iter().map(move |line| Breach { path: path.into(), line, rule: says })
    };
    RULES.iter().flat_map(of).collect()
}

/// Where the text of a file has a [`MARK`].
pub(crate) fn marks(path: &str, text: &str) -> Vec<usize> {
    inline::marks(&Source::new(path, text))
}

/// The files that git tracks or would track.
///
/// # Errors
///
/// If git does not list them.
pub(crate) fn files() -> Result<Vec<String>, Error> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
        .current_dir(root())
        .output()
        .map_err(|error| Error::io("git ls-files", &error))?;
    if !output.status.success() {
        return Err(Error::new(format!("git ls-files: {}", output.status)));
    }
    let names = String::from_utf8_lossy(&output.stdout);
    let is_here = |path: &&str| !path.is_empty() && root().join(path).is_file();
    Ok(names.split('\0').filter(is_here).map(Into::into).collect())
}

/// Where `unsafe` may stand: the levels, and the `gemm` crate as the peers call it, whose one
/// function is unsafe.
const UNSAFE: [&str; 2] = ["crates/simd/src/x86.rs", "benches/peers/rust/src/by_hand.rs"];

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        breaches(path, text).into_iter().map(|breach| breach.line).collect()
    }

    #[test]
    fn every_rule_catches_a_bad_snippet_and_names_its_line() {
        let long = "\n".repeat(401);
        let cases = [
            ("crates/data/src/a.rs", long.as_str(), 401),
            ("crates/data/src/a.rs", concat!("\n// TO", "DO: later"), 2),
            ("README.md", concat!("see\n`/ho", "me/me/x`"), 2),
            ("crates/data/src/a.rs", concat!("fn f() {\n    uns", "afe { g() }\n}"), 2),
            ("crates/data/src/lib.rs", "//! A crate.", 1),
            ("crates/data/src/a.rs", "fn f(x: f32) -> f32 {\n    x.mul_add(x, x)\n}", 2),
            (
                "crates/data/src/a.rs",
                "impl Kernel for K {\n    fn run<S: Simd>(self, s: S) {}\n}",
                2,
            ),
            (
                "crates/simd/src/baseline.rs",
                "impl Not for Mask {\n    fn not(self) -> Self {}\n}",
                2,
            ),
            (
                "crates/data/src/a.rs",
                "fn f() {\n    stream::run(simd, [y], [x], |[y], [x]| [x]);\n}",
                2,
            ),
            ("crates/data/tests/a.rs", "use p::*;\nproptest! {\n    fn f(x in 0..9) {}\n}", 2),
            ("crates/tensor/Cargo.toml", "[dependencies]\nravine-models.workspace = true", 2),
        ];
        assert_eq!(cases.len(), RULES.len());
        for ((path, text, line), rule) in cases.into_iter().zip(RULES) {
            let want = Breach { path: path.into(), line, rule: rule.says };
            assert_eq!(breaches(path, text), [want], "{}", rule.says);
        }
    }

    #[test]
    fn good_text_breaks_no_rule() {
        let kernel = "impl Kernel for K {\n    #[inline(always)]\n    fn run<S: Simd>(self, simd: S) {\n        \
                      stream::run(simd, [self.y], [], #[inline(always)] |[y], []| [y]);\n    }\n}\n";
        assert!(lines("crates/momentum/src/rule.rs", kernel).is_empty());
        assert!(lines("crates/tensor/src/tile.rs", "let c = a.mul_add(b, c);").is_empty());
        let library = "#![forbid(unsafe_code)]\n// unsafe mul_add";
        assert!(lines("crates/data/src/lib.rs", library).is_empty());
    }
}
