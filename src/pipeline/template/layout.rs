//! Chooses the columns of a template, their order and their headers.
//!
//! The invariant: a template that was filled in needs no mapping. So every header is read back by the header grammar
//! before it is taken. A label that names another field, several fields, or a place in another list gives way to the
//! field's key.

use crate::mapping::{Match, match_header};
use crate::model::{Field, FieldStatus, Kind, Schema, Slot};
use crate::pipeline::template::lists;

/// A column of a template that is to be filled in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FormColumn<'a> {
    /// The field.
    pub field: &'a Field,
    /// The place in the field.
    pub slot: Slot,
    /// The name of the field in the header: its label, or its key.
    pub name: &'a str,
    /// The header, with a mark if the column is required.
    pub header: String,
    /// Whether an add needs a value in this column.
    pub required: bool,
}

/// Returns the columns, those of required fields first, then in the order of the fields; and the labels of fields that
/// no header can name.
pub(crate) fn columns(schema: &Schema) -> (Vec<FormColumn<'_>>, Vec<&str>) {
    let mut fields: Vec<(usize, &Field)> = schema
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.status == FieldStatus::Enabled && !field.read_only)
        .collect();
    fields.sort_by_key(|(_, field)| (!field.required, field.sort));
    let mut columns = Vec::new();
    let mut nameless = Vec::new();
    for (position, field) in fields {
        let places = slots(field);
        let all = places.len();
        let own: Vec<FormColumn<'_>> = places
            .into_iter()
            .filter_map(|(slot, required)| {
                let (name, header) = header(schema, (position, field), slot, required)?;
                Some(FormColumn {
                    field,
                    slot,
                    name,
                    header,
                    required,
                })
            })
            .collect();
        // A cascade that lacks the column of a level cannot be filled in.
        if own.is_empty() || (field.kind == Kind::Cascade && own.len() < all) {
            nameless.push(field.label.as_str());
        } else {
            columns.extend(own);
        }
    }
    (columns, nameless)
}

/// Returns the places of a field that get a column, each with whether it must be filled.
fn slots(field: &Field) -> Vec<(Slot, bool)> {
    let must = field.required;
    match field.kind {
        Kind::PhoneList => vec![
            (Slot::Whole, must),
            (Slot::Memo(1), false),
            (Slot::Value(2), false),
        ],
        Kind::Cascade => {
            let levels = lists::depth(&field.cascade).max(1);
            let filled = (field.fill_level as usize).clamp(1, levels);
            (1..=levels)
                .map(|level| {
                    let slot = Slot::Level(u16::try_from(level).unwrap_or(u16::MAX));
                    (slot, must && level <= filled)
                })
                .collect()
        }
        _ => vec![(Slot::Whole, must)],
    }
}

/// Returns the field's name in the header, and the header; `None` if neither label nor key is read back as this place.
fn header<'a>(
    schema: &Schema,
    (position, field): (usize, &'a Field),
    slot: Slot,
    required: bool,
) -> Option<(&'a str, String)> {
    let mark = if required { " *" } else { "" };
    [field.label.as_str(), field.key.as_str()]
        .into_iter()
        .map(|name| (name, format!("{}{mark}", slot.name(name))))
        .find(|(_, header)| match_header(header, schema) == Some(Match::Field(position, slot)))
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
