//! Traces: comma-separated values with a header, a line a step.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ErrorKind, Position, Reader, ReaderBuilder, Trim};
use ravine::data::ReadError;

use super::excerpt::excerpt;
use super::matched::{Course, Matched, Unmatched};
use super::number::{Float, Kind};
use super::pair::Pair;
use super::tensor::Tensor;
use crate::error::Error;

/// The column that rows are matched by.
const STEP: &str = "step";

/// Doubles are exact up to here.
const LAST_STEP: u64 = 1 << 53;

/// A trace whose header has been read.
struct Trace {
    file: PathBuf,
    reader: Reader<File>,
    names: Vec<String>,
}

/// The numbers of some columns.
struct Rows {
    /// What a row is matched by, and the row, by rising key.
    keys: Vec<(u64, usize)>,
    columns: Vec<Vec<f64>>,
}

/// Reads two traces and puts columns of one name side by side: of the rows that have the same
/// step, or, where one of the files has no steps, the same number from 0.
///
/// A blank cell is NaN, as for the programs that write NaN as a blank.
pub(super) fn read(a: &Path, b: &Path) -> Result<Matched, Error> {
    let [a, b] = [Trace::open(a)?, Trace::open(b)?];
    let by_step = a.has(STEP) && b.has(STEP);
    let names = a.names.iter().filter(|name| b.has(name) && *name != STEP);
    let names: Vec<String> = names.cloned().collect();
    if names.is_empty() {
        let found = format!("columns {}", excerpt(&a.names.join(", "))).into();
        let names = excerpt(&b.names.join(", "));
        let wanted = format!("one that {} has: {names}", b.file.display()).into();
        return Err(Error::Content { file: a.file, found, wanted });
    }
    let alone = |one: &Trace, other: &Trace, side| {
        let names = one.names.iter().filter(|name| !other.has(name));
        names.map(|name| format!("column {name} is in {side} alone")).collect::<Vec<_>>()
    };
    let notes = [alone(&a, &b, "A"), alone(&b, &a, "B")].concat();
    let [a, b] = [a.rows(&names, by_step)?, b.rows(&names, by_step)?];
    let key = if by_step { STEP } else { "row" };
    let (both, unmatched) = meet(key, &a.keys, &b.keys);
    let column = |name: &String, values: Vec<f64>, rows: &[usize]| {
        let bytes = rows.iter().flat_map(|&row| values[row].to_le_bytes()).collect();
        Tensor::of(name.clone(), Kind::Float(Float::F64), vec![rows.len()], false, bytes)
    };
    let (in_a, in_b): (Vec<_>, Vec<_>) = both.iter().map(|&(_, a, b)| (a, b)).unzip();
    let pairs = names.iter().zip(a.columns.into_iter().zip(b.columns)).map(|(name, (a, b))| {
        Pair::new(column(name, a, &in_a), column(name, b, &in_b)).expect("columns of one length")
    });
    let pairs = pairs.collect();
    let course =
        Course::Rows(both.iter().map(|&(key, row, _)| (row, by_step.then_some(key))).collect());
    Ok(Matched { noun: "column", pairs, unmatched, notes, course })
}

