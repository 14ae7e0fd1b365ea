//! Kernels from outside: programs that read cases from one archive and write results to another.

mod adaptive;
mod command;
mod function;
mod narrow;
mod product;
mod program;
mod steps;
mod sum;
mod update;

use std::fmt::Display;
use std::path::Path;

use clap::ValueEnum;
use ravine::data::npz::Entry;
use ravine_conformance::{Agreement, Extent, Failure};

pub(super) use self::command::Command;
use super::difference::Place;
use super::tally::{Results, Tally};
use super::way::Way;
use crate::error::Error;
use crate::output;

/// Elements of the first operand that a command is given at a time, but for whole cases.
const BATCH: usize = 1 << 20;

/// What a kernel from outside can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FamilyName {
    /// Four steps of momentum, of any form
    Update,
    /// Four steps of Adam or RMSProp
    Adaptive,
    /// Four steps of momentum and of an average, kept in 16 bits
    Narrow,
    /// Sums in f64
    Sum,
    /// Matrix products
    Product,
    /// Exp, ln, erf, and tanh, sigmoid, GELU and ReLU with their derivatives
    Function,
}

/// What a command is asked.
#[derive(Debug)]
pub(super) struct Questions<'a> {
    pub(super) extent: Extent,
    /// What the name of a case must have in it.
    pub(super) only: &'a str,
    /// How close answers must be; as the law says where it is absent.
    pub(super) agreement: Option<Agreement>,
}

/// A family of cases, as arrays.
trait Family {
    const NAME: &'static str;
    /// The arrays of an answer: their names, and what NumPy calls their numbers.
    const ANSWERS: &'static [(&'static str, &'static str)];
    type Case: Copy + Display;
    type Trial;

    fn cases(extent: Extent) -> impl Iterator<Item = Self::Case>;
    fn trial(case: Self::Case, agreement: Option<Agreement>) -> Self::Trial;
    fn place(case: &Self::Case) -> Place<'_>;

    /// The arrays of some cases, each one case after another.
    fn question(trials: &[Self::Trial]) -> Vec<(&'static str, Entry)>;
    /// Numbers of a case in every array of the answer.
    fn numbers(trial: &Self::Trial) -> usize;
    /// Compares a case with its part of the answer.
    fn hold(
        trial: &Self::Trial,
        answer: Replay<'_, '_>,
        agreement: Option<Agreement>,
    ) -> Result<(), Failure>;
}

/// A case's part of the arrays of an answer.
struct Answer<'a>(Vec<&'a [u8]>);

impl Answer<'_> {
    /// The next `n` numbers of an array.
    fn take<const SIZE: usize, T>(
        &mut self,
        array: usize,
        n: usize,
        number: fn([u8; SIZE]) -> T,
    ) -> Vec<T> {
        let (numbers, _) = self.0[array].split_off(..n * SIZE).unwrap_or_default().as_chunks();
        numbers.iter().map(|bytes| number(*bytes)).collect()
    }
}

/// A kernel that gives what an answer holds.
struct Replay<'a, 'r> {
    answer: Answer<'a>,
    results: &'r mut Results,
}

impl Replay<'_, '_> {
    /// Writes the next numbers of an array, of which a step has `len`. Where a rule has no such
    /// slice, it is empty, and what stands in its place is not looked at.
    fn write(&mut self, array: usize, len: usize, slice: &mut [f32]) {
        let found = self.answer.take(array, len, f32::from_le_bytes);
        slice.copy_from_slice(&found[..slice.len()]);
        self.results.add(slice);
    }
}

/// Holds the program that `command` starts to every case of a family.
pub(super) fn run(
    command: &Command,
    family: FamilyName,
    questions: &Questions<'_>,
) -> Result<Tally, Error> {
    match family {
        FamilyName::Update => ask::<update::Update>(command, questions),
        FamilyName::Adaptive => ask::<adaptive::Adaptive>(command, questions),
        FamilyName::Narrow => ask::<narrow::Narrow>(command, questions),
        FamilyName::Sum => ask::<sum::Sum>(command, questions),
        FamilyName::Product => ask::<product::Product>(command, questions),
        FamilyName::Function => ask::<function::Function>(command, questions),
    }
}

fn ask<F: Family>(command: &Command, questions: &Questions<'_>) -> Result<Tally, Error> {
    let Questions { extent, only, agreement } = *questions;
    let cases = || F::cases(extent).filter(|case| case.to_string().contains(only));
    let total = cases().count();
    if total == 0 {
        let reason = format!("is {only:?}, but no case of {} has that in its name", F::NAME);
        return Err(Error::misplaced("only", reason));
    }
    let folder = tempfile::Builder::new().prefix("ravine-verify-").tempdir();
    let folder = folder.map_err(|error| Error::Unwritable {
        file: std::env::temp_dir(),
        source: output::without_name(&error),
    })?;
    let mut tally = Tally::new(total as u64);
    tally.family(F::NAME);
    let (mut batch, mut size) = (Vec::new(), 0);
    for (case, left) in cases().zip((0..total).rev()) {
        size += F::place(&case).length;
        batch.push((case, F::trial(case, agreement)));
        if size >= BATCH || left == 0 {
            answer::<F>(command, folder.path(), std::mem::take(&mut batch), agreement, &mut tally)?;
            size = 0;
        }
    }
    Ok(tally)
}

/// Has a command answer some cases, and compares.
fn answer<F: Family>(
    command: &Command,
    folder: &Path,
    batch: Vec<(F::Case, F::Trial)>,
    agreement: Option<Agreement>,
    tally: &mut Tally,
) -> Result<(), Error> {
    let (cases, trials): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
    let numbers = trials.iter().map(F::numbers).sum();
    let arrays = command.answer(folder, &F::question(&trials), F::ANSWERS, numbers)?;
    let mut rest: Vec<&[u8]> = arrays.iter().map(|array| &array.bytes[..]).collect();
    for (case, trial) in cases.iter().zip(&trials) {
        let parts = rest.iter_mut().zip(&arrays).map(|(rest, array)| {
            rest.split_off(..F::numbers(trial) * array.header.element.size()).unwrap_or_default()
        });
        let mut answer = Some(Answer(parts.collect()));
        tally.case(&F::place(case), [Way::Foreign], |_, results| {
            let answer = answer.take().expect("a case is held once");
            F::hold(trial, Replay { answer, results }, agreement)
        });
    }
    Ok(())
}
