//! The header of one sheet, resolved: what each column is.
//!
//! What was resolved (`resolve.rs`) is stored with the job, by field key, so that a job never depends on how
//! a later version reads headers.

use serde::{Deserialize, Serialize};

use super::header::normalise;
use super::rule::ColumnRule;
use super::synonyms::LEFT_OUT;
use crate::model::{CellKind, FieldKey, Row, Slot};

/// What a column is.
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
    /// A field that the server sets itself; left out.
    ServerSet(FieldKey),
    /// Matches nothing and is left out on purpose.
    Ignored,
}

impl Target {
    /// Whether the column is one that ferry wrote, and not the source's own.
    pub fn is_ferry(&self) -> bool {
        matches!(
            self,
            Self::Id | Self::Status | Self::Job | Self::Row | Self::Ferry
        )
    }

    /// The key of the field it feeds, if any, and the place in it.
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

/// One column with a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceColumn {
    /// 0-based column.
    pub column: u32,
    /// The header's wording.
    pub header: String,
    /// What it is.
    pub target: Target,
    /// How its cells are read.
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
    /// Those that have a header, in order.
    pub columns: Vec<SourceColumn>,
    /// Whether values under no header are left out instead of being problems.
    pub ignore_unmapped: bool,
    /// How many cells the header record has; for CSV, every record must have as many.
    pub width: Option<u32>,
    /// Whether ferry wrote the file: then it is quoted as it should be, whatever its cells hold.
    #[serde(default)]
    pub is_ours: bool,
    /// Fields that no column feeds and every row has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
    /// The columns whose equal cells make adjacent rows one customer; none where rows are not united.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<u32>,
}

impl Columns {
    /// Whether one of the columns is the customer's `_id`.
    pub fn has_id(&self) -> bool {
        self.columns
            .iter()
            .any(|column| column.target == Target::Id)
    }

    /// Whether a row has nothing but formulas without a value in columns that nobody imports: a helper column that
    /// was filled down further than the rows go.
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

    /// The fields by which the mapping says that customers are recognised, in the order of the columns.
    pub fn keys(&self) -> Vec<&FieldKey> {
        let keys = self.columns.iter().filter(|column| column.rule.key);
        keys.filter_map(|column| column.target.place().map(|(key, _)| key))
            .collect()
    }

    /// What makes a row one of a customer's; `None` where rows are not united, and where all its cells are blank.
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

    /// Whether a column or a constant feeds a field.
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

    /// Whether the sheet is a result sheet that comes back.
    pub fn is_result(&self) -> bool {
        let has = |target| self.columns.iter().any(|column| column.target == target);
        has(Target::Status) && has(Target::Job) && has(Target::Row)
    }
}

/// Whether a column takes part in what identifies a row: row numbers and remarks of tools do not.
pub(super) fn identifies(column: &SourceColumn) -> bool {
    !column.header.trim().starts_with('_')
        && !LEFT_OUT.contains(&normalise(&column.header).as_str())
}

/// The same text for two columns that would feed the same place; `手机` and `手机1` are one place.
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
