//! Proof that a lost mark is seen: it is taken away in a copy of the workspace.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::codegen::assembly::functions;
use crate::codegen::census::rows;
use crate::codegen::compiled;
use crate::codegen::judge::Row;
use crate::codegen::table::UNITS;
use crate::process::{root, target};
use crate::tidy::{MARK, breaches, marks};
use crate::{Error, copy};

/// Marks without which machine code changes: one a crate, one an operation of a level. Each is a
/// file, and what the line behind the mark contains.
const SAMPLE: [(&str, &str); 5] = [
    ("crates/momentum/src/sweep.rs", "|i, ([w], mut states, mut averages), [g]|"),
    ("crates/tensor/src/exp.rs", "fn polynomial"),
    ("crates/models/src/loss/pointwise.rs", "fn term"),
    ("crates/simd/src/stream.rs", "fn whole"),
    ("crates/simd/src/x86.rs", "fn mul_add"),
];

/// A mark that is taken away.
struct Lost {
    path: String,
    /// What the file's text is without it.
    text: String,
    /// The line, from 1.
    line: usize,
    /// The first line of what it stood before.
    before: String,
    /// Whether `codegen` itself must see it.
    is_sample: bool,
}

/// Takes the marks of `files`, or those of the sample, away one at a time, and prints what names
/// the loss of each.
///
/// # Errors
///
/// If nothing names the loss of a mark, or, of the sample, if `codegen` does not.
pub(super) fn run(files: &[String]) -> Result<ExitCode, Error> {
    let copy = target().join("codegen").join("copy");
    copy::make(&copy)?;
    let lost = if files.is_empty() {
        sample()?
    } else {
        let of = files.iter().map(|path| lost(path)).collect::<Result<Vec<_>, Error>>()?;
        of.into_iter().flatten().collect()
    };
    let mut unseen = 0;
    for lost in &lost {
        let (tidy, codegen) = (by_tidy(lost), by_codegen(&copy, lost)?);
        println!("{}:{}: without the mark of `{}`", lost.path, lost.line, lost.before);
        println!("  tidy: {}", tidy.unwrap_or("sees nothing"));
        println!("  codegen: {}", codegen.as_deref().unwrap_or("sees nothing"));
        unseen += usize::from(codegen.is_none() && (tidy.is_none() || lost.is_sample));
    }
    match unseen {
        0 => {
            println!("codegen: the loss of {} marks is seen", lost.len());
            Ok(ExitCode::SUCCESS)
        }
        n => Err(Error::new(format!("codegen: of {} marks, {n} are lost unseen", lost.len()))),
    }
}

/// The marks of the sample, taken away.
fn sample() -> Result<Vec<Lost>, Error> {
    let of = |&(path, before): &(&str, &str)| {
        let of_file = lost(path)?.into_iter().find(|lost| lost.before.contains(before));
        let lost = of_file.ok_or_else(|| Error::new(format!("{path}: no mark at {before}")))?;
        Ok(Lost { is_sample: true, ..lost })
    };
    SAMPLE.iter().map(of).collect()
}

/// Every mark of a file, taken away.
fn lost(path: &str) -> Result<Vec<Lost>, Error> {
    let text = read(&root().join(path))?;
    let lose = |at: usize| {
        let (head, tail) = (&text[..at], &text[at + MARK.len()..]);
        let mut rest = tail.lines().map(str::trim).filter(|line| !line.is_empty());
        let before = rest.find(|line| !line.starts_with("#[")).unwrap_or_default();
        Lost {
            path: path.into(),
            line: 1 + head.matches('\n').count(),
            before: before.trim_end_matches('{').trim().into(),
            // As long as before, so that no line or column moves.
            text: [head, &" ".repeat(MARK.len()), tail].concat(),
            is_sample: false,
        }
    };
    let lost: Vec<_> = marks(path, &text).into_iter().map(lose).collect();
    match lost.is_empty() {
        true => Err(Error::new(format!("{path}: found no {MARK}, wanted one to take away"))),
        false => Ok(lost),
    }
}

/// The rule of `tidy` that the file breaks.
fn by_tidy(lost: &Lost) -> Option<&'static str> {
    breaches(&lost.path, &lost.text).first().map(|breach| breach.rule)
}

/// A fault that `codegen` finds, in the file's crate or in one that imports it.
fn by_codegen(copy: &Path, lost: &Lost) -> Result<Option<String>, Error> {
    let path = copy.join(&lost.path);
    fs::write(&path, &lost.text).map_err(|error| Error::io(path.display(), &error))?;
    let found = fault(copy, lost);
    let whole = read(&root().join(&lost.path))?;
    fs::write(&path, whole).map_err(|error| Error::io(path.display(), &error))?;
    found
}

fn fault(copy: &Path, lost: &Lost) -> Result<Option<String>, Error> {
    // The file's own crate first, and after it those whose kernels its text may become part of.
    let owner = UNITS.iter().position(|unit| {
        let name = unit.package.trim_start_matches("ravine-");
        lost.path.starts_with(&format!("crates/{name}/"))
    });
    let owner = owner.ok_or_else(|| Error::new(format!("{}: no crate of kernels", lost.path)))?;
    for unit in UNITS[..=owner].iter().rev() {
        let text = compiled(copy, unit)?;
        let (rows, mut faults) = rows(unit, &functions(&text));
        faults.extend(rows.iter().filter_map(Row::fault));
        // The last is on the widest level that has one.
        if let Some(fault) = faults.pop() {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|error| Error::io(path.display(), &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_of_the_sample_stands_in_its_file() {
        assert_eq!(sample().map(|lost| lost.len()).ok(), Some(SAMPLE.len()));
    }
}
