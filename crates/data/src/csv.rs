//! Tables read from CSV files.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::path::Path;

use ravine_simd::Par;

use crate::{Matrix, ReadError, Table, write_whole};

use lines::{Lines, count_ends};
use record::Record;

mod lines;
mod number;
mod plain;
mod record;

/// Bytes that are worth a thread.
const PART: usize = 1 << 16;

/// Reads a table of numbers.
///
/// The first row names the columns, distinct and in UTF-8; at least one row of numbers follows,
/// as long as the first and each finite in `f32`, to which it is rounded once. White space around
/// fields, blank lines and a byte order mark are skipped. A line ends in a line feed, with or
/// without a carriage return; a row has at most 16 MiB. `target` names the column to predict, the
/// last where it is `None`.
///
/// The file is gone through twice, first to count its lines: memory is that of the table, of a
/// mebibyte for each thread up to sixteen, and of the longest row. Threads share the rows of plain
/// numbers; those with quotes, and what stands beside them, are read by one. The table and the
/// errors are those of one thread.
///
/// # Examples
///
/// ```no_run
/// use ravine_data::csv;
/// use ravine_simd::Par;
///
/// let table = csv::read(Par::Seq, "diabetes.csv".as_ref(), Some("target"))?;
/// println!("{} rows of {:?}", table.y.len(), table.names);
/// # Ok::<(), ravine_data::ReadError>(())
/// ```
///
/// # Errors
///
/// If the file is no regular file that can be read, or is not as described: the first place where
/// it is not; or if its numbers are more than memory holds.
pub fn read(par: Par, path: &Path, target: Option<&str>) -> Result<Table, ReadError> {
    let mut lines = Lines::open(path, par.count())?;
    let mut record = Record::new();
    record.read(&mut lines)?;
    if record.len() == 0 {
        return Err(end(path, 1, "a row of column names"));
    }
    let mut names = names(path, &record)?;
    let at = target_column(path, &names, target)?;
    let first = record.line() + 1;

    let (mut x, mut y) = memory(path, names.len(), lines.rest()?)?;
    let (columns, mut n, mut alone) = (names.len() - 1, 0, 0);
    loop {
        let line = lines.number();
        let block = lines.block()?;
        // Where one line is not plain others are likely not to be, and threads would work in vain.
        let par = if line < alone { Par::Seq } else { par.worth(block.len(), PART) };
        let (x_rest, y_rest) = (&mut x.as_mut_slice()[n * columns..], &mut y[n..]);
        let (len, rows) = plain::rows(par, block, columns, at, x_rest, y_rest);
        let whole = 0 < len && len == block.len();
        if !whole && alone <= line {
            alone = line + count_ends(block);
        }
        lines.take(len, rows as u64);
        n += rows;
        if whole {
            continue;
        }
        record.read(&mut lines)?;
        if record.len() == 0 {
            break;
        }
        if n == y.len() {
            let place = format!("line {}", record.line());
            let wanted = "a file at rest";
            return Err(ReadError::content(path, place, "more rows than a moment ago", wanted));
        }
        let row = &mut x.as_mut_slice()[n * columns..][..columns];
        y[n] = fill(path, &names, &record, at, row)?;
        n += 1;
    }
    if n == 0 {
        return Err(end(path, first, "a row of numbers"));
    }
    x.truncate(n);
    y.truncate(n);
    y.shrink_to_fit();
    let target = names.remove(at);
    Ok(Table { x, y, names, target })
}

