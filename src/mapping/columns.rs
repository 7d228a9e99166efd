//! The header of one sheet, resolved: what each column is.
//!
//! Every doubt is an error before anything is sent: a column that matches nothing, two columns for one
//! place, a disabled or deleted field. What was resolved is stored with the job, by field key, so that a
//! job never depends on how a later version reads headers.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::header::{FerryColumn, Match, match_header, nearest_labels, normalise};
use super::synonyms::LEFT_OUT;
use crate::model::{Code, Fact, FieldKey, FieldStatus, Problem, Row, Schema, Slot, column_letters};

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

    fn of(key: &FieldKey, slot: Slot) -> Self {
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
}

impl Columns {
    /// Whether one of the columns is the customer's `_id`.
    pub fn has_id(&self) -> bool {
        self.columns
            .iter()
            .any(|column| column.target == Target::Id)
    }

    /// Whether the sheet is a result sheet that comes back.
    pub fn is_result(&self) -> bool {
        let has = |target| self.columns.iter().any(|column| column.target == target);
        has(Target::Status) && has(Target::Job) && has(Target::Row)
    }
}

/// Reads a header row. Errors are what must be mended before anything is sent; notices are to be said.
pub fn resolve(
    header: &Row,
    schema: &Schema,
    ignore_unmapped: bool,
) -> Result<(Columns, Vec<Problem>), Vec<Problem>> {
    let mut errors = Vec::new();
    let mut columns = Vec::with_capacity(header.cells.len());
    let mut taken: HashMap<String, (u32, String)> = HashMap::new();
    let mut ignored = Vec::new();
    for cell in &header.cells {
        let named = |code: Code| {
            Problem::new(code)
                .at(cell.column)
                .with("header", &cell.text)
                .with("column", column_letters(cell.column))
        };
        let target = match match_header(&cell.text, schema) {
            Some(Match::Id) => Target::Id,
            Some(Match::Ferry(FerryColumn::Status)) => Target::Status,
            Some(Match::Ferry(FerryColumn::Job)) => Target::Job,
            Some(Match::Ferry(FerryColumn::Row)) => Target::Row,
            Some(Match::Ferry(FerryColumn::Other)) if is_ours(&cell.text) => Target::Ferry,
            Some(Match::Ferry(FerryColumn::Other)) => Target::Ignored,
            Some(Match::Ambiguous(one, other)) => {
                let key = |position: usize| {
                    schema
                        .fields
                        .get(position)
                        .map_or("", |field| field.key.as_str())
                };
                errors.push(
                    named(Code::AmbiguousHeader)
                        .with("keys", format!("{}, {}", key(one), key(other))),
                );
                Target::Ignored
            }
            Some(Match::Field(position, slot)) => match schema.fields.get(position) {
                Some(field) if field.status == FieldStatus::Disabled && !ignore_unmapped => {
                    errors.push(named(Code::FieldDisabled).with("field", &field.label));
                    Target::Ignored
                }
                Some(field) if field.status == FieldStatus::Deleted && !ignore_unmapped => {
                    errors.push(named(Code::FieldDeleted).with("field", &field.label));
                    Target::Ignored
                }
                Some(field) if field.status != FieldStatus::Enabled => {
                    ignored.push(cell.text.clone());
                    Target::Ignored
                }
                Some(field) if field.read_only => Target::ServerSet(field.key.clone()),
                Some(field) => Target::of(&field.key, slot),
                None => Target::Ignored,
            },
            None if ignore_unmapped || LEFT_OUT.contains(&normalise(&cell.text).as_str()) => {
                ignored.push(cell.text.clone());
                Target::Ignored
            }
            None => {
                let nearest = nearest_labels(&cell.text, schema);
                let nearest = Fact::list(nearest.iter().map(String::as_str));
                errors.push(named(Code::UnknownColumns).with("nearest", nearest));
                Target::Ignored
            }
        };
        if let Some(place) = place_key(&target) {
            if let Some((column, other)) = taken.get(&place) {
                errors.push(
                    named(Code::TwoColumnsOneField)
                        .with("other", other.as_str())
                        .with("other_column", column_letters(*column))
                        .with("field", place.split('#').next().unwrap_or_default()),
                );
            } else {
                taken.insert(place, (cell.column, cell.text.clone()));
            }
        }
        columns.push(SourceColumn {
            column: cell.column,
            header: cell.text.clone(),
            target,
        });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let columns = Columns {
        columns,
        ignore_unmapped,
        width: header.ragged,
    };
    let notices = notices(&columns, &ignored);
    Ok((columns, notices))
}

/// Whether a column that starts with `_` is one of a result sheet's, and not somebody's own.
fn is_ours(header: &str) -> bool {
    const OURS: &[&str] = &[
        "_result",
        "_结果",
        "_action",
        "_error_code",
        "_error",
        "_tip",
        "_sent_at",
    ];
    OURS.contains(&header.trim())
}

/// Whether a column takes part in what identifies a row: row numbers and remarks of tools do not.
pub(super) fn identifies(column: &SourceColumn) -> bool {
    !column.header.trim().starts_with('_')
        && !LEFT_OUT.contains(&normalise(&column.header).as_str())
}

/// The same text for two columns that would feed the same place; `手机` and `手机1` are one place.
fn place_key(target: &Target) -> Option<String> {
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

fn notices(columns: &Columns, ignored: &[String]) -> Vec<Problem> {
    let mut notices = Vec::new();
    if !ignored.is_empty() {
        notices.push(
            Problem::new(Code::IgnoredColumns)
                .with("headers", Fact::list(ignored.iter().map(String::as_str))),
        );
    }
    let server_set: Vec<&str> = columns
        .columns
        .iter()
        .filter(|column| matches!(column.target, Target::ServerSet(_)))
        .map(|column| column.header.as_str())
        .collect();
    if !server_set.is_empty() && !columns.has_id() {
        notices.push(Problem::new(Code::ServerSetColumn).with("headers", Fact::list(server_set)));
    }
    notices
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Cell, CellKind, RowNumber};

    fn header(texts: &[&str]) -> Row {
        let cells = texts.iter().enumerate().map(|(column, text)| Cell {
            column: column as u32,
            text: (*text).to_owned(),
            kind: CellKind::Text,
        });
        Row {
            number: RowNumber::new(1),
            cells: cells.collect(),
            ragged: None,
        }
    }

    fn codes(texts: &[&str]) -> Vec<Code> {
        let schema = Schema::new(&[], &BTreeMap::new());
        match resolve(&header(texts), &schema, false) {
            Ok((_, notices)) => notices.iter().map(|notice| notice.code).collect(),
            Err(errors) => errors.iter().map(|error| error.code).collect(),
        }
    }

    #[test]
    fn doubts_are_errors() {
        assert_eq!(codes(&["客户名称", "手机", "手机2", "手机.备注"]), []);
        assert_eq!(
            codes(&["客户名称", "手机", "手机号码"]),
            [Code::TwoColumnsOneField]
        );
        assert_eq!(codes(&["手机", "手机1"]), [Code::TwoColumnsOneField]);
        assert_eq!(codes(&["客户名称", "幸运数字"]), [Code::UnknownColumns]);
        assert_eq!(codes(&["客户名称", "序号"]), [Code::IgnoredColumns]);
        assert_eq!(codes(&["客户名称", "创建时间"]), [Code::ServerSetColumn]);
        assert_eq!(codes(&["_id", "客户名称", "创建时间"]), []);
    }
}
