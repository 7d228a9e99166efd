//! `--key FIELD`, or `key` of a mapping: the fields by which a row is recognised. What is typed wins.
//!
//! Several keys are tried in order; `A+B` is one key of two fields that hold together. A key is compared in a
//! normal form (product.md, *Keys*): a phone without spaces, dashes and `+86`, an address in lower case.

use serde::{Deserialize, Serialize};

use super::{JobError, SheetPlan};
use crate::mapping::{self, Match};
use crate::model::{
    Code, Field, FieldKey, FieldStatus, Kind, Problem, Record, Saying, Schema, Slot, Value,
};

/// More combinations than that of the values of one row are not told apart.
const MOST_VALUES: usize = 64;

/// One key: the fields that hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Keys of the fields.
    pub fields: Vec<FieldKey>,
}

/// What was typed, resolved: a label, a key or a system name each, joined by `+`; the keys of the mapping where
/// nothing was typed. Each field must be one that identifies somebody and that a column of the sheet feeds.
pub(super) fn resolve(
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

/// The labels of keys, for people: `手机 / 客户名称 + 邮箱`.
pub(super) fn labels(keys: &[Key], schema: &Schema) -> String {
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

/// The values of a record under each key that it has, in the normal form; empty when every key is blank.
pub(super) fn values(record: &Record, keys: &[Key], schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    for (position, key) in keys.iter().enumerate() {
        let mut combined = vec![format!("{position}")];
        for field in &key.fields {
            let kind = schema
                .field(field.as_str())
                .map_or(Kind::Text, |field| field.kind);
            let texts = texts(record.get(field.as_str()));
            combined = combined
                .iter()
                .flat_map(|start| {
                    let ends = texts.iter().map(|text| normal(text, kind));
                    ends.map(move |end| format!("{start}\u{1f}{end}"))
                })
                .take(MOST_VALUES)
                .collect();
        }
        found.append(&mut combined);
    }
    found
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::Text(text)) if !text.is_empty() => vec![text],
        Some(Value::Entries(entries)) => entries
            .iter()
            .map(|entry| entry.value.as_str())
            .filter(|text| !text.is_empty())
            .collect(),
        _ => Vec::new(),
    }
}

/// The form in which two values of a key are compared.
pub(super) fn normal(text: &str, kind: Kind) -> String {
    match kind {
        Kind::PhoneList | Kind::Phone => phone(text),
        Kind::EmailList | Kind::Email => text.trim().to_lowercase(),
        _ => text.trim().to_owned(),
    }
}

fn phone(text: &str) -> String {
    let bare: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '(' | ')' | '.'))
        .collect();
    let national = ["+86", "0086", "86"].iter().find_map(|prefix| {
        let rest = bare.strip_prefix(prefix)?;
        // `86…` may as well be the beginning of a number: only a whole mobile number proves the prefix.
        let is_mobile = rest.len() == 11 && rest.starts_with('1');
        (is_mobile || prefix.starts_with('+') || *prefix == "0086").then(|| rest.to_owned())
    });
    national.unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Entry;

    #[test]
    fn one_number_however_it_is_written() {
        for text in [
            "13800138000",
            "138-0013-8000",
            "+86 138 0013 8000",
            "0086 13800138000",
            "86 138 0013 8000",
        ] {
            assert_eq!(phone(text), "13800138000", "{text}");
        }
        // No mobile number behind it: the digits are the number's own.
        assert_eq!(phone("8612345"), "8612345");
        assert_eq!(phone("0571-88888888"), "057188888888");
    }

    #[test]
    fn keys_that_hold_together_are_one_value() {
        let key = |names: &[&str]| Key {
            fields: names.iter().copied().map(FieldKey::new).collect(),
        };
        let mut record = Record::default();
        record.push(FieldKey::new("customerName"), Value::Text("甲".to_owned()));
        let entries = ["138 0013 8000", "13900139000"].map(|value| Entry {
            value: value.to_owned(),
            ..Entry::default()
        });
        record.push(FieldKey::new("mobile"), Value::Entries(entries.to_vec()));
        let schema = Schema::new(&[], &std::collections::BTreeMap::new());
        let keys = [key(&["customerName", "mobile"]), key(&["email"])];
        assert_eq!(
            values(&record, &keys, &schema),
            ["0\u{1f}甲\u{1f}13800138000", "0\u{1f}甲\u{1f}13900139000"]
        );
        assert!(values(&record, &keys[1..], &schema).is_empty());
    }
}
