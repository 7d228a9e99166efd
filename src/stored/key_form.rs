//! The values of keys: in the form in which they are compared, and in the forms in which they are searched for.
//!
//! A key is compared in a normal form (product.md, *Keys*): a phone without spaces, dashes and `+86`, an address in
//! lower case, and every value without characters that nobody sees. The server's search compares exactly, so each form
//! in which a value may be stored is searched for.

use serde_json::{Map, Value as Json};

use crate::mapping::is_blank_word;
use crate::model::{Entry, Field, Key, Kind, Record, Schema, Value, without_unseen};
use crate::stored::value::{items, plain_text};

/// The most combinations of values that one key of one row may have; further ones are ignored.
pub(crate) const MOST_VALUES: usize = 64;

/// Returns the values of a record under each of its keys, in the normal form. Each is the key's position and the values
/// of its fields, with U+001F between them. Empty when every key is blank.
pub(crate) fn values(record: &Record, keys: &[Key], schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    for (position, key) in keys.iter().enumerate() {
        let mut combined = vec![format!("{position}")];
        for field in &key.fields {
            let kind = schema
                .field(field.as_str())
                .map_or(Kind::Text, |field| field.kind);
            let texts = key_texts(record.get(field.as_str()));
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

/// Returns the values of a stored customer under each key, in the normal form, as [`values`] does.
pub(crate) fn stored_values(
    stored: &Map<String, Json>,
    keys: &[Key],
    schema: &Schema,
) -> Vec<String> {
    let mut record = Record::default();
    for key in keys.iter().flat_map(|key| &key.fields) {
        let entries = items(stored.get(key.as_str()).unwrap_or(&Json::Null)).map(|item| {
            let value = match item {
                Json::Object(entry) => entry.get("value").map(plain_text).unwrap_or_default(),
                other => plain_text(other),
            };
            Entry {
                value,
                ..Entry::default()
            }
        });
        record.push(key.clone(), Value::Entries(entries.collect()));
    }
    values(&record, keys, schema)
}

/// Returns the values of a record by the position of their key, in the order in which the keys are tried.
pub(crate) fn values_by_key(
    record: &Record,
    keys: &[Key],
    schema: &Schema,
) -> Vec<(usize, Vec<String>)> {
    let mut by_key: Vec<(usize, Vec<String>)> = Vec::new();
    for value in values(record, keys, schema) {
        let position = value.split('\u{1f}').next();
        let Some(position) = position.and_then(|text| text.parse().ok()) else {
            continue;
        };
        match by_key.last_mut() {
            Some((last, values)) if *last == position => values.push(value),
            _ => by_key.push((position, vec![value])),
        }
    }
    by_key
}

/// Returns the forms in which a value may be stored, each once: the search compares exactly, and people write numbers
/// in several ways.
pub(crate) fn forms(text: &str, kind: Kind) -> Vec<String> {
    let normal = normal(text, kind);
    let mut forms = vec![text.trim().to_owned(), normal.clone()];
    let is_mobile = normal.len() == 11 && normal.starts_with('1') && normal.is_ascii();
    if matches!(kind, Kind::PhoneList | Kind::Phone)
        && is_mobile
        && let (Some(first), Some(second), Some(third)) =
            (normal.get(..3), normal.get(3..7), normal.get(7..))
    {
        forms.extend([
            format!("{first}-{second}-{third}"),
            format!("{first} {second} {third}"),
            format!("+86{normal}"),
            format!("+86 {normal}"),
            format!("+86-{normal}"),
            format!("+86 {first} {second} {third}"),
            format!("+86 {first}-{second}-{third}"),
            format!("86{normal}"),
            format!("0086{normal}"),
            format!("0086 {normal}"),
        ]);
    }
    // A landline with an area code of three or four digits.
    if matches!(kind, Kind::PhoneList | Kind::Phone) && normal.starts_with('0') && normal.is_ascii()
    {
        for area in [3, 4] {
            if let (Some(code), Some(rest @ (7..=8))) =
                (normal.get(..area), normal.len().checked_sub(area))
                && let Some(number) = normal.get(normal.len() - rest..)
            {
                forms.extend([
                    format!("{code}-{number}"),
                    format!("{code} {number}"),
                    format!("({code}){number}"),
                ]);
            }
        }
    }
    if matches!(kind, Kind::EmailList | Kind::Email) {
        let parts = normal.split('@').map(capitalised);
        forms.push(parts.collect::<Vec<_>>().join("@"));
        forms.push(normal.to_uppercase());
    }
    let mut distinct: Vec<String> = Vec::new();
    for form in forms {
        if !form.is_empty() && !distinct.contains(&form) {
            distinct.push(form);
        }
    }
    distinct
}

/// Returns the text with its first letter in upper case.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// Returns about how many searches one value of a field takes.
pub(crate) fn searches_of(kind: Kind) -> u64 {
    match kind {
        Kind::PhoneList | Kind::Phone => 11,
        Kind::EmailList | Kind::Email => 3,
        _ => 1,
    }
}

/// Returns about how many searches one row takes.
pub(crate) fn searches(keys: &[Key], schema: &Schema) -> u64 {
    let fields = keys.iter().filter_map(|key| searched(key, schema));
    fields.map(|field| searches_of(field.kind)).sum()
}

/// Returns the field of a key that is searched by: the one that takes the fewest searches. `None` where no field of the
/// key can be searched.
pub(crate) fn searched<'a>(key: &Key, schema: &'a Schema) -> Option<&'a Field> {
    let fields = key.fields.iter();
    let fields = fields.filter_map(|field| schema.field(field.as_str()));
    fields
        .filter(|field| field.searchable != Some(false))
        .min_by_key(|field| searches_of(field.kind))
}

pub(crate) fn key_texts(value: Option<&Value>) -> Vec<&str> {
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

/// Returns the normal form, in which two values of a key are compared.
pub(crate) fn normal(text: &str, kind: Kind) -> String {
    let text = without_unseen(text);
    match kind {
        Kind::PhoneList | Kind::Phone => phone(&text),
        Kind::EmailList | Kind::Email => text.trim().to_lowercase(),
        _ => text.trim().to_owned(),
    }
}

/// Returns whether the normal form of a value says nothing: it is blank, or a word for that.
pub(crate) fn is_blank_value(normal: &str) -> bool {
    normal.is_empty() || is_blank_word(normal)
}

pub(crate) fn phone(text: &str) -> String {
    let bare: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '(' | ')' | '.'))
        .collect();
    let national = ["+86", "0086", "86"].iter().find_map(|prefix| {
        let rest = bare.strip_prefix(prefix)?;
        // A number may begin with `86` itself. Only a whole mobile number behind it proves the prefix.
        let is_mobile = rest.len() == 11 && rest.starts_with('1');
        (is_mobile || prefix.starts_with('+') || *prefix == "0086").then(|| rest.to_owned())
    });
    national.unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FieldKey;

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
        // No mobile number follows, so the digits `86` belong to the number.
        assert_eq!(phone("8612345"), "8612345");
        assert_eq!(phone("0571-88888888"), "057188888888");
    }

    #[test]
    fn a_number_is_searched_in_the_forms_in_which_it_is_written() {
        for written in ["13800138000", "138-0013-8000", "+86 138 0013 8000"] {
            let forms = forms(written, Kind::PhoneList);
            for stored in ["13800138000", "138-0013-8000", "+86 138 0013 8000"] {
                assert!(
                    forms.iter().any(|form| form == stored),
                    "{written} {stored}"
                );
            }
            assert!(forms.len() as u64 <= searches_of(Kind::PhoneList) + 1);
        }
        let email = forms("zhang@x.cn", Kind::EmailList);
        assert_eq!(email, ["zhang@x.cn", "Zhang@X.cn", "ZHANG@X.CN"]);
        let landline = forms("0571-88888888", Kind::PhoneList);
        for stored in ["057188888888", "0571 88888888", "(0571)88888888"] {
            assert!(landline.iter().any(|form| form == stored), "{stored}");
        }
        assert_eq!(forms(" K-1 ", Kind::Text), ["K-1"]);
        assert_eq!(normal("\u{202a}KH\u{ad}03\u{202c}", Kind::Text), "KH03");
        assert_eq!(
            normal("\u{202d}138\u{200b}0013 8000", Kind::Phone),
            "13800138000"
        );
    }

    #[test]
    fn a_stored_customer_has_the_values_that_its_row_had() {
        let schema = Schema::new(&[], &std::collections::BTreeMap::new());
        let keys = [Key {
            fields: vec![FieldKey::new("mobile")],
        }];
        let stored = serde_json::json!({"mobile": [{"value": "+86 138 0013 8000"}, {"value": "x", "memo": "y"}]});
        let Json::Object(stored) = stored else {
            panic!()
        };
        assert_eq!(
            stored_values(&stored, &keys, &schema),
            ["0\u{1f}13800138000", "0\u{1f}x"]
        );
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
