//! How large a sheet can be, and which of its cells are merged.
//!
//! The bounds keep a small file from filling the memory: a zip file of a few hundred bytes can repeat a cell without
//! end. What a spreadsheet program writes stays well within them.

use std::fmt;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};

use crate::model::column_letters;

/// Rows of a sheet in Excel.
pub const LAST_ROW: u32 = 1_048_576;
/// Columns of a sheet in Excel.
pub const LAST_COLUMN: u32 = 16_384;

/// The longest note, in UTF-16 units: a little under Excel's limit, for what the library adds.
pub(super) const NOTE_UNITS: usize = 32_000;
/// The longest raw text of a workbook's cell, in bytes. An escaped character such as `_x000D_` takes seven, so no text
/// that a cell can hold is longer.
pub(super) const LONGEST_RAW: usize = 8 * 32_768;
/// The longest cell of a CSV file.
pub(super) const CSV_CELL_MIB: u32 = 1;
/// The longest record of a CSV file.
pub(super) const RECORD_LIMIT_MIB: u32 = 64;
/// The longest row of a workbook.
pub(super) const ROW_MIB: u32 = 4;
/// What a cell takes in memory beside its text.
pub(super) const CELL_BYTES: usize = 64;
/// Merged ranges beyond this number are not noted.
pub(super) const MOST_MERGED: usize = 100_000;
/// The most cell styles of a workbook; Excel takes a sixteenth of it.
pub(super) const MOST_STYLES: usize = 1 << 20;
/// The largest part of a workbook that is read through [`Bounded`], in bytes.
const LARGEST_PART: u64 = 64 << 20;

/// A reader of a workbook's part that fails beyond [`LARGEST_PART`], which no spreadsheet program reaches.
pub(super) struct Bounded<R>(R, u64);

impl<R> Bounded<R> {
    pub(super) fn new(source: R) -> Self {
        Self(source, LARGEST_PART)
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.0.read(buffer)?;
        self.1 = (self.1.checked_sub(length as u64))
            .ok_or_else(|| io::Error::other("a part of the workbook is too large"))?;
        Ok(length)
    }
}

/// A merged range: cells that are shown as one, of which only the first has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedRange {
    /// The first row, from 1.
    pub first_row: u32,
    /// The last row, from 1.
    pub last_row: u32,
    /// The first column, from 0.
    pub first_column: u32,
    /// The last column, from 0.
    pub last_column: u32,
}

impl fmt::Display for MergedRange {
    /// Writes the range as a spreadsheet names it: `A3:A4`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (
            column_letters(self.first_column),
            column_letters(self.last_column),
        );
        write!(
            formatter,
            "{first}{}:{last}{}",
            self.first_row, self.last_row
        )
    }
}
