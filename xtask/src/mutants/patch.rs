//! A way to break the code.

use crate::mutants::levelless::Levelless;

/// One text for another in one file.
#[derive(Debug)]
pub(crate) struct Patch {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// What is wrong then.
    pub(crate) breaks: &'static str,
    /// The file, from the workspace's root, in the folder of a crate.
    pub(crate) file: &'static str,
    /// A text that stands in the file once.
    pub(crate) find: &'static str,
    /// What takes its place.
    pub(crate) replace: &'static str,
    /// What a failing test must say.
    pub(crate) told: Told,
}

/// What the message of a test that fails must name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A place, and this level, which alone is wrong, and no other.
    Level(&'static str),
    /// A place and a level: what is wrong runs on all of them.
    LevelAndPlace,
    /// A place alone: what is wrong has no level.
    Place(Levelless),
    /// Nothing of its own, but tests in each of these modules of the lab must fail: what is wrong is
    /// what experiments are about.
    Experiments(&'static [&'static str]),
}

impl Told {
    /// The level that must be there for the patch to break anything.
    pub(crate) fn level(self) -> Option<&'static str> {
        match self {
            Self::Level(level) => Some(level),
            Self::LevelAndPlace | Self::Place(_) | Self::Experiments(_) => None,
        }
    }
}

impl Patch {
    /// The patched text of the file, or what is wrong with the patch.
    pub(crate) fn apply(&self, text: &str) -> Result<String, String> {
        match text.matches(self.find).count() {
            1 => Ok(text.replacen(self.find, self.replace, 1)),
            n => Err(format!("{}: the patch's text stands there {n} times, not once", self.file)),
        }
    }

    /// The crate whose tests must notice: the one that is broken, unless experiments must.
    pub(crate) fn package(&self) -> String {
        if let Told::Experiments(_) = self.told {
            return "ravine-lab".into();
        }
        match self.file.split('/').nth(1) {
            Some("ravine") => "ravine".into(),
            name => format!("ravine-{}", name.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: Patch = Patch {
        name: "minus",
        breaks: "a sum is a difference",
        file: "crates/data/src/sum.rs",
        find: "a + b",
        replace: "a - b",
        told: Told::LevelAndPlace,
    };

    #[test]
    fn a_text_that_stands_there_once_is_replaced() {
        assert_eq!(PATCH.apply("a\n    a + b\n").as_deref(), Ok("a\n    a - b\n"));
        assert_eq!(PATCH.package(), "ravine-data");
        assert_eq!(Patch { file: "crates/ravine/src/a.rs", ..PATCH }.package(), "ravine");
        assert_eq!(Patch { told: Told::Experiments(&[]), ..PATCH }.package(), "ravine-lab");
    }

    #[test]
    fn a_text_that_does_not_stand_there_once_is_an_error() {
        for (text, n) in [("a+b", 0), ("a + b; a + b", 2)] {
            let wanted = format!(
                "crates/data/src/sum.rs: the patch's text stands there {n} times, not once"
            );
            assert_eq!(PATCH.apply(text), Err(wanted));
        }
    }
}