/// Writes a table: a row of names, the target's last, and a row of numbers for each example, in
/// the shortest form that reads back as the same `f32`.
///
/// The file appears whole or not at all.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write(path: &Path, table: &Table) -> io::Result<()> {
    write_whole(path, |file| {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(table.names.iter().chain([&table.target]))?;
        for (i, y) in table.y.iter().enumerate() {
            for value in table.x.row(i).iter().chain([y]) {
                writer.write_field(shortest(*value))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush()
    })
}

/// Memory for as many rows as the rest of a file may have. No page of the matrix is touched yet.
fn memory(
    file: &Path,
    columns: usize,
    (bytes, ends): (u64, u64),
) -> Result<(Matrix, Vec<f32>), ReadError> {
    // A row has a line end and two bytes a column, but perhaps the last.
    let rows = ends.min(bytes / (2 * columns as u64)) + 1;
    let memory = || {
        let rows = usize::try_from(rows).ok()?;
        let mut y = Vec::new();
        y.try_reserve_exact(rows).ok()?;
        y.resize(rows, 0.0);
        Some((Matrix::try_zeroed(rows, columns - 1)?, y))
    };
    let bytes = rows.saturating_mul(4 * columns as u64);
    memory().ok_or_else(|| ReadError::Memory { file: file.into(), bytes })
}

/// Puts the numbers of a row where they belong, and gives the target.
fn fill(
    file: &Path,
    names: &[String],
    record: &Record,
    at: usize,
    row: &mut [f32],
) -> Result<f32, ReadError> {
    let (found, wanted) = (record.len(), names.len());
    if found != wanted {
        let found_fields = format!("{found} fields in the row");
        let wanted_fields = format!("{wanted} as in the first row");
        return Err(Place::of(file, record, found.min(wanted)).error(found_fields, wanted_fields));
    }
    let mut target = 0.0;
    for (column, field) in record.fields().enumerate() {
        let place = match column.cmp(&at) {
            Ordering::Less => &mut row[column],
            Ordering::Equal => &mut target,
            Ordering::Greater => &mut row[column - 1],
        };
        *place = number::whole(field).ok_or_else(|| {
            let name = Some(names[column].as_str());
            Place { name, ..Place::of(file, record, column) }
                .error(quoted(field), "a number that is finite in f32")
        })?;
    }
    Ok(target)
}

/// A place in a file.
struct Place<'a> {
    file: &'a Path,
    line: u64,
    column: usize,
    name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The field of the index `column` in a row.
    fn of(file: &'a Path, record: &Record, column: usize) -> Self {
        Self { file, line: record.line(), column: column + 1, name: None }
    }

    fn error(self, found: impl fmt::Display, wanted: impl fmt::Display) -> ReadError {
        let column = match self.name {
            Some(name) => format!("{} ({})", self.column, name.escape_debug()),
            None => self.column.to_string(),
        };
        let place = format!("line {}, column {column}", self.line);
        ReadError::content(self.file, place, found, wanted)
    }
}

/// The end of a file, where something else is wanted.
fn end(file: &Path, line: u64, wanted: &str) -> ReadError {
    Place { file, line, column: 1, name: None }.error("the end of the file", wanted)
}

/// The column names of the first row.
fn names(file: &Path, header: &Record) -> Result<Vec<String>, ReadError> {
    let place = |column: usize| Place::of(file, header, column - 1);
    let mut first = HashMap::new();
    let mut names = Vec::with_capacity(header.len());
    for (column, field) in (1..).zip(header.fields()) {
        let name = std::str::from_utf8(field)
            .map_err(|_| place(column).error(quoted(field), "a column name in UTF-8"))?;
        if let Some(earlier) = first.insert(name, column) {
            let wanted = format!("a name that column {earlier} does not have");
            return Err(place(column).error(quoted(field), wanted));
        }
        names.push(name.to_owned());
    }
    if names.len() < 2 {
        return Err(place(1).error("one column", "a feature and a target"));
    }
    Ok(names)
}

/// The index of the target among the columns.
fn target_column(file: &Path, names: &[String], target: Option<&str>) -> Result<usize, ReadError> {
    let Some(target) = target else { return Ok(names.len() - 1) };
    names.iter().position(|name| name == target).ok_or_else(|| {
        let place = Place { file, line: 1, column: names.len(), name: None };
        let found = format!("none of that name among {} columns", names.len());
        place.error(found, format!("a column named \"{}\"", target.escape_debug()))
    })
}

/// The field as a message shows it: on one line, and not too long.
fn quoted(field: &[u8]) -> String {
    const SHOWN: usize = 40;
    let text = String::from_utf8_lossy(field);
    let more = if text.chars().count() > SHOWN { "…" } else { "" };
    let shown: String = text.chars().take(SHOWN).collect();
    format!("\"{}{more}\"", shown.escape_debug())
}

/// The fewest digits that read back as `value`, with an exponent where that is shorter.
fn shortest(value: f32) -> String {
    let (plain, scientific) = (value.to_string(), format!("{value:e}"));
    if scientific.len() < plain.len() { scientific } else { plain }
}
