//! What became of a patch.

use std::time::Duration;

use crate::mutants::failure::Failure;
use crate::mutants::patch::Told;

/// What became of a patch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was not run, and could be.
    Applies,
    /// A test failed, and said what it should.
    Caught(Failure),
    /// Tests failed, and none named the place, or the level.
    Unnamed(Failure),
    /// No test had failed when time was up, which names no place: a loop without an end is not caught.
    Endless(Duration),
    /// All tests passed.
    Survived,
    /// The patch's text is not there once, or the patched code does not compile.
    Stale(String),
    /// This CPU does not have the level that it breaks.
    Absent,
}

impl Verdict {
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Applies => "applies",
            Self::Caught(_) => "caught",
            Self::Unnamed(_) => "unnamed",
            Self::Endless(_) => "endless",
            Self::Survived => "survived",
            Self::Stale(_) => "stale",
            Self::Absent => "absent",
        }
    }

    /// Whether nothing is to be done about it.
    pub(crate) fn is_good(&self) -> bool {
        matches!(self, Self::Applies | Self::Caught(_) | Self::Absent)
    }

    /// The test that failed and what it said, or what is wrong with the patch.
    pub(crate) fn details(&self) -> Option<String> {
        match self {
            Self::Caught(failure) | Self::Unnamed(failure) => Some(failure.shown()),
            Self::Stale(why) => Some(why.clone()),
            Self::Endless(bound) => Some(format!("no end after {} s", bound.as_secs())),
            Self::Applies | Self::Survived | Self::Absent => None,
        }
    }
}

/// The first failure that says what it should, or that none does. Nothing is asked of tests without
/// a patch, none of which may fail.
pub(crate) fn judged(failures: &[Failure], told: Option<Told>) -> Verdict {
    if let Some(Told::Experiments(modules)) = told {
        return noticed(failures, modules);
    }
    let is_told = |failure: &&Failure| told.is_some_and(|told| failure.tells(told));
    match (failures.iter().find(is_told), failures.first()) {
        (Some(failure), _) => Verdict::Caught(failure.clone()),
        (None, Some(failure)) => Verdict::Unnamed(failure.clone()),
        (None, None) => {
            let message = "the tests ended without naming a failure".into();
            Verdict::Unnamed(Failure { test: "cargo test".into(), message })
        }
    }
}

/// Whether a test fails in each of the modules.
fn noticed(failures: &[Failure], modules: &[&str]) -> Verdict {
    let notices = |module: &&str| failures.iter().any(|failure| failure.is_in(module));
    let blind: Vec<_> = modules.iter().filter(|module| !notices(module)).copied().collect();
    if !blind.is_empty() {
        let message = format!("no test fails in {}", blind.join(", "));
        return Verdict::Unnamed(Failure { test: "ravine-lab".into(), message });
    }
    let test = format!("{} experiments", modules.len());
    Verdict::Caught(Failure { test, message: modules.join(", ") })
}

/// How many patches became what. Those whose level is absent were not tried and count for nothing.
pub(crate) fn summary<'a>(verdicts: impl Iterator<Item = &'a Verdict>) -> String {
    let words: Vec<_> = verdicts.map(Verdict::word).collect();
    let of = |word: &&str| {
        let n = words.iter().filter(|other| *other == word).count();
        let here = if *word == "absent" { " on this machine" } else { "" };
        (n > 0).then(|| format!("{n} {word}{here}"))
    };
    let known = ["applies", "caught", "unnamed", "endless", "survived", "stale", "absent"];
    known.iter().filter_map(of).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(test: &str, message: &str) -> Failure {
        Failure { test: test.into(), message: message.into() }
    }

    #[test]
    fn the_failure_that_says_what_it_should_catches_a_patch() {
        let told = failure("b", "sum, avx2, index 3: 1, not 2");
        let untold = failure("a", "sum, avx512, index 3: 1, not 2");
        let both = [untold.clone(), told.clone()];
        assert_eq!(judged(&both, Some(Told::Level("avx2"))), Verdict::Caught(told));
        let scalar = judged(&both, Some(Told::Level("scalar")));
        assert_eq!(scalar, Verdict::Unnamed(untold.clone()));
        assert_eq!(judged(&both, Some(Told::LevelAndPlace)), Verdict::Caught(untold));
        assert!(matches!(judged(&[], Some(Told::LevelAndPlace)), Verdict::Unnamed(_)));
    }

    #[test]
    fn experiments_notice_where_each_of_them_fails() {
        let failures = [failure("best::tests::a", "1 is not 2"), failure("edges::tests::b", "")];
        let of = |modules| judged(&failures, Some(Told::Experiments(modules)));
        let Verdict::Caught(told) = of(&["best", "edges"]) else { panic!("both fail") };
        assert_eq!(told, failure("2 experiments", "best, edges"));
        let Verdict::Unnamed(told) = of(&["best", "edge"]) else { panic!("edge does not") };
        assert_eq!(told.message, "no test fails in edge");
    }

    #[test]
    fn without_a_patch_no_failure_is_good() {
        let failed = judged(&[failure("b", "sum, avx2, index 3: 1, not 2")], None);
        assert!(matches!(&failed, Verdict::Unnamed(_)) && !failed.is_good());
    }

    #[test]
    fn tests_without_an_end_catch_nothing() {
        let endless = Verdict::Endless(Duration::from_secs(60));
        assert!(!endless.is_good());
        assert_eq!(endless.details().as_deref(), Some("no end after 60 s"));
    }

    #[test]
    fn absent_levels_are_counted_apart() {
        let caught = || Verdict::Caught(failure("a", "len 1"));
        let verdicts = [caught(), Verdict::Absent, caught(), Verdict::Absent, Verdict::Survived];
        let told = "2 caught, 1 survived, 2 absent on this machine";
        assert_eq!(summary(verdicts.iter()), told);
        assert_eq!(summary([Verdict::Applies].iter()), "1 applies");
    }
}
