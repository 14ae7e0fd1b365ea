//! The ways in which a case is run, none of which may change a bit.

use ravine::simd::{Level, Par};

/// Thread counts that every case is run by.
pub(super) const THREADS: [usize; 5] = [1, 2, 3, 5, 8];

/// How a case is run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// By this program's kernels.
    Ours {
        level: Level,
        threads: usize,
        /// What else is done in its own way; empty for the plain one.
        manner: &'static str,
    },
    /// By a kernel from outside.
    Foreign,
}

impl Way {
    /// Every level of this machine with every number of threads in every one of `manners`; the
    /// scalar level on one thread in the first of them comes first, on every machine.
    pub(super) fn all(manners: &'static [&'static str]) -> impl Iterator<Item = Self> {
        Level::available().flat_map(move |level| {
            THREADS.into_iter().flat_map(move |threads| {
                manners.iter().map(move |manner| Self::Ours { level, threads, manner })
            })
        })
    }

    /// The level's name, or what stands in its place.
    pub(super) fn level(&self) -> &'static str {
        match self {
            Self::Ours { level, .. } => level.name(),
            Self::Foreign => "kernel",
        }
    }

    /// The number of threads, where it is known.
    pub(super) fn threads(&self) -> Option<usize> {
        match self {
            Self::Ours { threads, .. } => Some(*threads),
            Self::Foreign => None,
        }
    }

    /// What is done in a way of its own.
    pub(super) fn manner(&self) -> &'static str {
        match self {
            Self::Ours { manner, .. } => manner,
            Self::Foreign => "",
        }
    }

    /// Level and threads for our kernels.
    ///
    /// # Panics
    ///
    /// If the way is not ours.
    pub(super) fn on(&self) -> (Level, Par) {
        match self {
            Self::Ours { level, threads, .. } => (*level, Par::threads(*threads)),
            Self::Foreign => panic!("a foreign kernel has no level"),
        }
    }
}
