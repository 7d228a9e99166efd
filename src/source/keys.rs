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

/// Returns the keys that `wanted` names, or the keys of the mapping where it is empty: see [`named`]. A field must be
/// fed by a column.
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
    let is_fed = |field: &Field| {
        let mut columns = sheets.iter().flat_map(|sheet| &sheet.columns.columns);
        columns.any(|column| {
            let place = column.target.place();
            place.is_some_and(|(key, _)| *key == field.key)
        })
    };
    let wanted = if wanted.is_empty() { &mapped } else { wanted };
    keys_named(wanted, "--key", schema, is_fed)
}

/// Returns the keys that texts name, as a person types them behind `flag`. Each text names fields by label, key or
/// system name, joined by `+`. A field must be enabled, of a kind that identifies a customer, and there: `is_fed`.
pub(crate) fn keys_named(
    wanted: &[String],
    flag: &str,
    schema: &Schema,
    is_fed: impl Fn(&Field) -> bool,
) -> Result<Vec<Key>, JobError> {
    let mut problems = Vec::new();
    let mut keys = Vec::new();
    for text in wanted {
        let mut fields = Vec::new();
        for name in text.split('+').map(str::trim) {
            match field_of(name, schema, &is_fed) {
                Ok(field) => fields.push(field.key.clone()),
                Err(detail) => problems.push(
                    Problem::new(Code::BadKey)
                        .with("flag", flag)
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

fn field_of<'a>(
    name: &str,
    schema: &'a Schema,
    is_fed: &impl Fn(&Field) -> bool,
) -> Result<&'a Field, Saying> {
    let field = match mapping::match_header(name, schema) {
        Some(Match::Field(position, Slot::Whole | Slot::Value(1))) => schema.fields.get(position),
        _ => None,
    };
    let field = field.ok_or(Saying::NoSuchField)?;
    if field.status != FieldStatus::Enabled {
        Err(Saying::FieldNotEnabled)
    } else if !identifies(field.kind) {
        Err(Saying::IdentifiesNobody)
    } else if !is_fed(field) {
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

/// Returns whether values of a kind tell one customer from another.
pub(crate) fn identifies(kind: Kind) -> bool {
    kind.is_value_list() || matches!(kind, Kind::Text | Kind::Number | Kind::Phone | Kind::Email)
}
