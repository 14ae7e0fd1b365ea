//! The lines of a file, one after another, in memory that a line bounds.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use memchr::{memchr, memchr_iter, memrchr};

use crate::{ReadError, open_regular};

/// Bytes that are read at once, for each thread that shares them.
const BLOCK: usize = 1 << 20;
/// Bytes of the longest row that is read.
const LONGEST: usize = 1 << 24;

/// A file, read once and in order.
pub(super) struct Lines<'a> {
    path: &'a Path,
    file: File,
    /// What is read and not yet taken is `buffer[start..end]`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    /// Opens a regular file, whose lines so many threads share.
    pub(super) fn open(path: &'a Path, threads: usize) -> Result<Self, ReadError> {
        let file = open_regular(path).map_err(|source| unreadable(path, source))?;
        let block = BLOCK.saturating_mul(threads).min(LONGEST);
        Ok(Self { path, file, buffer: vec![0; block], start: 0, end: 0, number: 1 })
    }

    /// The number of the line that comes next, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line with its end, and nothing at the end of the file.
    pub(super) fn line(&mut self) -> Result<&[u8], ReadError> {
        let mut searched = 0;
        loop {
            let unsearched = self.start + searched..self.end;
            if let Some(end) = memchr(b'\n', &self.buffer[unsearched.clone()]) {
                return Ok(&self.buffer[self.start..=unsearched.start + end]);
            }
            searched = self.end - self.start;
            if !self.fill()? {
                return Ok(&self.buffer[self.start..self.end]);
            }
        }
    }

    /// The next lines with their ends, as many as are read of them, and nothing at the end of the
    /// file.
    pub(super) fn block(&mut self) -> Result<&[u8], ReadError> {
        let first = self.line()?.len();
        let ahead = &self.buffer[self.start..self.end];
        Ok(&ahead[..memrchr(b'\n', ahead).map_or(first, |end| end + 1)])
    }

    /// Bytes from here on, and none at the end of the file.
    pub(super) fn bytes(&mut self) -> Result<&[u8], ReadError> {
        if self.start == self.end {
            self.fill()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Goes on behind `len` bytes that hold `ends` line ends.
    pub(super) fn take(&mut self, len: usize, ends: u64) {
        self.start += len;
        self.number += ends;
    }

    /// Refuses a row that is longer than any that is read.
    pub(super) fn check_length(&self, line: u64, len: usize) -> Result<(), ReadError> {
        if len <= LONGEST {
            return Ok(());
        }
        let place = format!("line {line}, column 1");
        let wanted = format!("at most {LONGEST}");
        Err(ReadError::content(self.path, place, format!("a row of over {LONGEST} bytes"), wanted))
    }

    /// Bytes and line ends from here to the end of the file.
    pub(super) fn rest(&mut self) -> Result<(u64, u64), ReadError> {
        let ahead = &self.buffer[self.start..self.end];
        let (mut bytes, mut ends) = (ahead.len() as u64, count_ends(ahead));
        let mut scan = || {
            let here = self.file.stream_position()?;
            let mut block = vec![0; BLOCK];
            loop {
                match self.file.read(&mut block) {
                    Ok(0) => break,
                    Ok(len) => {
                        bytes += len as u64;
                        ends += count_ends(&block[..len]);
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            self.file.seek(SeekFrom::Start(here))
        };
        scan().map_err(|source| unreadable(self.path, source))?;
        Ok((bytes, ends))
    }

    /// Reads more behind what is there. Says whether there was more.
    fn fill(&mut self) -> Result<bool, ReadError> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        self.check_length(self.number, self.end)?;
        if self.end == self.buffer.len() {
            self.buffer.resize(2 * self.end, 0);
        }
        loop {
            match self.file.read(&mut self.buffer[self.end..]) {
                Ok(len) => {
                    self.end += len;
                    return Ok(0 < len);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(unreadable(self.path, source)),
            }
        }
    }
}

/// The number of line ends among bytes.
pub(super) fn count_ends(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}

fn unreadable(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io { file: path.into(), kind: "CSV", source }
}
