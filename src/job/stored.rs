//! Whether a stored customer holds what a record said.
//!
//! Only the fields that were sent are compared, each in the form the server may keep it in: a choice as text
//! or key, a number with or without trailing zeros, a list in its order.

use serde_json::{Map, Value as Json};

use crate::model::{Entry, Field, Kind, Record, Schema, Shape, Value};

/// Whether every field of the record is stored as it was sent.
pub(super) fn equals(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> bool {
    record.fields.iter().all(|(key, value)| {
        let stored = stored.get(key.as_str()).unwrap_or(&Json::Null);
        same(value, stored, schema.field(key.as_str()))
    })
}

/// Whether the customer holds no phone, address or account but those of the record. A server sets other fields
/// by itself; these only somebody else does.
pub(super) fn adds_nothing(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> bool {
    let lists = schema
        .fields
        .iter()
        .filter(|field| field.kind.is_value_list());
    lists
        .filter(|field| record.get(field.key.as_str()).is_none())
        .all(|field| stored.get(field.key.as_str()).is_none_or(is_empty))
}

/// Whether a stored field holds a value, alone or among others.
pub(super) fn has(stored: &Map<String, Json>, field: &str, value: &str) -> bool {
    let text = |item: &Json| match item {
        Json::Object(fields) => fields.get("value").map(plain_text).unwrap_or_default(),
        other => plain_text(other),
    };
    stored
        .get(field)
        .is_some_and(|stored| items(stored).any(|item| text(item) == value))
}

/// Whether a stored value is the one that was sent, in whatever form the server keeps it.
pub(super) fn same(sent: &Value, stored: &Json, field: Option<&Field>) -> bool {
    match sent {
        Value::Text(text) => same_text(text, &plain_text(stored), field),
        Value::List(texts) => {
            let stored: Vec<String> = items(stored).map(plain_text).collect();
            stored.len() == texts.len()
                && texts
                    .iter()
                    .zip(&stored)
                    .all(|(sent, stored)| same_text(sent, stored, field))
        }
        Value::Entries(entries) => {
            let stored: Vec<&Json> = items(stored).collect();
            stored.len() == entries.len()
                && entries
                    .iter()
                    .zip(stored)
                    .all(|(sent, stored)| same_entry(sent, stored))
        }
        Value::ClearText | Value::ClearList => is_empty(stored),
    }
}

fn same_text(sent: &str, stored: &str, field: Option<&Field>) -> bool {
    if sent == stored {
        return true;
    }
    let Some(field) = field else { return false };
    match field.kind {
        Kind::Number => decimal(sent).is_some_and(|sent| decimal(stored) == Some(sent)),
        Kind::Choice | Kind::MultiChoice => field.choices.iter().any(|choice| {
            (choice.value == sent && choice.key == stored)
                || (choice.key == sent && choice.value == stored)
        }),
        _ => false,
    }
}

/// A decimal without what does not change its value.
fn decimal(text: &str) -> Option<String> {
    let (sign, body) = text
        .strip_prefix('-')
        .map_or(("", text), |body| ("-", body));
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    if whole.is_empty()
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    Some(format!("{sign}{whole}.{fraction}"))
}

fn same_entry(sent: &Entry, stored: &Json) -> bool {
    let (value, memo) = match stored {
        Json::Object(fields) => {
            let text = |name: &str| fields.get(name).map(plain_text).unwrap_or_default();
            (text("value"), text("memo"))
        }
        other => (plain_text(other), String::new()),
    };
    value == sent.value && memo == sent.memo.as_deref().unwrap_or_default()
}

/// A stored value in the shape in which it is sent, to put it back; blank ones empty the field.
pub(super) fn to_value(stored: &Json, field: Option<&Field>) -> Value {
    let is_list = field.is_some_and(|field| field.kind.is_value_list());
    let is_array = field.is_some_and(|field| {
        is_list || field.kind == Kind::MultiChoice || field.shape == Shape::Array
    });
    match stored {
        _ if is_blank(stored) && (is_array || stored.is_array()) => Value::ClearList,
        _ if is_blank(stored) => Value::ClearText,
        Json::Array(items) if is_list || items.iter().any(Json::is_object) => {
            let entries = items.iter().map(|item| match item {
                Json::Object(entry) => Entry {
                    value: entry.get("value").map(plain_text).unwrap_or_default(),
                    memo: entry
                        .get("memo")
                        .map(plain_text)
                        .filter(|memo| !memo.is_empty()),
                    ..Entry::default()
                },
                other => Entry {
                    value: plain_text(other),
                    ..Entry::default()
                },
            });
            Value::Entries(entries.collect())
        }
        Json::Array(items) => Value::List(items.iter().map(plain_text).collect()),
        other => Value::Text(plain_text(other)),
    }
}

/// Whether nothing is stored: an entry without a value is nothing either.
pub(super) fn is_blank(stored: &Json) -> bool {
    items(stored).all(|item| match item {
        Json::Object(fields) => fields
            .get("value")
            .is_none_or(|value| plain_text(value).is_empty()),
        other => plain_text(other).is_empty(),
    })
}

/// A value as the server would have it.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(texts) => Json::from(texts.clone()),
        Value::Entries(entries) => {
            let entries = entries.iter().filter(|entry| !entry.value.is_empty());
            let entries = entries.map(|entry| {
                let mut object = Map::new();
                object.insert("value".to_owned(), Json::from(entry.value.as_str()));
                if let Some(memo) = &entry.memo {
                    object.insert("memo".to_owned(), Json::from(memo.as_str()));
                }
                Json::Object(object)
            });
            Json::Array(entries.collect())
        }
        Value::ClearText | Value::ClearList => Json::Null,
    }
}

/// The items of a stored list; a single value is a list of one.
pub(super) fn items(stored: &Json) -> impl Iterator<Item = &Json> {
    let (list, single) = match stored {
        Json::Array(items) => (items.as_slice(), None),
        Json::Null => (&[][..], None),
        other => (&[][..], Some(other)),
    };
    list.iter().chain(single)
}

fn is_empty(stored: &Json) -> bool {
    match stored {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A stored scalar as text.
pub(super) fn plain_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}
