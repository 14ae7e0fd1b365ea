//! A row taken apart by all the rules of CSV: quotes, and line ends between them.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use crate::ReadError;

use super::lines::{Lines, count_ends};

/// The fields of a row, read one row after another.
pub(super) struct Record {
    parser: Reader,
    text: Vec<u8>,
    /// The field `i` ends in `text` at `ends[i]`, where the next begins.
    ends: Vec<usize>,
    len: usize,
    line: u64,
}

impl Record {
    pub(super) fn new() -> Self {
        let parser = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        Self { parser, text: vec![0; 1 << 12], ends: vec![0; 1 << 8], len: 0, line: 1 }
    }

    /// Reads the next row behind blank lines. At the end of the file it has no fields.
    pub(super) fn read(&mut self, lines: &mut Lines<'_>) -> Result<(), ReadError> {
        while let blank @ (b"\n" | b"\r\n") = lines.line()? {
            let len = blank.len();
            lines.take(len, 1);
        }
        (self.len, self.line) = (0, lines.number());
        let (mut taken, mut written) = (0, 0);
        loop {
            let bytes = lines.bytes()?;
            let (result, n_in, n_out, n_ends) = self.parser.read_record(
                bytes,
                &mut self.text[written..],
                &mut self.ends[self.len..],
            );
            let ends = count_ends(&bytes[..n_in]);
            lines.take(n_in, ends);
            (taken, written, self.len) = (taken + n_in, written + n_out, self.len + n_ends);
            lines.check_length(self.line, taken)?;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record | ReadRecordResult::End => return Ok(()),
            }
        }
    }

    /// The line that the row begins in, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The number of fields.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The fields without the white space around them.
    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends[..self.len].iter().map(move |&end| {
            let field = &self.text[start..end];
            start = end;
            field.trim_ascii()
        })
    }
}