/// The rows whose key both have, as key, row of A and row of B; and those that one has alone.
fn meet(
    key: &str,
    mut a: &[(u64, usize)],
    mut b: &[(u64, usize)],
) -> (Vec<(u64, usize, usize)>, Vec<Unmatched>) {
    let mut both = Vec::with_capacity(a.len().min(b.len()));
    let mut alone = [Vec::new(), Vec::new()];
    loop {
        let order = match (a.first(), b.first()) {
            (Some(a), Some(b)) => a.0.cmp(&b.0),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        match order {
            Ordering::Less => alone[0].push(a[0].0),
            Ordering::Greater => alone[1].push(b[0].0),
            Ordering::Equal => both.push((a[0].0, a[0].1, b[0].1)),
        }
        a = &a[usize::from(order.is_le())..];
        b = &b[usize::from(order.is_ge())..];
    }
    let unmatched = ["A", "B"].into_iter().zip(alone).filter_map(|(side, keys)| {
        let problem = match *keys {
            [] => return None,
            [one] => format!("{one} is in {side} alone"),
            [first, .., last] => {
                format!("{} of them, {first} to {last}, are in {side} alone", keys.len())
            }
        };
        Some(Unmatched { tensor: key.into(), problem })
    });
    (both, unmatched.collect())
}

impl Trace {
    fn open(file: &Path) -> Result<Self, ReadError> {
        let io = |source| ReadError::Io { file: file.into(), kind: "CSV", source };
        let reader =
            ReaderBuilder::new().trim(Trim::All).from_reader(File::open(file).map_err(io)?);
        let mut trace = Self { file: file.into(), reader, names: Vec::new() };
        let header = trace.reader.byte_headers().cloned();
        let header = header.map_err(|error| fault(file, error))?;
        if header.is_empty() {
            return Err(content(file, "line 1".into(), "nothing".into(), "a header"));
        }
        for (column, field) in header.iter().enumerate() {
            let name = String::from_utf8_lossy(field).into_owned();
            if trace.has(&name) {
                let place = format!("line 1, column {}", column + 1);
                let found = format!("\"{}\" again", excerpt(&name));
                return Err(content(file, place, found, "distinct names"));
            }
            trace.names.push(name);
        }
        Ok(trace)
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|one| one == name)
    }

    /// Reads the columns called `names`, and the steps where rows are matched by them.
    fn rows(mut self, names: &[String], by_step: bool) -> Result<Rows, ReadError> {
        let at = |name: &str| {
            self.names.iter().position(|one| one == name).expect("a name that the file has")
        };
        let places: Vec<usize> = names.iter().map(|name| at(name)).collect();
        let step = by_step.then(|| at(STEP));
        let mut columns = vec![Vec::new(); names.len()];
        let mut keys = Vec::new();
        let mut record = ByteRecord::new();
        let file = &self.file;
        while self.reader.read_byte_record(&mut record).map_err(|error| fault(file, error))? {
            let row = keys.len();
            let bad = |column: usize, wanted| {
                let line = line(file, record.position());
                let name = excerpt(&self.names[column]);
                let found = excerpt(&String::from_utf8_lossy(&record[column]));
                let place = format!("line {line}, column {} ({name})", column + 1);
                content(file, place, format!("\"{found}\""), wanted)
            };
            let key = match step {
                Some(step) => {
                    number(&record[step]).and_then(whole).ok_or_else(|| bad(step, STEPS))?
                }
                None => row as u64,
            };
            keys.push((key, row));
            for (values, &place) in columns.iter_mut().zip(&places) {
                let value = number(&record[place]);
                values.push(value.ok_or_else(|| bad(place, "a number or a blank"))?);
            }
        }
        keys.sort_unstable();
        if let Some(same) = keys.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let (step, row) = same[1];
            let place = format!("row {}, column {STEP}", row + 1);
            return Err(content(file, place, format!("{step} again"), "each step once"));
        }
        Ok(Rows { keys, columns })
    }
}

const STEPS: &str = "a whole number from 0 to 2^53";

/// A cell as a number; a blank is NaN.
fn number(cell: &[u8]) -> Option<f64> {
    match cell {
        [] => Some(f64::NAN),
        _ => std::str::from_utf8(cell).ok()?.parse().ok(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "whole numbers up to the last step are exact"
)]
fn whole(value: f64) -> Option<u64> {
    (value.fract() == 0.0 && (0.0..=LAST_STEP as f64).contains(&value)).then_some(value as u64)
}

fn fault(file: &Path, error: csv::Error) -> ReadError {
    match error.into_kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = line(file, pos.as_ref());
            let found = format!("{len} fields in the row");
            content(
                file,
                format!("line {line}"),
                found,
                &format!("{expected_len} as in the header"),
            )
        }
        ErrorKind::Io(source) => ReadError::Io { file: file.into(), kind: "CSV", source },
        other => content(file, "a row".into(), format!("{other:?}"), "numbers"),
    }
}

/// The line in the file, from 1, of a record that begins somewhere.
///
/// The library's own count passes over blank lines, and is one behind where lines end in two bytes.
fn line(file: &Path, begin: Option<&Position>) -> u64 {
    let begin = begin.map_or(0, Position::byte);
    let mut line = 1;
    let Ok(file) = File::open(file) else { return line };
    for (at, byte) in (0..).zip(BufReader::new(file).bytes().map_while(Result::ok)) {
        match byte {
            b'\n' => line += 1,
            b'\r' => {}
            _ if begin <= at => break,
            _ => {}
        }
    }
    line
}

fn content(file: &Path, place: String, found: String, wanted: &str) -> ReadError {
    ReadError::Content {
        file: file.into(),
        place: place.into(),
        found: found.into(),
        wanted: wanted.into(),
    }
}
