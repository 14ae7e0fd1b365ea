//! What a demonstration finds, all of it together.

use crate::digits::Trained;
use crate::race::Finish;
use crate::real::Descent;

/// What a demonstration finds: what a page shows.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Condition of the race's ravine as made.
    pub condition: f64,
    /// The race of the forms.
    pub race: Vec<Finish>,
    /// Regressions on real data.
    pub real: Vec<Regressed>,
    /// The perceptron on the digits.
    pub digits: Trained,
    /// One run, repeated.
    pub replays: Vec<Replay>,
    /// What other programs make of a run of theirs, repeated.
    pub peers: Vec<Peer>,
    /// The update beside the machine's limit.
    pub speed: Speed,
    /// Where and when.
    pub origin: Origin,
}

/// A regression on real data.
#[derive(Clone, Debug)]
pub struct Regressed {
    /// What the data is called.
    pub name: &'static str,
    /// Condition of its Hessian.
    pub condition: f64,
    /// Plain descent.
    pub plain: Descent,
    /// Classic momentum.
    pub momentum: Descent,
}

/// A training run on one level, with some threads, fused or not.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The level.
    pub level: &'static str,
    /// The threads.
    pub threads: usize,
    /// Whether weights were updated as their gradients were finished.
    pub fused: bool,
    /// The digest of what was trained; none where the run diverged.
    pub digest: Option<String>,
    /// Training rows a second.
    pub rows_per_s: f64,
}

/// A training run by another program, with some threads.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The program, and what it was told of the instruction set.
    pub name: String,
    /// The threads.
    pub threads: usize,
    /// A digest of what was trained.
    pub digest: String,
    /// Training rows a second.
    pub rows_per_s: f64,
}

/// How fast an update of a flat vector is.
#[derive(Clone, Debug)]
pub struct Speed {
    /// Parameters.
    pub parameters: usize,
    /// Threads.
    pub threads: usize,
    /// Microseconds an update, the median of rounds.
    pub us: f64,
    /// Microseconds that the machine takes for the same bytes, the median of rounds.
    pub limit_us: f64,
    /// The same by length, a curve a level, and one for the machine.
    pub curves: Vec<Bandwidth>,
}

/// How fast an update moves its bytes, by length.
#[derive(Clone, Debug)]
pub struct Bandwidth {
    /// The level, or what else was timed.
    pub name: String,
    /// Whether it is what the machine allows.
    pub is_limit: bool,
    /// Parameters, and 10⁹ bytes read and written a second.
    pub gb_per_s: Vec<(f64, f64)>,
}

/// Where and when a page's numbers were made, as far as the caller knows.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The processor and the system.
    pub machine: String,
    /// The day.
    pub date: String,
    /// The version of the program, or its commit.
    pub version: String,
}

impl Findings {
    /// How many of the repeated runs have the digest of the first.
    #[must_use]
    pub fn same(&self) -> usize {
        Replay::same(&self.replays)
    }
}

impl Replay {
    /// How many runs have the digest of the first; one that diverged has none to share.
    #[must_use]
    pub fn same(replays: &[Self]) -> usize {
        let Some(Self { digest: Some(first), .. }) = replays.first() else { return 0 };
        replays.iter().filter(|replay| replay.digest.as_ref() == Some(first)).count()
    }

    /// The digest, or that there is none.
    #[must_use]
    pub fn told(&self) -> &str {
        self.digest.as_deref().unwrap_or("diverged")
    }
}
