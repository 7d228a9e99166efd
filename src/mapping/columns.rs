//! The header of one sheet, resolved: the meaning of each column.
//!
//! The result of `resolve.rs` is stored with the job, by field key, so that a job never depends on how a later version
//! reads headers.

use serde::{Deserialize, Serialize};

use super::header::normalise;
use super::merged_down::MergedDown;
use super::rule::ColumnRule;
use super::synonyms::LEFT_OUT;
use crate::model::{CellKind, FieldKey, Row, Slot};

/// The meaning of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The customer's `_id`.
    Id,
    /// `_status` of a result sheet.
    Status,
    /// `_job` of a result sheet.
    Job,
    /// `_row` of a result sheet.
    Row,
    /// Another column that ferry wrote.
    Ferry,
    /// A field.
    Field(FieldKey),
    /// The value at a 1-based position of a list field.
    Value(FieldKey, u16),
    /// The memo at a 1-based position of a list field.
    Memo(FieldKey, u16),
    /// A 1-based level of a cascade.
    Level(FieldKey, u16),
    /// A field that the server sets itself. The column is left out.
    ServerSet(FieldKey),
    /// The column matches nothing and is left out on purpose.
    Ignored,
}

impl Target {
    /// Returns whether the column is one that ferry wrote, and not the source's own.
    pub fn is_ferry(&self) -> bool {
        matches!(
            self,
            Self::Id | Self::Status | Self::Job | Self::Row | Self::Ferry
        )
    }

    /// Returns the field that the column feeds, and the place in the field.
    pub fn place(&self) -> Option<(&FieldKey, Slot)> {
        match self {
            Self::Field(key) => Some((key, Slot::Whole)),
            Self::Value(key, position) => Some((key, Slot::Value(*position))),
            Self::Memo(key, position) => Some((key, Slot::Memo(*position))),
            Self::Level(key, level) => Some((key, Slot::Level(*level))),
            _ => None,
        }
    }

    pub(super) fn of(key: &FieldKey, slot: Slot) -> Self {
        let key = key.clone();
        match slot {
            Slot::Whole => Self::Field(key),
            Slot::Value(position) => Self::Value(key, position),
            Slot::Memo(position) => Self::Memo(key, position),
            Slot::Level(level) => Self::Level(key, level),
        }
    }
}

/// A column that has a header, or that the mapping names by its letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceColumn {
    /// 0-based column.
    pub column: u32,
    /// The wording of the header.
    pub header: String,
    /// The meaning of the column.
    pub target: Target,
    /// How the cells of the column are read.
    #[serde(default, skip_serializing_if = "ColumnRule::is_empty")]
    pub rule: ColumnRule,
}

/// A field that has the same value in every row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constant {
    /// The field, and the place in it.
    pub target: Target,
    /// The value.
    pub text: String,
}

/// The columns of one sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Columns {
    /// The columns in order.
    pub columns: Vec<SourceColumn>,
    /// Whether a value under no header is left out; else it is a problem.
    pub ignore_unmapped: bool,
    /// The number of cells of the header record, for CSV. Every record must have as many.
    pub width: Option<u32>,
    /// Whether ferry wrote the file. Then its quotes are trusted, whatever its cells hold.
    #[serde(default)]
    pub is_ours: bool,
    /// The fields that no column feeds and that have the same value in every row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
    /// The columns whose equal cells make adjacent rows one customer. Empty: rows are not merged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<u32>,
    /// The cells of these columns that are merged over several rows, in ascending order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_down: Vec<MergedDown>,
}

impl Columns {
    /// Returns whether one of the columns is the customer's `_id`.
    pub fn has_id(&self) -> bool {
        self.columns
            .iter()
            .any(|column| column.target == Target::Id)
    }

    /// Returns whether the sheet is a result sheet, known by its `_status`.
    pub(super) fn is_result_sheet(&self) -> bool {
        let mut columns = self.columns.iter();
        columns.any(|column| column.target == Target::Status)
    }

    /// Returns whether a row has nothing but formulas without a value, in columns that are not imported. Such rows
    /// appear where a helper column was filled down further than the data.
    pub fn is_idle(&self, row: &Row) -> bool {
        let is_left_out = |index: u32| {
            let column = self.columns.iter().find(|column| column.column == index);
            column.map_or(self.ignore_unmapped, |column| {
                matches!(column.target, Target::Ignored | Target::ServerSet(_))
            })
        };
        row.cells
            .iter()
            .all(|cell| cell.kind == CellKind::Uncalculated && is_left_out(cell.column))
    }

    /// Returns the fields by which the mapping says that customers are recognised, in column order.
    pub fn keys(&self) -> Vec<&FieldKey> {
        let keys = self.columns.iter().filter(|column| column.rule.key);
        keys.filter_map(|column| column.target.place().map(|(key, _)| key))
            .collect()
    }

    /// Returns the text that adjacent rows of one customer have in common; `None` where rows are not merged, and where
    /// all cells of the key are blank.
    pub fn merge_key(&self, row: &Row) -> Option<String> {
        let cells = self.merge.iter().map(|column| row.cell(*column));
        let texts: Vec<&str> = cells
            .map(|cell| cell.map_or("", |cell| cell.text.trim()))
            .collect();
        texts
            .iter()
            .any(|text| !text.is_empty())
            .then(|| texts.join("\u{1f}"))
    }

    /// Returns whether a column or a constant feeds a field.
    pub fn feeds(&self, key: &str) -> bool {
        let targets = self.columns.iter().map(|column| &column.target);
        targets
            .chain(self.constants.iter().map(|constant| &constant.target))
            .any(|target| {
                target
                    .place()
                    .is_some_and(|(field, _)| field.as_str() == key)
            })
    }

    /// Returns whether the sheet is an export of ferry's that comes back: every cell was written by ferry, or by a person
    /// who edited it.
    pub fn is_export(&self) -> bool {
        self.is_ours && !self.is_result()
    }

    /// Returns whether the sheet is a result sheet that comes back.
    pub fn is_result(&self) -> bool {
        let has = |target| self.columns.iter().any(|column| column.target == target);
        has(Target::Status) && has(Target::Job) && has(Target::Row)
    }
}

/// Returns whether a column counts for a row's fingerprint. Row numbers and columns of other tools do not.
pub(super) fn identifies(column: &SourceColumn) -> bool {
    !column.header.trim().starts_with('_')
        && !LEFT_OUT.contains(&normalise(&column.header).as_str())
}

/// Returns the same text for two columns that would feed the same place; `手机` and `手机1` are one place.
pub(super) fn place_key(target: &Target) -> Option<String> {
    Some(match target {
        Target::Id => "_id#".to_owned(),
        Target::Status => "_status#".to_owned(),
        Target::Job => "_job#".to_owned(),
        Target::Row => "_row#".to_owned(),
        Target::Field(key) => format!("{key}#1"),
        Target::Value(key, position) => format!("{key}#{position}"),
        Target::Memo(key, position) => format!("{key}#memo{position}"),
        Target::Level(key, level) => format!("{key}#level{level}"),
        Target::Ferry | Target::ServerSet(_) | Target::Ignored => return None,
    })
}
