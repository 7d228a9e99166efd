//! A source row after mapping: texts sorted to fields, not judged yet.
//!
//! `mapping` makes drafts, `check` turns them into records and problems; neither knows the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::words::folded;
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

impl Slot {
    /// The place as a header names it: `手机2.备注`.
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

/// Where a text comes from.
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

/// What the mapping says about reading the cells of one column, as far as the field's kind matters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CellRule {
    /// Further characters at which several values in a cell are split.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub split: String,
    /// The form of dates, as `strftime` writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The sheet's words, [`folded`], with what they mean; an empty text means nothing at all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, String>,
}

impl CellRule {
    /// What a word of the sheet means; `None` when the mapping does not say.
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
    /// Position of the field in the schema.
    pub field: usize,
    /// Where in the field.
    pub slot: Slot,
    /// 0-based source column; [`Part::NO_COLUMN`] for a constant.
    pub column: u32,
    /// The cell's text.
    pub text: String,
    /// What the spreadsheet said about the cell.
    pub kind: CellKind,
    /// Whether it is a cell at all.
    pub origin: Origin,
    /// How the mapping wants it read.
    pub rule: Option<Arc<CellRule>>,
}

impl Part {
    /// The column of what stands in none.
    pub const NO_COLUMN: u32 = u32::MAX;
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
    /// Identifies the source's own cells, whatever their order, file format and mapping; all zeros where rows are only
    /// checked.
    pub fingerprint: [u8; 16],
    /// The row whose record holds this one's values, where several rows are one customer.
    pub merged_into: Option<RowNumber>,
    /// How many cells held a word such as 无 that counts as blank.
    pub blank_words: u32,
    /// Whether a look at the stored customer has shown that all of it is stored already.
    pub is_unchanged: bool,
}
