//! What the comparison found, as people read it.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets};

use super::distance::Ulps;
use super::excerpt::excerpt;
use super::number::Value;
use super::outcome::{Difference, Outcome, Place};

/// Lines of a list before it is cut short.
const SHOWN: usize = 24;

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tensors(f)?;
        let sentences = self.unmatched.iter().map(|one| format!("{}: {}", one.tensor, one.problem));
        list(f, sentences)?;
        list(f, self.notes.iter().map(|note| format!("note: {note}")))?;
        if 0 < self.elements {
            let mut table = table(["ulps", "elements"]);
            for bucket in &self.distribution {
                table.add_row([bucket.range(), bucket.count.to_string()]);
            }
            writeln!(f, "{}", aligned(table, 0))?;
        }
        let failing = self.first_failing.as_ref();
        if let Some(first) = &self.first {
            writeln!(f, "first difference: {}", self.told(first))?;
            if let Some(failing) = failing.filter(|failing| !first.is_at(failing)) {
                writeln!(f, "first beyond what passes: {}", self.told(failing))?;
            }
        }
        f.write_str(&self.verdict())
    }
}

impl Outcome {
    /// The result in a sentence.
    pub(super) fn verdict(&self) -> String {
        let Self { differing, failing, .. } = self;
        let elements = count(self.elements, "element");
        if self.equal {
            return match self.rounded {
                false => format!("equal: {elements}, bit for bit"),
                true => format!("equal: {elements}, after rounding to the narrower type"),
            };
        }
        if self.passes {
            return format!("passes: {differing} of {elements} differ, none beyond what passes");
        }
        let besides = match self.unmatched.len() {
            0 => String::new(),
            n => format!("{}, and ", count(n as u64, "disagreement")),
        };
        let beyond = match failing == differing {
            true => String::new(),
            false => format!(", {failing} beyond what passes"),
        };
        format!("different: {besides}{differing} of {elements} differ{beyond}")
    }

    /// A line a tensor, those that differ first where there are too many.
    fn tensors(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.tensors.is_empty() {
            return Ok(());
        }
        let header =
            ["type", "elements", "differing", "failing", "largest ulps", "at", "largest relative"];
        let mut table = table([&[self.noun], &header[..]].concat());
        let (mut lines, equal): (Vec<_>, Vec<_>) =
            self.tensors.iter().partition(|line| 0 < line.differing);
        if self.tensors.len() <= SHOWN {
            lines = self.tensors.iter().collect();
        } else {
            lines.extend(equal);
        }
        for line in lines.iter().take(SHOWN) {
            table.add_row([
                excerpt(&line.tensor),
                line.kind.clone(),
                line.elements.to_string(),
                line.differing.to_string(),
                line.failing.to_string(),
                line.max_ulps.to_string(),
                line.farthest.as_ref().map(Place::to_string).unwrap_or_default(),
                relative(line.max_relative),
            ]);
        }
        writeln!(f, "{}", aligned(table, 2))?;
        let rest = lines.get(SHOWN..).unwrap_or_default();
        if !rest.is_empty() {
            let differ = rest.iter().filter(|line| 0 < line.differing).count();
            writeln!(f, "… and {} more, of which {differ} differ", rest.len())?;
        }
        Ok(())
    }

    fn told(&self, found: &Difference) -> String {
        let Difference { tensor, place, a, b, a_bits, b_bits, ulps, relative } = found;
        let step = place.step.map(|step| format!("step {step}, ")).unwrap_or_default();
        let Place { index, flat, .. } = place;
        let ulps = match ulps {
            Ulps::Finite(n) => count(*n, "ulp"),
            Ulps::Infinite => "infinitely far".into(),
        };
        let (noun, tensor, relative) = (self.noun, excerpt(tensor), self::relative(*relative));
        format!(
            "{step}{noun} {tensor}, index {index:?} (flat {flat}): A {a} ({a_bits}), \
             B {b} ({b_bits}), {ulps}, relative {relative}"
        )
    }
}

impl Difference {
    fn is_at(&self, other: &Self) -> bool {
        self.tensor == other.tensor && self.place == other.place
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.index)
    }
}

/// A number of things.
fn count(n: u64, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

/// A relative difference in three digits.
fn relative(value: Value) -> String {
    match value.double() {
        0.0 => "0".into(),
        value => format!("{value:.2e}"),
    }
}

fn table<T: Into<comfy_table::Cell>>(header: impl IntoIterator<Item = T>) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_header(header.into_iter().map(Into::into).collect::<Vec<comfy_table::Cell>>());
    table
}

/// The table with its numbers, which begin in a column, at the right.
fn aligned(mut table: Table, numbers: usize) -> Table {
    for column in table.column_iter_mut().skip(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A line a sentence, and how many more there are.
fn list(
    f: &mut fmt::Formatter<'_>,
    sentences: impl ExactSizeIterator<Item = String>,
) -> fmt::Result {
    let rest = sentences.len().saturating_sub(SHOWN);
    for sentence in sentences.take(SHOWN) {
        writeln!(f, "{}", excerpt(&sentence))?;
    }
    if 0 < rest { writeln!(f, "… and {rest} more") } else { Ok(()) }
}
