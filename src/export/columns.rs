//! The columns of an export: `_id`, then fields in their order, lists in as many columns as the data needs.
//!
//! The invariant: an export comes back as an import without a mapping. So every header is read back by the header
//! grammar before it is used, and a label that would mean something else gives way to the key. The names of owners
//! stand beside their ids under a header that begins with `_`, which an import leaves alone.

use crate::export::fields::Fields;
use crate::export::spec::{ColumnChoice, Headers};
use crate::lookup::listing::digest::{Digest, Extent};
use crate::mapping::{Match, match_header};
use crate::model::{CUSTOMER_NAME, Field, FieldKey, FieldStatus, Kind, Schema, Slot};
use crate::source::ferry_sheet::FieldColumn;
use crate::stored::cell::{Shown, shown};
use crate::table::{CellFormat, Column};

/// The field that holds the id of a customer's first owner.
const FIRST_OWNER: &str = "firstOwner";

/// The `sort` of built-in fields that the account's list does not name.
const UNPLACED: i64 = i64::MIN;

/// The highest position of a list that a header can name.
const MOST_POSITIONS: u16 = 999;

/// The content of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnContent {
    /// The customer's id.
    Id,
    /// A field, or a place in one.
    Place {
        /// The field's position in the schema; `None` for a field that the field list does not name.
        field: Option<usize>,
        /// The field's key.
        key: FieldKey,
        /// The place in the field.
        slot: Slot,
    },
    /// The name of the owner whose id the field holds.
    OwnerName(FieldKey),
}

/// A column of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportColumn {
    /// The header.
    pub header: String,
    /// The content below the header.
    pub content: ColumnContent,
}

/// The columns of an export, with the choice that they are made for.
#[derive(Debug, Clone)]
pub(crate) struct ExportLayout<'a> {
    /// The columns in order.
    pub columns: Vec<ExportColumn>,
    choice: ColumnChoice<'a>,
}

impl<'a> ExportLayout<'a> {
    /// Lays out the columns that the customers of a digest need.
    pub fn new(choice: ColumnChoice<'a>, digest: &Digest) -> Self {
        let mut columns = vec![ExportColumn {
            header: "_id".to_owned(),
            content: ColumnContent::Id,
        }];
        let schema = choice.schema;
        if choice.fields.is_empty() {
            let mut fields: Vec<(usize, &Field)> = schema.fields.iter().enumerate().collect();
            // Fields that the server sets itself and that the account's list does not place come behind the fields that
            // people fill.
            fields.sort_by_key(|(_, field)| field.sort == UNPLACED && field.read_only);
            for (position, field) in fields {
                let extent = digest.extent(field.key.as_str());
                if extent.0 > 0 || is_always_there(field) {
                    columns.extend(columns_of(choice, Some(position), &field.key, extent));
                }
            }
            let unknown = digest.fields.iter();
            let unknown = unknown.filter(|(key, _)| *key != "_id" && schema.field(key).is_none());
            for (key, extent) in unknown {
                columns.extend(columns_of(choice, None, &FieldKey::new(key), *extent));
            }
        } else {
            for key in choice.fields {
                let position = schema.fields.iter().position(|field| field.key == *key);
                let extent = digest.extent(key.as_str());
                columns.extend(columns_of(choice, position, key, extent));
            }
        }
        Self { columns, choice }
    }

    /// Returns a field by its position in the schema.
    pub fn field(&self, position: usize) -> Option<&Field> {
        self.choice.schema.fields.get(position)
    }

    /// Returns the columns as a table writer takes them.
    pub fn to_sheet(&self) -> Vec<Column> {
        let columns = self.columns.iter();
        columns
            .map(|column| Column {
                header: column.header.clone(),
                frozen: match &column.content {
                    ColumnContent::Id => true,
                    ColumnContent::Place { key, .. } => key.as_str() == CUSTOMER_NAME,
                    ColumnContent::OwnerName(_) => false,
                },
                cells: match &column.content {
                    ColumnContent::Place { field, slot, .. } if *slot == Slot::Whole => {
                        format_of(field.and_then(|field| self.choice.schema.fields.get(field)))
                    }
                    _ => CellFormat::Text,
                },
                ..Column::default()
            })
            .collect()
    }

