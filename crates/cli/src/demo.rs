//! `ravine demo`: what momentum does, in under a minute.

mod benches;
mod outcome;
mod peers;
mod replays;
mod speed;

use std::fmt::Display;
use std::io::{Write as _, stderr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ravine::simd::{Level, Par};
use ravine_lab::digits::{Digits, Trained};
#[cfg(feature = "report")]
use ravine_lab::figures;
use ravine_lab::race::{FORMS, Finish, Race};
use ravine_lab::real::{Descent, Regression};
use ravine_lab::{Experiments, Findings, Origin, Regressed, Speed};

use crate::error::Error;
use crate::progress::Progress;
use crate::{origin, output, pool};

/// Show what momentum does: five experiments, a table, and a page
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Demo {
    /// Folder of the page report.html; made where it is not
    #[arg(long, value_name = "DIR", default_value = "target/ravine")]
    out: PathBuf,
    /// Digests and speeds of another program's runs, shown beneath ours; benches/peers/digests.py
    /// makes such a file
    #[arg(long, value_name = "FILE.json")]
    peers: Option<PathBuf>,
    /// Curves of benches, drawn beside this machine's speed; benches/peers/curves.py makes such a
    /// file
    #[arg(long, value_name = "FILE.json")]
    benches: Option<PathBuf>,
    /// Prints one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  # Under a minute; then open target/ravine/report.html
  ravine demo
  # The page elsewhere, and the numbers for a script
  ravine demo --out momentum --json

What it shows:
  1  one training run on every level and thread count, fused or not: the same bits
  2  momentum and plain descent in a ravine, beside what theory predicts
  3  the same on real data with known coefficients
  4  a perceptron that reads handwritten digits
  5  the speed of an update beside what this machine allows

Exit status:
  0  steps, accuracy and bits are as they should be
  1  some are not; the first is named";

/// What `--out` holds at the end.
#[cfg(feature = "report")]
const PAGE: &str = "report.html";
#[cfg(feature = "report")]
const RACE: &str = "race.svg";
#[cfg(feature = "report")]
const DIGESTS: &str = "digests.svg";
/// Share of held-out digits that are to be read.
const ACCURACY: f64 = 0.96;

impl Demo {
    pub(crate) fn run(self) -> Result<(), Error> {
        let peers = self.peers.as_deref().map_or(Ok(Vec::new()), peers::read)?;
        let benches = self.benches.as_deref().map(benches::read).transpose()?;
        #[cfg(feature = "report")]
        output::writable_in(&self.out, &[PAGE, RACE, DIGESTS])?;
        let mut stage = Stage { json: self.json, progress: Progress::new(pieces()) };
        let replays = stage.replays(&peers)?;
        let (condition, race) = stage.race()?;
        let (real, digits) = (stage.real()?, stage.digits()?);
        let found = Findings {
            experiments: Experiments { condition, race, real, digits },
            replays,
            peers,
            speed: stage.speed()?,
            benches,
            origin: Origin {
                machine: origin::machine(),
                date: origin::today(),
                version: origin::version(),
            },
        };
        let report = self.report(&found)?;
        stage.tell(&"")?;
        drop(stage);
        let outcome = outcome::Outcome::new(&found, report);
        output::print(self.json, &outcome)?;
        outcome.check().map_or(Ok(()), |fault| Err(Error::Check(fault.into())))
    }

    /// Writes the page, and the pictures of the digests and the race alone, and gives back where
    /// the page is.
    #[cfg(feature = "report")]
    fn report(&self, found: &Findings) -> Result<Option<PathBuf>, Error> {
        let path = self.out.join(PAGE);
        let page = found.page().map_err(failed)?;
        let write = |name, text: String| {
            ravine::data::write_whole(&self.out.join(name), |file| file.write_all(text.as_bytes()))
        };
        write(RACE, figures::race(&found.experiments.race).svg())
            .and_then(|()| write(DIGESTS, figures::digests(&found.replays, &found.peers)))
            .and_then(|()| write(PAGE, page))
            .map_err(|source| Error::Unwritable { file: path.clone(), source })?;
        Ok(Some(path))
    }

    /// This build makes no page.
    #[cfg(not(feature = "report"))]
    fn report(&self, _: &Findings) -> Result<Option<PathBuf>, Error> {
        Ok(None)
    }
}

/// An experiment at a time, before a person's eyes.
struct Stage {
    json: bool,
    progress: Progress,
}

/// Descents, trainings and timings of all experiments.
fn pieces() -> u64 {
    let replays = 2 * replays::THREADS.len() * Level::available().count();
    (FORMS.len() + 4 + 1 + replays + 1) as u64
}

impl Stage {
    /// A line for who looks on; standard output is the object's alone where there is one.
    fn tell(&self, line: &impl Display) -> Result<(), Error> {
        self.progress.aside(|| {
            if self.json {
                // Where standard error is closed, nobody looks on.
                drop(writeln!(stderr(), "{line}"));
                return Ok(());
            }
            output::line(line)
        })
    }

    /// The line of a piece that is done.
    fn done(&mut self, line: &impl Display) -> Result<(), Error> {
        self.tell(line)?;
        self.progress.tick();
        Ok(())
    }

    fn race(&mut self) -> Result<(f64, Vec<Finish>), Error> {
        let course = Race::default().prepare(Par::Seq).map_err(failed)?;
        let condition = course.condition();
        self.tell(&format!("2 of 5: a ravine of condition {condition:.0}, steps to its floor"))?;
        let mut finishes = Vec::new();
        for (name, form) in FORMS {
            let finish = course.run(name, form, Level::detect(), Par::Seq).map_err(failed_here)?;
            let (measured, predicted) = (outcome::steps(finish.measured), finish.predicted);
            self.done(&format!("  {name:26} {measured:>6}, predicted {predicted:>6}"))?;
            finishes.push(finish);
        }
        Ok((condition, finishes))
    }

    fn real(&mut self) -> Result<Vec<Regressed>, Error> {
        self.tell(&"3 of 5: real data, steps to a thousandth of the coefficients")?;
        let regress = |(name, table): (_, fn() -> _)| {
            let mut found = Regressed::new(name, table()).map_err(failed)?;
            for descent in [&mut found.plain, &mut found.momentum] {
                descent.took = clock(&found.regression, descent)?;
            }
            for (what, descent) in [("plain descent", &found.plain), ("momentum", &found.momentum)]
            {
                let (measured, exact) = (outcome::steps(descent.measured), descent.exact);
                let what = format!("{name}, {what}");
                let took =
                    descent.took.map(|took| format!(" in {:.3} ms", 1e3 * took.as_secs_f64()));
                let took = took.unwrap_or_default();
                self.done(&format!("  {what:26} {measured:>6}{took}, exact {exact:>6}"))?;
            }
            Ok(found)
        };
        Regressed::DATA.into_iter().map(regress).collect()
    }

    fn digits(&mut self) -> Result<Trained, Error> {
        self.tell(&"4 of 5: a perceptron on handwritten digits")?;
        let prepared = Digits::default().prepare().map_err(failed)?;
        let trained = prepared.train(Level::detect(), Par::Seq, true).map_err(failed_here)?;
        let accuracy = 100.0 * trained.test.accuracy.unwrap_or_default();
        self.done(&format!(
            "  {accuracy:.1} % of {} held-out rows are right",
            prepared.split()[1]
        ))?;
        Ok(trained)
    }

    fn speed(&mut self) -> Result<Speed, Error> {
        self.tell(&"5 of 5: the update's speed beside this machine's limit")?;
        let threads = pool::threads(None)?;
        let speed = pool::install(threads, speed::speed)??;
        let (us, limit, share) = (speed.us, speed.limit_us, speed.share());
        self.done(&format!("  {us:.0} µs, limit {limit:.0} µs, reached {share}"))?;
        Ok(speed)
    }
}

/// The same on the level of this machine, which may be at fault.
fn failed_here(failure: impl Display) -> Error {
    failed(format!("level {}: {failure}", Level::detect()))
}

/// An experiment of fixed numbers without a result: a check that failed.
fn failed(failure: impl Display) -> Error {
    Error::Check(failure.to_string().into())
}

/// What the steps of a descent take: the best of three times, for anything else that the machine
/// does can only add to it.
fn clock(regression: &Regression, descent: &Descent) -> Result<Option<Duration>, Error> {
    let time = |_| {
        let start = Instant::now();
        regression.repeat(descent).map(|params| params.map(|_| start.elapsed())).map_err(failed)
    };
    let times: Vec<_> = (0..3).map(time).collect::<Result<_, _>>()?;
    Ok(times.into_iter().min().flatten())
}
