//! Whether a stored customer holds what a record says.
//!
//! Only the fields that were sent are compared, each in the forms in which the server may keep it: a choice as text
//! or key, a number with or without trailing zeros, a list in its order.

use serde_json::{Map, Value as Json};

use crate::model::{Entry, Field, Kind, Record, Schema, Shape, Value};

/// Returns whether every field of the record is stored as it was sent.
pub(crate) fn equals(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> bool {
    record.fields.iter().all(|(key, value)| {
        let stored = stored.get(key.as_str()).unwrap_or(&Json::Null);
        same(value, stored, schema.field(key.as_str()))
    })
}

/// Returns whether the customer has no values in phone, address and account lists that the record leaves out. A server
/// fills in other fields by itself, but only a person fills in these.
pub(crate) fn adds_nothing(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> bool {
    let lists = schema
        .fields
        .iter()
        .filter(|field| field.kind.is_value_list());
    lists
        .filter(|field| record.get(field.key.as_str()).is_none())
        .all(|field| stored.get(field.key.as_str()).is_none_or(is_blank))
}

/// Returns whether a stored field holds a value, alone or among others.
pub(crate) fn has(stored: &Map<String, Json>, field: &str, value: &str) -> bool {
    stored
        .get(field)
        .is_some_and(|stored| value_texts(stored).any(|text| text == value))
}

/// Returns the values of a stored field, without memos.
pub(crate) fn value_texts(stored: &Json) -> impl Iterator<Item = String> {
    items(stored).map(|item| match item {
        Json::Object(fields) => fields.get("value").map(plain_text).unwrap_or_default(),
        other => plain_text(other),
    })
}

/// Returns whether a stored value is the one that was sent, in whatever form the server keeps it.
pub(crate) fn same(sent: &Value, stored: &Json, field: Option<&Field>) -> bool {
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

/// Returns a decimal without leading and trailing zeros; `None` for other texts.
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

/// Fields that the server sets itself whenever a customer is written. They do not show that a person changed something.
pub(crate) const SERVER_SET: &[&str] = &[
    "_id",
    "accountId",
    "createTime",
    "createAgent",
    "updateTime",
    "updateAgent",
    "firstAssignTime",
    "firstOwner",
];

/// Returns a number that stays the same as long as nobody changes the customer. It covers all fields that are not
/// blank and that the server does not set itself, in any order.
pub(crate) fn digest(stored: &Map<String, Json>) -> i64 {
    let fields = stored.iter();
    let fields =
        fields.filter(|(key, value)| !SERVER_SET.contains(&key.as_str()) && !is_blank(value));
    let sum = fields.fold(0_u64, |sum, (key, value)| {
        sum.wrapping_add(mixed(hash_of(value, hash(key.as_bytes(), FNV_START))))
    });
    sum.cast_signed()
}

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// Continues an FNV-1a hash from `start`.
fn hash(bytes: &[u8], start: u64) -> u64 {
    bytes.iter().fold(start, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Mixes a hash so that every bit depends on every other (the end of Murmur3). Sums of mixed hashes do not cancel
/// out.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

fn hash_of(value: &Json, start: u64) -> u64 {
    match value {
        Json::Null => hash(&[0], start),
        Json::Bool(is_so) => hash(&[1, u8::from(*is_so)], start),
        Json::Number(number) => hash(number.as_str().as_bytes(), hash(&[2], start)),
        Json::String(text) => hash(text.as_bytes(), hash(&[3], start)),
        // The end of each item counts.
        Json::Array(items) => items.iter().fold(hash(&[4], start), |sum, item| {
            hash(&[5], hash_of(item, sum))
        }),
        Json::Object(fields) => fields.iter().fold(hash(&[6], start), |sum, (key, value)| {
            sum.wrapping_add(mixed(hash_of(value, hash(key.as_bytes(), start))))
        }),
    }
}

/// Converts a stored value to the form in which it is sent, to restore it. A blank value empties the field.
pub(crate) fn to_value(stored: &Json, field: Option<&Field>) -> Value {
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

/// Returns whether nothing is stored. An entry without a value is nothing too.
pub(crate) fn is_blank(stored: &Json) -> bool {
    items(stored).all(|item| match item {
        Json::Object(fields) => fields.get("value").is_none_or(is_empty_text),
        other => is_empty_text(other),
    })
}

/// Returns whether [`plain_text`] makes an empty text of a value.
pub(crate) fn is_empty_text(value: &Json) -> bool {
    match value {
        Json::String(text) => text.is_empty(),
        other => other.is_null(),
    }
}

/// Converts a value to the form in which the server stores it.
pub(crate) fn to_json(value: &Value) -> Json {
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

/// Returns the items of a stored list. A single value is a list of one item.
pub(crate) fn items(stored: &Json) -> impl Iterator<Item = &Json> {
    let (list, single) = match stored {
        Json::Array(items) => (items.as_slice(), None),
        Json::Null => (&[][..], None),
        other => (&[][..], Some(other)),
    };
    list.iter().chain(single)
}

fn is_empty(stored: &Json) -> bool {
    match stored {
        Json::Array(items) => items.is_empty(),
        other => is_empty_text(other),
    }
}

/// Returns a stored scalar as text.
pub(crate) fn plain_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_digest_changes_with_what_people_write_and_with_nothing_else() {
        let of = |value: Json| match value {
            Json::Object(fields) => digest(&fields),
            _ => 0,
        };
        let whole = json!({"_id": "1", "customerName": "甲", "mobile": [{"value": "1", "memo": "a"}], "tags": ["x", "y"]});
        let same = [
            json!({"tags": ["x", "y"], "mobile": [{"memo": "a", "value": "1"}], "customerName": "甲"}),
            json!({"customerName": "甲", "mobile": [{"value": "1", "memo": "a"}], "tags": ["x", "y"], "qq": [], "note": "",
                   "updateTime": "2024-05-05 08:00:00"}),
        ];
        for other in same {
            assert_eq!(of(whole.clone()), of(other.clone()), "{other}");
        }
        let others = [
            json!({"customerName": "乙", "mobile": [{"value": "1", "memo": "a"}], "tags": ["x", "y"]}),
            json!({"customerName": "甲", "mobile": [{"value": "1"}], "tags": ["x", "y"]}),
            json!({"customerName": "甲", "mobile": [{"value": "1", "memo": "a"}], "tags": ["y", "x"]}),
            json!({"customerName": "甲", "mobile": [{"value": "1", "memo": "a"}], "tags": ["xy"]}),
            json!({"customerName": "甲", "mobile": [{"value": "a", "memo": "1"}], "tags": ["x", "y"]}),
            json!({"customerName": "甲", "mobile": [{"value": "1", "memo": "a"}], "tags": ["x", "y"], "qq": [{"value": "2"}]}),
        ];
        for other in others {
            assert_ne!(of(whole.clone()), of(other.clone()), "{other}");
        }
    }
}
