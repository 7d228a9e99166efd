//! `--key FIELD`, or `key` of a mapping: the fields by which a row is recognised. The flag wins over the mapping.
//!
//! Several keys are tried in order; `A+B` is one key of two fields that must both match. A key is compared in a
//! normal form (product.md, *Keys*): a phone without spaces, dashes and `+86`, an address in lower case.

pub(crate) use crate::model::Key;

use crate::job::error::JobError;
use crate::job::spec::SheetPlan;
use crate::mapping;
use crate::mapping::Match;
use crate::model::{Code, Field, FieldKey, FieldStatus, Kind, Problem, Saying, Schema, Slot};

/// Returns the keys that `wanted` names, or the keys of the mapping where it is empty. Each text names fields by label,
/// key or system name, joined by `+`. A field must be enabled, of a kind that identifies a customer, and fed by a
/// column.
pub(crate) fn resolve(
    wanted: &[String],
    schema: &Schema,
    sheets: &[SheetPlan],
) -> Result<Vec<Key>, JobError> {
    let mut mapped: Vec<String> = Vec::new();
    for key in sheets.iter().flat_map(|sheet| sheet.columns.keys()) {
        if !mapped.iter().any(|known| known == key.as_str()) {
            mapped.push(key.as_str().to_owned());
        }
    }
    let mut problems = Vec::new();
    let mut keys = Vec::new();
    for text in if wanted.is_empty() { &mapped } else { wanted } {
        let mut fields = Vec::new();
        for name in text.split('+').map(str::trim) {
            match field_of(name, schema, sheets) {
                Ok(field) => fields.push(field.key.clone()),
                Err(detail) => problems.push(
                    Problem::new(Code::BadKey)
                        .with("field", name)
                        .with("detail", detail),
                ),
            }
        }
        keys.push(Key { fields });
    }
    if problems.is_empty() {
        Ok(keys)
    } else {
        Err(JobError::Input(problems))
    }
}

fn field_of<'a>(name: &str, schema: &'a Schema, sheets: &[SheetPlan]) -> Result<&'a Field, Saying> {
    let field = match mapping::match_header(name, schema) {
        Some(Match::Field(position, Slot::Whole | Slot::Value(1))) => schema.fields.get(position),
        _ => None,
    };
    let field = field.ok_or(Saying::NoSuchField)?;
    let is_fed = sheets
        .iter()
        .flat_map(|sheet| &sheet.columns.columns)
        .any(|column| {
            let place = column.target.place();
            place.is_some_and(|(key, _)| *key == field.key)
        });
    if field.status != FieldStatus::Enabled {
        Err(Saying::FieldNotEnabled)
    } else if !identifies(field.kind) {
        Err(Saying::IdentifiesNobody)
    } else if !is_fed {
        Err(Saying::FedByNoColumn)
    } else {
        Ok(field)
    }
}

/// Returns the labels of keys as one text: `手机 / 客户名称 + 邮箱`.
pub(crate) fn labels(keys: &[Key], schema: &Schema) -> String {
    let label = |key: &FieldKey| {
        let field = schema.field(key.as_str());
        field.map_or_else(|| key.as_str().to_owned(), |field| field.label.clone())
    };
    let each = |key: &Key| key.fields.iter().map(label).collect::<Vec<_>>().join(" + ");
    keys.iter().map(each).collect::<Vec<_>>().join(" / ")
}

fn identifies(kind: Kind) -> bool {
    kind.is_value_list() || matches!(kind, Kind::Text | Kind::Number | Kind::Phone | Kind::Email)
}
