//! A source row after mapping: its texts are sorted to fields and not judged yet.
//!
//! `mapping` makes drafts, and `check` turns them into records and problems. Neither of the two rooms knows the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::words::folded;
use super::{CellKind, CustomerId, DecimalSign, JobId, Problem, RowNumber, Status};

/// The place inside a field to which a cell belongs.
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

impl Slot {
    /// Returns the place as a header names it: `手机2.备注`.
    pub fn name(self, label: &str) -> String {
        match self {
            Self::Whole | Self::Value(1) => label.to_owned(),
            Self::Value(position) => format!("{label}{position}"),
            Self::Memo(1) => format!("{label}.备注"),
            Self::Memo(position) => format!("{label}{position}.备注"),
            Self::Level(level) => format!("{label}.{level}"),
        }
    }
}

/// The source of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// A cell of the sheet.
    #[default]
    Cell,
    /// The mapping's `default`, because the cell is blank: for new customers only.
    Default,
    /// The mapping's `constants`: the same for every row.
    Constant,
}

/// The part of a column's mapping that can be applied only where the field's kind is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CellRule {
    /// Further characters at which several values in a cell are split.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub split: String,
    /// The form of dates, as `strftime` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The sign before the decimals of numbers that are written as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalSign>,
    /// The sheet's words, [`folded`], with what they mean; an empty meaning counts as a blank cell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, String>,
}

impl CellRule {
    /// Returns whether a text may mean something else than it shows. How numbers are written does not count.
    pub fn translates(&self) -> bool {
        let Self {
            split,
            format,
            decimal: _,
            choices,
        } = self;
        !split.is_empty() || format.is_some() || !choices.is_empty()
    }

    /// Returns what a word of the sheet means; `None` when the mapping does not say.
    pub fn meaning(&self, word: &str) -> Option<&str> {
        if self.choices.is_empty() {
            return None;
        }
        self.choices.get(&folded(word)).map(String::as_str)
    }
}

/// One cell that belongs to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's position in the schema.
    pub field: usize,
    /// The place inside the field.
    pub slot: Slot,
    /// 0-based source column; [`Part::NO_COLUMN`] for a constant.
    pub column: u32,
    /// The cell's text.
    pub text: String,
    /// What the spreadsheet said about the cell.
    pub kind: CellKind,
    /// The source of the text: a cell, or the mapping.
    pub origin: Origin,
    /// How the mapping wants the cell read; `None` where the mapping says nothing about it.
    pub rule: Option<Arc<CellRule>>,
}

impl Part {
    /// The column of a text that stands in no column.
    pub const NO_COLUMN: u32 = u32::MAX;
}

/// The content of a result sheet's `_status` cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriorStatus {
    /// A status of the `_status` column.
    Said(Status),
    /// The cell was emptied: the row is treated as if it had never been sent.
    Cleared,
    /// Another text, and its 0-based column: the cell's meaning is not known.
    Unreadable(String, u32),
    /// The sheet has no `_status` column any more.
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

/// What is noted about the cells of a row and is no problem of theirs; it is said once, for the whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CellNotes {
    /// How many cells held a word such as 无 that counts as blank.
    pub blank_words: u32,
    /// How many cells held a word such as `NULL` that database exports write where there is no value.
    pub null_words: u32,
    /// How many cells held digits behind signs that keep them as text, which were left out.
    pub wrapped_digits: u32,
    /// How many cells hold question marks as if letters had been lost.
    pub question_marks: u32,
    /// The 0-based column of the first of them.
    pub first_marks: Option<u32>,
    /// How many cells named an owner whom only exports have shown by name.
    pub seen_owners: u32,
}

/// A row's cells by field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The row's number.
    pub number: RowNumber,
    /// The `_id` cell, if it holds an id.
    pub id: Option<CustomerId>,
    /// What a result sheet says about the row.
    pub prior: Option<Prior>,
    /// The cells that belong to fields, by field in column order, then by slot.
    pub parts: Vec<Part>,
    /// Problems that mapping saw.
    pub problems: Vec<Problem>,
    /// Identifies the source's own cells, whatever their order, file format and mapping; all zeros where rows are only
    /// checked.
    pub fingerprint: [u8; 16],
    /// The row whose record holds this row's values, where several rows are one customer.
    pub merged_into: Option<RowNumber>,
    /// The fingerprints of the rows whose values this row's record holds besides its own, where several rows are one
    /// customer.
    pub merged: Vec<[u8; 16]>,
    /// What was noted about the row's cells and is no problem.
    pub notes: CellNotes,
    /// Whether the stored customer was read and already holds everything that the row says.
    pub is_unchanged: bool,
}
