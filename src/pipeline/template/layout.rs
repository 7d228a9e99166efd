//! Which columns a template has, in which order, under which headers.
//!
//! Every header is read back by the header grammar before it is taken: a label that names another field, several
//! fields, or a place in another list gives way to the field's key. So a template that was filled in needs no mapping.

use crate::mapping::{Match, match_header};
use crate::model::{Field, FieldStatus, Kind, Schema, Slot};
use crate::pipeline::template::lists;

/// A column to be filled in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FormColumn<'a> {
    /// The field.
    pub field: &'a Field,
    /// The place in it.
    pub slot: Slot,
    /// What the header calls the field: its label, or its key.
    pub name: &'a str,
    /// The header with its mark.
    pub header: String,
    /// Whether an add needs it.
    pub required: bool,
}

/// The columns: those of required fields first, then in the order of the fields; and the labels of fields that no
/// header can name.
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
        // A cascade without one of its levels could not be filled in.
        if own.is_empty() || (field.kind == Kind::Cascade && own.len() < all) {
            nameless.push(field.label.as_str());
        } else {
            columns.extend(own);
        }
    }
    (columns, nameless)
}

/// The places of a field that get a column, and which of them must be filled.
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

/// What a header calls the field, and the header.
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
