//! What a demonstration finds, all of it together.

use ravine::data::Table;
use ravine::momentum::Form;
use ravine::simd::{Level, Par};

use crate::digits::{Digits, Trained};
use crate::race::{FORMS, Finish, Race};
use crate::real::{Descent, Regression};
use crate::{Failure, tables};

/// What a demonstration finds: what a page shows.
#[derive(Clone, Debug)]
pub struct Findings {
    /// What is the same on every machine, but for the times of descents on real data.
    pub experiments: Experiments,
    /// One run, repeated.
    pub replays: Vec<Replay>,
    /// What other programs make of a run of theirs, repeated.
    pub peers: Vec<Peer>,
    /// The update beside the machine's limit.
    pub speed: Speed,
    /// A record of benches, where there is one.
    pub benches: Option<Benches>,
    /// Where and when.
    pub origin: Origin,
}

/// The experiments that take seconds.
#[derive(Clone, Debug)]
pub struct Experiments {
    /// Condition of the race's ravine as made.
    pub condition: f64,
    /// The race of the forms.
    pub race: Vec<Finish>,
    /// Regressions on real data.
    pub real: Vec<Regressed>,
    /// The perceptron on the digits.
    pub digits: Trained,
}

/// A regression on real data.
#[derive(Clone, Debug)]
pub struct Regressed {
    /// What the data is called.
    pub name: &'static str,
    /// What descends.
    pub regression: Regression,
    /// Condition of its Hessian.
    pub condition: f64,
    /// Plain descent.
    pub plain: Descent,
    /// Classic momentum.
    pub momentum: Descent,
}

/// What makes a table.
pub type Make = fn() -> Table;

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
    /// 10⁹ bytes read and written a second by the number of parameters, a curve a level, and one
    /// for the machine.
    pub curves: Vec<Curve>,
}

impl Speed {
    /// The share of the limit that is reached, in words: more than all of it says that the limit was
    /// taken too low.
    #[must_use]
    pub fn share(&self) -> String {
        let share = self.limit_us / self.us;
        let wrong = if share > 1.0 { " (exceeded: it was taken too low)" } else { "" };
        format!("{:.0} %{wrong}", 100.0 * share)
    }
}

/// A number that was timed, by another.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The level, the program, or what else was timed.
    pub name: String,
    /// Whether it is what the machine allows.
    pub is_limit: bool,
    /// The one number, and the other.
    pub points: Vec<(f64, f64)>,
}

/// What a record of benches holds, ours and other programs'; what is empty is not shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Benches {
    /// Milliseconds of a training step by the width of its layers, a curve a program.
    pub widths: Vec<Curve>,
    /// Times the speed of one thread by the number of threads, a curve a kind of work.
    pub threads: Vec<Curve>,
    /// Share of the machine's limit by size, a curve a kind of work.
    pub shares: Vec<Curve>,
    /// The command that makes the record.
    pub command: String,
    /// When and where it did.
    pub origin: String,
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

impl Experiments {
    /// Runs them, on the machine's level.
    ///
    /// # Errors
    ///
    /// If an experiment has no result.
    pub fn run() -> Result<Self, Failure> {
        let course = Race::default().prepare(Par::Seq)?;
        let level = Level::detect();
        let race = FORMS.map(|(name, form)| course.run(name, form, level, Par::Seq));
        let real = Regressed::DATA.map(|(name, table)| Regressed::new(name, table()));
        Ok(Self {
            condition: course.condition(),
            race: race.into_iter().collect::<Result<_, _>>()?,
            real: real.into_iter().collect::<Result<_, _>>()?,
            digits: Digits::default().prepare()?.train(level, Par::Seq, true)?,
        })
    }
}

impl Regressed {
    /// The data: what each is called, and its table.
    pub const DATA: [(&'static str, Make); 2] =
        [("longley", tables::longley), ("diabetes", tables::diabetes)];

    /// Both descents on a table.
    ///
    /// # Errors
    ///
    /// If the columns depend on each other.
    pub fn new(name: &'static str, table: Table) -> Result<Self, Failure> {
        let regression = Regression::new(table)?;
        Ok(Self {
            name,
            condition: regression.condition(),
            plain: regression.descend(Form::Plain)?,
            momentum: regression.descend(Form::Classic { nesterov: false })?,
            regression,
        })
    }
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
