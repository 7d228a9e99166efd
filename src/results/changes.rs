//! What a row changes of its customer, field by field.

use serde_json::Value as Json;

use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{Journal, JournalRow};
use crate::lang::Lang;
use crate::model::{Action, CUSTOMER_NAME, CustomerId, FieldKey, RowNumber, Schema};
use crate::stored::OwnerNames;
use crate::stored::cell::text_of;
use crate::stored::change;
use crate::stored::customer::StoredCustomer;
use crate::stored::value::to_json;

/// A field that a row changes: as the server has it, and as it is to have it.
pub(crate) struct FieldChange {
    pub key: FieldKey,
    pub before: Json,
    pub after: Json,
}

/// A field that a row would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownChange {
    /// The row of the source.
    pub row: RowNumber,
    /// The customer that would be changed.
    pub id: CustomerId,
    /// The customer's name, as the row has it; empty where it has none.
    pub name: String,
    /// The field's label.
    pub field: String,
    /// What is stored now; empty for nothing.
    pub old: String,
    /// What would be stored; empty for nothing.
    pub new: String,
}

/// Returns the fields that a row changes of its stored customer; none for a row that adds or deletes one.
pub(crate) fn changes_of(
    row: &JournalRow,
    schema: &Schema,
    journal: &Journal,
) -> Result<Vec<FieldChange>, JobError> {
    let is_update = matches!(row.action, Action::Update | Action::Restore);
    let Some(record) = row.record.as_ref().filter(|_| is_update) else {
        return Ok(Vec::new());
    };
    let before = journal.images(row.number)?.before;
    // Where the customer was not read, every field that the row names counts as changed.
    let before = StoredCustomer::of_image(before.as_ref())?.unwrap_or_default();
    let whole = match row.action {
        Action::Restore => record.clone(),
        _ => change::new_in(record, &before, schema),
    };
    let changes = whole.fields.into_iter().map(|(key, value)| FieldChange {
        before: before.get(key.as_str()).cloned().unwrap_or_default(),
        after: to_json(&value),
        key,
    });
    Ok(changes.collect())
}

/// Returns the fields that a row changes, for people.
pub(crate) fn shown_changes(
    row: &JournalRow,
    spec: &JobSpec,
    journal: &Journal,
    owners: &OwnerNames,
    lang: Lang,
) -> Result<Vec<ShownChange>, JobError> {
    let Some(id) = &row.customer else {
        return Ok(Vec::new());
    };
    let schema = if row.is_matched {
        &spec.match_schema()
    } else {
        &spec.schema
    };
    let changes = changes_of(row, schema, journal)?.into_iter();
    let name = row
        .record
        .as_ref()
        .and_then(|record| record.get(CUSTOMER_NAME));
    let name = name.map(|name| text_of(schema.field(CUSTOMER_NAME), &to_json(name)));
    let name = name.unwrap_or_default();
    let shown = changes.map(|change| {
        let field = spec.schema.field(change.key.as_str());
        ShownChange {
            row: row.number,
            id: id.clone(),
            name: name.clone(),
            field: field.map_or_else(String::new, |field| field.label.clone()),
            old: owners.in_words(field, text_of(field, &change.before), lang),
            new: owners.in_words(field, text_of(field, &change.after), lang),
        }
    });
    Ok(shown.collect())
}
