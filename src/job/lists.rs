//! What a list in the sheet means for a stored list: `list = "merge"`, which never removes a value.
//!
//! A list that is sent replaces the stored one (contract.md, `list.update`), so ferry always sends the
//! whole list it means. For rows with an `_id` the positions that the sheet names are replaced and blank
//! ones kept; choices are united.

use serde_json::{Map, Value as Json};

use super::stored::{items, plain_text};
use crate::model::{Entry, EntryRole, Record, Schema, Value};

/// Whether an update with this record must read the stored customer first.
pub(super) fn needs_stored(record: &Record, schema: &Schema) -> bool {
    record.fields.iter().any(|(key, value)| match value {
        Value::Entries(_) => true,
        Value::List(_) => is_set(key.as_str(), schema),
        Value::Text(_) | Value::ClearText | Value::ClearList => false,
    })
}

/// The record with every list made whole from the stored customer.
pub(super) fn merge(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> Record {
    let fields = record.fields.iter().map(|(key, value)| {
        let stored = stored.get(key.as_str());
        let merged = match value {
            Value::Entries(entries) => Value::Entries(merge_entries(entries, stored)),
            Value::List(texts) if is_set(key.as_str(), schema) => Value::List(unite(texts, stored)),
            other => other.clone(),
        };
        (key.clone(), merged)
    });
    Record {
        fields: fields.collect(),
    }
}

/// A cascade is a list on the wire and one value in truth; multiple choices are a set.
fn is_set(key: &str, schema: &Schema) -> bool {
    schema
        .field(key)
        .is_some_and(|field| field.kind == crate::model::Kind::MultiChoice)
}

fn merge_entries(sheet: &[Entry], stored: Option<&Json>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = items(stored.unwrap_or(&Json::Null))
        .map(stored_entry)
        .collect();
    let (further, placed): (Vec<_>, Vec<_>) = sheet
        .iter()
        .partition(|entry| entry.role == EntryRole::Append);
    for (position, named) in placed.into_iter().enumerate() {
        if *named == Entry::default() {
            continue;
        }
        // Behind the end there is no position to replace: a value that is stored already stays the one it is.
        if position >= entries.len() && entries.iter().any(|entry| entry.value == named.value) {
            continue;
        }
        if entries.len() <= position {
            entries.resize_with(position + 1, Entry::default);
        }
        let Some(entry) = entries.get_mut(position) else {
            continue;
        };
        if named.role == EntryRole::Drop {
            *entry = Entry::default();
        }
        if !named.value.is_empty() {
            entry.value.clone_from(&named.value);
        }
        if let Some(memo) = &named.memo {
            entry.memo = Some(memo.clone()).filter(|memo| !memo.is_empty());
        }
    }
    entries.retain(|entry| !entry.value.is_empty());
    for named in further {
        if !entries.iter().any(|entry| entry.value == named.value) {
            entries.push(Entry {
                role: EntryRole::Place,
                ..named.clone()
            });
        }
    }
    entries
}

fn unite(sheet: &[String], stored: Option<&Json>) -> Vec<String> {
    let mut texts: Vec<String> = items(stored.unwrap_or(&Json::Null))
        .map(plain_text)
        .filter(|text| !text.is_empty())
        .collect();
    for text in sheet {
        if !texts.contains(text) {
            texts.push(text.clone());
        }
    }
    texts
}

fn stored_entry(item: &Json) -> Entry {
    match item {
        Json::Object(fields) => Entry {
            value: fields.get("value").map(plain_text).unwrap_or_default(),
            memo: fields
                .get("memo")
                .map(plain_text)
                .filter(|memo| !memo.is_empty()),
            role: EntryRole::Place,
        },
        other => Entry {
            value: plain_text(other),
            memo: None,
            role: EntryRole::Place,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(value: &str, memo: Option<&str>) -> Entry {
        Entry {
            value: value.into(),
            memo: memo.map(str::to_owned),
            role: EntryRole::Place,
        }
    }

    #[test]
    fn named_positions_are_replaced_and_blank_ones_kept() {
        let stored =
            serde_json::json!([{"value": "1", "memo": "a"}, {"value": "2"}, {"value": "3"}]);
        let merged = merge_entries(
            &[
                entry("", None),
                entry("9", None),
                entry("", Some("c")),
                entry("4", None),
            ],
            Some(&stored),
        );
        assert_eq!(
            merged,
            [
                entry("1", Some("a")),
                entry("9", None),
                entry("3", Some("c")),
                entry("4", None)
            ]
        );
        assert_eq!(merge_entries(&[entry("1", None)], None), [entry("1", None)]);
    }

    #[test]
    fn further_values_and_clear_words_touch_nothing_else() {
        let stored =
            serde_json::json!([{"value": "1"}, {"value": "2", "memo": "b"}, {"value": "3"}]);
        let role = |value: &str, role| Entry {
            role,
            ..entry(value, None)
        };
        let merged = merge_entries(
            &[
                entry("9", None),
                role("3", EntryRole::Append),
                role("4", EntryRole::Append),
            ],
            Some(&stored),
        );
        assert_eq!(
            merged,
            [
                entry("9", None),
                entry("2", Some("b")),
                entry("3", None),
                entry("4", None)
            ]
        );
        let merged = merge_entries(&[entry("", None), role("", EntryRole::Drop)], Some(&stored));
        assert_eq!(merged, [entry("1", None), entry("3", None)]);
        let merged = merge_entries(&[entry("", None), entry("", Some(""))], Some(&stored));
        assert_eq!(
            merged,
            [entry("1", None), entry("2", None), entry("3", None)]
        );
    }

    #[test]
    fn choices_are_united() {
        let stored = serde_json::json!(["百度"]);
        assert_eq!(
            unite(&["官网".into(), "百度".into()], Some(&stored)),
            ["百度", "官网"]
        );
        assert_eq!(
            unite(&["官网".into()], Some(&serde_json::json!("百度"))),
            ["百度", "官网"]
        );
    }
}
