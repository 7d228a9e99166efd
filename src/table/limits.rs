//! How large a sheet can be, and which of its cells are merged.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::column_letters;

/// How many rows a sheet has.
pub(super) const LAST_ROW: u32 = 1_048_576;
/// How many columns a sheet has.
pub(super) const LAST_COLUMN: u32 = 16_384;

/// Cells that are shown as one; only the first of them has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedRange {
    /// The first row, as a person counts.
    pub first_row: u32,
    /// The last row.
    pub last_row: u32,
    /// The first column, from 0.
    pub first_column: u32,
    /// The last column, from 0.
    pub last_column: u32,
}

impl fmt::Display for MergedRange {
    /// As a spreadsheet names it: `A3:A4`.
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
