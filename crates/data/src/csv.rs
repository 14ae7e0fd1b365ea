//! Tables read from CSV files.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, Trim};

use crate::{Matrix, ReadError, Table, write_whole};

/// Reads a table of numbers.
///
/// The first row names the columns, distinct and in UTF-8; at least one row of numbers follows,
/// as long as the first and each finite in `f32`. White space around fields and blank lines are
/// skipped. `target` names the column to predict, the last where it is `None`.
///
/// # Examples
///
/// ```no_run
/// let table = ravine_data::csv::read("diabetes.csv".as_ref(), Some("target"))?;
/// println!("{} rows of {:?}", table.y.len(), table.names);
/// # Ok::<(), ravine_data::ReadError>(())
/// ```
///
/// # Errors
///
/// If the file cannot be read, or is not as described: the first place where it is not.
pub fn read(path: &Path, target: Option<&str>) -> Result<Table, ReadError> {
    let io = |source| ReadError::Io { file: path.into(), kind: "CSV", source };
    let file = File::open(path).map_err(io)?;
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(file);
    let mut record = ByteRecord::new();
    let mut next =
        |record: &mut ByteRecord| reader.read_byte_record(record).map_err(|error| io(error.into()));

    let end = |line, wanted| {
        Place { file: path, line, column: 1, name: None }.error("the end of the file", wanted)
    };

    if !next(&mut record)? {
        return Err(end(1, "a row of column names"));
    }
    let names = names(path, &record)?;
    let at = target_column(path, &names, target)?;
    let header_line = Place::of(path, &record, 0).line;

    let (mut x, mut y) = (Vec::new(), Vec::new());
    while next(&mut record)? {
        check_length(path, &names, &record)?;
        for (column, field) in record.iter().enumerate() {
            let value = number(field).ok_or_else(|| {
                let name = Some(names[column].as_str());
                Place { name, ..Place::of(path, &record, column) }
                    .error(quoted(field), "a number that is finite in f32")
            })?;
            if column == at {
                y.push(value);
            } else {
                x.push(value);
            }
        }
    }
    if y.is_empty() {
        return Err(end(header_line + 1, "a row of numbers"));
    }
    let mut names = names;
    let target = names.remove(at);
    let x = Matrix::from_vec(x, y.len(), names.len());
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

/// A place in a file.
struct Place<'a> {
    file: &'a Path,
    line: u64,
    column: usize,
    name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The field of the index `column` in a row.
    fn of(file: &'a Path, record: &ByteRecord, column: usize) -> Self {
        let (line, byte) = record.position().map_or((1, 0), |at| (at.line(), at.byte()));
        // Positions do not count the blank lines that were skipped before the row.
        let line = line + blank_lines(file, byte).unwrap_or(0);
        Self { file, line, column: column + 1, name: None }
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

/// The number of line ends before the first other byte from `byte` on.
fn blank_lines(file: &Path, byte: u64) -> io::Result<u64> {
    let mut reader = BufReader::new(File::open(file)?);
    reader.seek(SeekFrom::Start(byte))?;
    let mut n = 0;
    for byte in reader.bytes() {
        match byte? {
            b'\n' => n += 1,
            b'\r' => {}
            _ => break,
        }
    }
    Ok(n)
}

/// The column names of the first row.
fn names(file: &Path, header: &ByteRecord) -> Result<Vec<String>, ReadError> {
    let place = |column: usize| Place::of(file, header, column - 1);
    let mut first = HashMap::new();
    let mut names = Vec::with_capacity(header.len());
    for (column, field) in (1..).zip(header) {
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

/// Refuses a row that is not as long as the first.
fn check_length(file: &Path, names: &[String], record: &ByteRecord) -> Result<(), ReadError> {
    let (found, wanted) = (record.len(), names.len());
    if found == wanted {
        return Ok(());
    }
    let place = Place::of(file, record, found.min(wanted));
    Err(place.error(format!("{found} fields in the row"), format!("{wanted} as in the first row")))
}

fn number(field: &[u8]) -> Option<f32> {
    let value: f32 = std::str::from_utf8(field).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
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
