//! One run from its start, or from where it was saved, to its end.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::time::Instant;

use ravine::models::Model;
use ravine::simd::Par;
use ravine::{
    Evaluation, NonFinite, OnNonfinite, Options, Position, Quantity, Rows as _, Run, Saved,
    TrainError, read_initial,
};

use super::course::Course;
use super::dataset::Dataset;
use super::report::Report;
use super::watch::Watch;
use super::{Train, resumed, saved};
use crate::error::Error;
use crate::progress::Progress;

/// What a run starts from.
pub(super) struct Start<'a> {
    /// The run to go on with, where there is one.
    pub(super) saved: Option<Saved>,
    /// The command line.
    pub(super) words: &'a [OsString],
}

impl Train {
    /// Trains, and writes what is to be kept.
    pub(super) fn train<M: Model>(
        &self,
        model: M,
        data: &Dataset,
        par: Par,
        start: Start<'_>,
    ) -> Result<Report, Error> {
        let options = self.options(par)?;
        self.check_memory(&model, data, &options, start.saved.is_some())?;
        let (mut run, course) = match start.saved {
            None => self.begin(model, data, options)?,
            Some(saved) => self.go_on(model, data, options, &saved)?,
        };
        self.introduce(run.model(), data, &options)?;
        let (rows, from) = (data.train.count(), run.position());
        let batches = self.pace.batches(rows) as u64;
        let progress = Progress::new(options.epochs * batches);
        let progress = progress.after(from.epoch * batches + from.batch);
        let mut watch = Watch::new(&self.keep, self.notes(data), course, progress)?;
        let begun = Instant::now();
        let mut fault = None;
        let trained = run.go_on(&data.train, |run, record| {
            watch.see(run, record).unwrap_or_else(|error| {
                fault = Some(error);
                ControlFlow::Break(())
            })
        });
        let seconds = begun.elapsed().as_secs_f64();
        if let Some(error) = fault {
            return Err(error.into());
        }
        if trained.is_ok() && run.position().epoch < options.epochs {
            return Err(self.interrupted(watch, &run, start.words)?);
        }

        let finished = trained.and_then(|summary| {
            let last = run.evaluate(&data.train)?;
            let stops = options.on_nonfinite == OnNonfinite::Stop;
            if stops && !last.loss.is_finite() {
                return Err(NonFinite { step: summary.steps, what: Quantity::Loss }.into());
            }
            Ok((summary, last))
        });
        match &finished {
            Ok(_) => watch.save(&run)?,
            Err(TrainError::NonFinite(_)) => {}
            // Files do not appear where input is at fault.
            Err(TrainError::Read(_)) => return Err(finished.map(drop).unwrap_err().into()),
        }
        watch.finish()?;
        let (summary, Evaluation { loss, accuracy }) = finished?;
        let test = data.test.as_ref().map(|test| run.evaluate(test)).transpose()?;
        let last_step = summary.steps.saturating_sub(1);
        Ok(Report {
            loss,
            accuracy,
            test_loss: test.map(|test| test.loss),
            test_accuracy: test.and_then(|test| test.accuracy),
            steps: summary.steps,
            skipped: summary.skipped,
            seconds,
            rows_per_s: rate(
                self.visited(run.position(), rows) - self.visited(from, rows),
                seconds,
            ),
            level: options.level.name(),
            threads: par.count(),
            lr: options.lr.at(last_step),
            momentum: options.momentum.at(last_step),
            digest: run.digest(),
        })
    }

    /// A run before its first step.
    fn begin<M: Model>(
        &self,
        model: M,
        data: &Dataset,
        options: Options,
    ) -> Result<(Run<M>, Option<Course>), Error> {
        let mut run = Run::new(model, data.task.loss(), options)?;
        if let Some(file) = &self.model.init {
            let layout = run.model().layout().clone();
            read_initial(file, &layout, run.params_mut())?;
        }
        let course = self.keep.trace.as_deref().map(Course::begin).transpose()?;
        Ok((run, course))
    }

    /// A run where it was saved, with the trace that it left.
    fn go_on<M: Model>(
        &self,
        model: M,
        data: &Dataset,
        options: Options,
        saved: &Saved,
    ) -> Result<(Run<M>, Option<Course>), Error> {
        self.check_place(saved, data)?;
        let run = Run::resume(model, data.task.loss(), options, saved)?;
        let steps = run.summary().steps;
        self.say(&format!("goes on at step {steps} of {}", saved.path().display()))?;
        let Some(file) = &self.keep.trace else { return Ok((run, None)) };
        let mark = resumed::trace_mark(saved)?;
        let course = mark.map(|mark| Course::after(file, &mark)).transpose()?.flatten();
        if course.is_none() && steps > 0 {
            if file.exists() {
                let found = format!("no trace of this run up to step {steps}");
                return Err(Error::Content {
                    file: file.clone(),
                    found: found.into(),
                    wanted: "that, or no file: --trace with another name begins anew".into(),
                });
            }
            self.say(&format!("{} will begin at step {steps}", file.display()))?;
        }
        let course = course.map_or_else(|| Course::begin(file), Ok)?;
        Ok((run, Some(course)))
    }

    /// Keeps what a signal interrupted, and says how to go on.
    fn interrupted<M: Model>(
        &self,
        mut watch: Watch<'_>,
        run: &Run<M>,
        words: &[OsString],
    ) -> Result<Error, Error> {
        watch.save(run)?;
        let status = watch.finish()?.expect("nothing but a signal breaks a run off");
        let steps = run.summary().steps;
        let told = match &self.keep.save {
            Some(file) => {
                format!("saved {}; go on: {}", file.display(), saved::go_on(words, file))
            }
            None => "nothing is saved without --save FILE".into(),
        };
        Ok(Error::Interrupted {
            text: format!("interrupted at step {steps}; {told}").into(),
            status,
        })
    }

    /// Rows that went through the model up to a position.
    fn visited(&self, at: Position, rows: usize) -> u64 {
        let batch = match self.pace.batch {
            ravine::Batch::Full => 0,
            ravine::Batch::Rows(batch) => at.batch * batch.get() as u64,
        };
        at.epoch * rows as u64 + batch
    }
}

/// Rows a second.
#[expect(clippy::cast_precision_loss, reason = "a speed for people")]
fn rate(rows: u64, seconds: f64) -> f64 {
    rows as f64 / seconds.max(f64::MIN_POSITIVE)
}