    /// Returns the cells of a customer, one for each column.
    pub fn row<'s>(&'s self, customer: &'s Fields<'_>) -> impl Iterator<Item = Shown<'s>> {
        let columns = self.columns.iter();
        columns.map(|column| self.cell(&column.content, customer))
    }

    fn cell<'s>(&'s self, content: &ColumnContent, customer: &'s Fields<'_>) -> Shown<'s> {
        let stored = |key: &str| customer.get(key);
        match content {
            ColumnContent::Id => shown(None, Slot::Whole, stored("_id")),
            ColumnContent::Place { field, key, slot } => {
                let field = field.and_then(|field| self.choice.schema.fields.get(field));
                shown(field, *slot, stored(key.as_str()))
            }
            ColumnContent::OwnerName(key) => {
                let Shown::Text(id) = shown(None, Slot::Whole, stored(key.as_str())) else {
                    return Shown::Blank;
                };
                let name = self.choice.owners.get(id.as_ref());
                name.map_or(Shown::Blank, |name| Shown::Text(name.as_str().into()))
            }
        }
    }

    /// Returns the columns that hold fields.
    pub fn field_columns(&self) -> Vec<FieldColumn> {
        let columns = self.columns.iter();
        let placed = columns.filter_map(|column| match &column.content {
            ColumnContent::Place { key, slot, .. } => {
                Some(FieldColumn::new(&column.header, key.as_str(), *slot))
            }
            _ => None,
        });
        placed.collect()
    }
}

/// Returns whether a field has a column even where no customer has a value. Files of different nights then look alike.
fn is_always_there(field: &Field) -> bool {
    (field.sort != UNPLACED && field.status == FieldStatus::Enabled) || field.required
}

/// Returns how the cells of a field are shown; those of an unknown field as text.
pub(super) fn format_of(field: Option<&Field>) -> CellFormat {
    match field.map(|field| field.kind) {
        Some(Kind::Date) => CellFormat::Date,
        Some(Kind::Datetime) => CellFormat::DateTime,
        Some(Kind::Number) => CellFormat::Number,
        _ => CellFormat::Text,
    }
}

fn columns_of(
    choice: ColumnChoice<'_>,
    position: Option<usize>,
    key: &FieldKey,
    extent: Extent,
) -> Vec<ExportColumn> {
    let field = position.and_then(|position| choice.schema.fields.get(position));
    let mut columns: Vec<ExportColumn> = slots(field, extent)
        .into_iter()
        .map(|slot| ExportColumn {
            header: header(choice, position, key, slot),
            content: ColumnContent::Place {
                field: position,
                key: key.clone(),
                slot,
            },
        })
        .collect();
    let is_owner = field.is_some_and(|field| field.kind == Kind::Owner);
    if (is_owner || key.as_str() == FIRST_OWNER) && !choice.owners.is_empty() {
        let name = match (choice.headers, field) {
            (Headers::Label | Headers::Both, Some(field)) => field.label.as_str(),
            _ => key.as_str(),
        };
        columns.push(ExportColumn {
            header: format!("_{name}"),
            content: ColumnContent::OwnerName(key.clone()),
        });
    }
    columns
}

fn slots(field: Option<&Field>, Extent(values, memos): Extent) -> Vec<Slot> {
    if !field.is_some_and(|field| field.kind.is_value_list()) {
        return vec![Slot::Whole];
    }
    let last = values.max(memos).clamp(1, MOST_POSITIONS);
    let mut slots = Vec::new();
    for position in 1..=last {
        slots.push(match position {
            1 => Slot::Whole,
            further => Slot::Value(further),
        });
        if position <= memos {
            slots.push(Slot::Memo(position));
        }
    }
    slots
}

/// Returns the header that was asked for, if an import would read it as the same place; else the key.
fn header(choice: ColumnChoice<'_>, position: Option<usize>, key: &FieldKey, slot: Slot) -> String {
    let by_key = slot.name(key.as_str()).replace(".备注", ".memo");
    let Some(position) = position else {
        return by_key;
    };
    let label = choice
        .schema
        .fields
        .get(position)
        .map(|field| slot.name(&field.label));
    let wanted = match (choice.headers, label) {
        (Headers::Label, Some(label)) => label,
        (Headers::Both, Some(label)) => format!("{label} ({by_key})"),
        _ => return by_key,
    };
    if reads_as(&wanted, choice.schema, position, slot) {
        wanted
    } else {
        by_key
    }
}

fn reads_as(header: &str, schema: &Schema, position: usize, slot: Slot) -> bool {
    match_header(header, schema) == Some(Match::Field(position, slot))
}
