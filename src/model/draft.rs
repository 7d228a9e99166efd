//! A source row after mapping: texts sorted to fields, not judged yet.
//!
//! `mapping` makes drafts, `check` turns them into records and problems; neither knows the other.

use super::{CellKind, CustomerId, JobId, Problem, RowNumber, Status};

/// Where inside a field a cell belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The whole field.
    Whole,
    /// The value at a 1-based position of a list.
    Value(u16),
    /// The memo at a 1-based position of a list.
    Memo(u16),
    /// A 1-based level of a cascade.
    Level(u16),
}

/// One cell that belongs to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Position of the field in the schema.
    pub field: usize,
    /// Where in the field.
    pub slot: Slot,
    /// 0-based source column.
    pub column: u32,
    /// The cell's text.
    pub text: String,
    /// What the spreadsheet said about the cell.
    pub kind: CellKind,
}

/// What stands in a result sheet's `_status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriorStatus {
    /// A status.
    Said(Status),
    /// Somebody has emptied the cell: the row is to be treated as if it had never been sent.
    Cleared,
    /// Something else, and where: nobody can say what is meant.
    Unreadable(String, u32),
    /// The sheet has no such column any more.
    Missing,
}

/// What a result sheet says about a row that comes back as input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prior {
    /// Its `_status`.
    pub status: PriorStatus,
    /// Its `_job`.
    pub job: JobId,
    /// Its `_row` in that job's source, as written: a number, with several sheets `name!number`.
    pub row: String,
}

/// A row's cells by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where the row stands.
    pub number: RowNumber,
    /// The `_id` cell, if it holds an id.
    pub id: Option<CustomerId>,
    /// What a result sheet says about the row.
    pub prior: Option<Prior>,
    /// The cells that belong to fields, by field in column order, then by slot.
    pub parts: Vec<Part>,
    /// Problems that mapping saw.
    pub problems: Vec<Problem>,
    /// Identifies the source's own cells, whatever their order, file format and mapping.
    pub fingerprint: [u8; 16],
    /// How many cells held a word such as 无 that counts as blank.
    pub blank_words: u32,
}
