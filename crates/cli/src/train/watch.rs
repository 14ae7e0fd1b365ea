//! What happens beside the steps of a run: its trace, its saves, and an ear for signals.

use std::ops::ControlFlow;
use std::time::Instant;

use ravine::models::Model;
use ravine::{Checkpoints, Notes, Run, SaveError, StepRecord};

use super::course::Course;
use super::keep::{Every, KeepFlags};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::progress::Progress;

/// Looks on at a run, a batch at a time.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    keep: &'a KeepFlags,
    notes: Notes,
    course: Option<Course>,
    checkpoints: Option<Checkpoints>,
    saved: Instant,
    interrupt: Interrupt,
    progress: Progress,
}

impl<'a> Watch<'a> {
    /// Looks on from now; `notes` go with each save.
    pub(super) fn new(
        keep: &'a KeepFlags,
        notes: Notes,
        course: Option<Course>,
        progress: Progress,
    ) -> Result<Self, Error> {
        let checkpoints = match (&keep.save, keep.save_every) {
            (Some(file), Some(_)) => Some(Checkpoints::new(file)?),
            _ => None,
        };
        let interrupt = Interrupt::listen().map_err(Error::Signals)?;
        Ok(Self { keep, notes, course, checkpoints, saved: Instant::now(), interrupt, progress })
    }

    /// Takes note of a batch, saves where it is time, and breaks off where a signal asks for it.
    pub(super) fn see<M: Model>(
        &mut self,
        run: &Run<M>,
        record: Option<&StepRecord>,
    ) -> Result<ControlFlow<()>, SaveError> {
        self.progress.tick_with(|| match record {
            Some(record) => format!("loss {:.3e}", record.loss),
            None => "skipped".into(),
        });
        if let (Some(course), Some(record)) = (&mut self.course, record) {
            course.push(record)?;
        }
        if self.interrupt.status().is_some() {
            return Ok(ControlFlow::Break(()));
        }
        let ends = run.position().epoch == run.options().epochs;
        let due = self.keep.save_every.is_some_and(|every| match every {
            Every::Steps(n) => record.is_some_and(|record| (record.step + 1).is_multiple_of(n)),
            Every::Time(time) => self.saved.elapsed() >= time,
        });
        // The end of a run is saved when its last loss is known.
        if due && !ends {
            self.save(run)?;
            self.saved = Instant::now();
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Saves the run where it is to be saved at all.
    pub(super) fn save<M: Model>(&mut self, run: &Run<M>) -> Result<(), SaveError> {
        if let Some(course) = &self.course {
            let mark = serde_json::to_string(&course.mark()).expect("plain values are valid JSON");
            self.notes.insert("trace".into(), mark);
        }
        match (&mut self.checkpoints, &self.keep.save) {
            (Some(checkpoints), _) => checkpoints.save(run, &self.notes),
            (None, Some(file)) => run.save(file, &self.notes),
            (None, None) => Ok(()),
        }
    }

    /// Lets the trace appear, and gives the exit status that a signal asks for.
    pub(super) fn finish(self) -> Result<Option<u8>, SaveError> {
        self.course.map_or(Ok(()), Course::finish)?;
        Ok(self.interrupt.status())
    }
}
