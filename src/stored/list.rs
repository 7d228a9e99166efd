//! What a row writes to a stored customer: whole lists, and no fields that are written only where nothing is stored.
//!
//! With `list = "merge"`, the default, nothing is removed. With `list = "replace"` the sheet's values are the whole
//! list. An update replaces the stored list by the sent one (contract.md, `list.update`), so ferry always sends whole
//! lists. In rows with an `_id`, positions that the sheet names are replaced, and blank ones are kept. Choices are
//! united.

use serde_json::{Map, Value as Json};

use crate::model::{
    Entry, EntryRole, Field, Kind, ListPolicy, Overwrite, Record, Schema, SendAs, Value,
};
use crate::stored::key_form::normal;
use crate::stored::value::{is_blank, items, plain_text};

/// Returns whether an update with this record must read the stored customer first.
pub(crate) fn needs_stored(record: &Record, schema: &Schema) -> bool {
    record.fields.iter().any(|(key, value)| {
        let policy = policy_of(key.as_str(), schema);
        let merges = match value {
            Value::Entries(_) => true,
            Value::List(_) => is_set(key.as_str(), schema),
            Value::Text(_) | Value::ClearText | Value::ClearList => false,
        };
        policy.1 == Overwrite::IfBlank || (merges && policy.0 == ListPolicy::Merge)
    })
}

/// Returns the record with each list made whole from the stored customer. Leaves out fields that are written only where
/// nothing is stored, if something is.
pub(crate) fn merge(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> Record {
    let fields = record.fields.iter().filter_map(|(key, value)| {
        let stored = stored.get(key.as_str());
        let (list, overwrite) = policy_of(key.as_str(), schema);
        if overwrite == Overwrite::IfBlank && !is_blank(stored.unwrap_or(&Json::Null)) {
            return None;
        }
        let merged = match value {
            Value::Entries(entries) if list == ListPolicy::Merge => {
                let kind = schema
                    .field(key.as_str())
                    .map_or(Kind::Text, |field| field.kind);
                Value::Entries(merge_entries(entries, stored, kind))
            }
            Value::List(texts) if list == ListPolicy::Merge && is_set(key.as_str(), schema) => {
                Value::List(unite(texts, stored, schema.field(key.as_str())))
            }
            other => whole(other)?,
        };
        Some((key.clone(), merged))
    });
    Record {
        fields: fields.collect(),
    }
}

/// Returns the record for a row that needs no stored customer. Its lists replace, and so hold nothing but values.
pub(crate) fn alone(record: &Record) -> Record {
    let fields = record.fields.iter();
    Record {
        fields: fields
            .filter_map(|(key, value)| Some((key.clone(), whole(value)?)))
            .collect(),
    }
}

/// Returns a list that replaces the stored one, without blank positions and those with `#CLEAR`. `None` where the sheet
/// names no value at all, such as a memo alone: that must not empty the stored list.
fn whole(value: &Value) -> Option<Value> {
    let Value::Entries(entries) = value else {
        return Some(value.clone());
    };
    let values: Vec<Entry> = entries
        .iter()
        .filter(|entry| !entry.value.is_empty())
        .map(|entry| Entry {
            role: EntryRole::Place,
            memo: entry.memo.clone().filter(|memo| !memo.is_empty()),
            value: entry.value.clone(),
        })
        .collect();
    let clears = entries.iter().any(|entry| entry.role == EntryRole::Drop);
    match (values.is_empty(), clears) {
        (false, _) => Some(Value::Entries(values)),
        (true, true) => Some(Value::ClearList),
        (true, false) => None,
    }
}

fn policy_of(key: &str, schema: &Schema) -> (ListPolicy, Overwrite) {
    let field = schema.field(key);
    field.map_or_else(Default::default, |field| (field.list, field.overwrite()))
}

/// Returns whether a field is a set of choices. A cascade is not: it is one value, although it is sent as a list.
fn is_set(key: &str, schema: &Schema) -> bool {
    schema
        .field(key)
        .is_some_and(|field| field.kind == Kind::MultiChoice)
}

fn merge_entries(sheet: &[Entry], stored: Option<&Json>, kind: Kind) -> Vec<Entry> {
    let mut entries: Vec<Entry> = items(stored.unwrap_or(&Json::Null))
        .map(stored_entry)
        .collect();
    let stored_len = entries.len();
    let (further, placed): (Vec<_>, Vec<_>) = sheet
        .iter()
        .partition(|entry| entry.role == EntryRole::Append);
    for (position, named) in placed.into_iter().enumerate() {
        if *named == Entry::default() {
            continue;
        }
        // Behind the stored entries there is no position to replace. A value that is stored already is not added again.
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
    // A stored entry with only a memo is kept. An entry of the sheet with only a memo is not.
    let mut position = 0..;
    entries.retain(|entry| {
        let is_stored = position.next().is_some_and(|at| at < stored_len);
        !entry.value.is_empty() || (is_stored && entry.memo.is_some())
    });
    for named in further {
        // The same number in another form is the same number.
        let value = normal(&named.value, kind);
        let known = entries
            .iter_mut()
            .find(|entry| normal(&entry.value, kind) == value);
        if let Some(known) = known {
            if known.memo.as_deref().unwrap_or_default().is_empty() {
                known.memo = named
                    .memo
                    .clone()
                    .filter(|memo| !memo.is_empty())
                    .or(known.memo.take());
            }
        } else if !named.value.is_empty() {
            entries.push(Entry {
                role: EntryRole::Place,
                ..named.clone()
            });
        }
    }
    entries
}

/// Unites stored choices with those of the sheet, each once, in the form in which they are sent.
fn unite(sheet: &[String], stored: Option<&Json>, field: Option<&Field>) -> Vec<String> {
    let stored = items(stored.unwrap_or(&Json::Null)).map(plain_text);
    let stored = stored.filter(|text| !text.is_empty());
    let mut texts: Vec<String> = Vec::new();
    for text in stored.chain(sheet.iter().cloned()) {
        let text = field.map_or_else(|| text.clone(), |field| as_sent(field, &text));
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

/// Returns a choice in the form in which the field sends it. A text that is no choice stays as it is.
fn as_sent(field: &Field, text: &str) -> String {
    let choices = field.choices.iter();
    let by_value = choices.clone().find(|choice| choice.value == text);
    let found = by_value.or_else(|| choices.clone().find(|choice| choice.key == text));
    match (found, field.send) {
        (Some(choice), SendAs::Value) => choice.value.clone(),
        (Some(choice), SendAs::Key) => choice.key.clone(),
        (None, _) => text.to_owned(),
    }
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
            Kind::Text,
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
        assert_eq!(
            merge_entries(&[entry("1", None)], None, Kind::Text),
            [entry("1", None)]
        );
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
            Kind::Text,
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
        let merged = merge_entries(
            &[entry("", None), role("", EntryRole::Drop)],
            Some(&stored),
            Kind::Text,
        );
        assert_eq!(merged, [entry("1", None), entry("3", None)]);
        let merged = merge_entries(
            &[entry("", None), entry("", Some(""))],
            Some(&stored),
            Kind::Text,
        );
        assert_eq!(
            merged,
            [entry("1", None), entry("2", None), entry("3", None)]
        );
    }

    #[test]
    fn a_stored_memo_without_a_value_stays_and_no_new_one_comes() {
        let stored = serde_json::json!([{"value": "", "memo": "x"}, {"value": "2"}]);
        let merged = merge_entries(
            &[entry("", None), entry("9", None), entry("", Some("y"))],
            Some(&stored),
            Kind::Text,
        );
        assert_eq!(merged, [entry("", Some("x")), entry("9", None)]);
    }

    #[test]
    fn a_choice_by_its_key_and_by_its_text_is_one() {
        let mut field = schema(ListPolicy::Merge, Overwrite::Always)
            .field("customerSource")
            .expect("a system field")
            .clone();
        field.choices = [("source_3", "官网"), ("source_4", "展会")]
            .map(|(key, value)| crate::model::Choice {
                key: key.to_owned(),
                value: value.to_owned(),
            })
            .to_vec();
        let stored = serde_json::json!(["source_3", "别的"]);
        let sheet = ["官网".to_owned(), "展会".to_owned()];
        let united = |field: &Field| unite(&sheet, Some(&stored), Some(field));
        assert_eq!(united(&field), ["官网", "别的", "展会"]);
        field.send = SendAs::Key;
        assert_eq!(united(&field), ["source_3", "别的", "source_4"]);
    }

    #[test]
    fn choices_are_united() {
        let stored = serde_json::json!(["百度"]);
        assert_eq!(
            unite(&["官网".into(), "百度".into()], Some(&stored), None),
            ["百度", "官网"]
        );
        assert_eq!(
            unite(&["官网".into()], Some(&serde_json::json!("百度")), None),
            ["百度", "官网"]
        );
    }

    fn schema(list: ListPolicy, overwrite: Overwrite) -> Schema {
        let mut schema = Schema::new(&[], &std::collections::BTreeMap::new());
        for field in &mut schema.fields {
            (field.list, field.overwrite) = (list, Some(overwrite));
        }
        schema
    }

    fn record(key: &str, value: Value) -> Record {
        let mut record = Record::default();
        record.push(crate::model::FieldKey::new(key), value);
        record
    }

    #[test]
    fn a_list_that_replaces_is_the_sheets_and_nothing_else() {
        let replace = schema(ListPolicy::Replace, Overwrite::Always);
        let drop = Entry {
            role: EntryRole::Drop,
            ..entry("", None)
        };
        let append = Entry {
            role: EntryRole::Append,
            ..entry("3", None)
        };
        // What the sheet names, and what is sent.
        for (named, sent) in [
            (
                vec![entry("", None), entry("2", Some("b")), append],
                Some(Value::Entries(vec![
                    entry("2", Some("b")),
                    entry("3", None),
                ])),
            ),
            (vec![drop], Some(Value::ClearList)),
            // A memo alone must not empty the list.
            (vec![entry("", Some("memo"))], None),
        ] {
            let record = record("mobile", Value::Entries(named));
            assert!(!needs_stored(&record, &replace));
            assert_eq!(alone(&record).get("mobile"), sent.as_ref());
        }
    }

    #[test]
    fn a_field_for_blanks_is_written_only_where_nothing_is_stored() {
        let fill = schema(ListPolicy::Merge, Overwrite::IfBlank);
        let record = record("createMethod", Value::Text("new".into()));
        assert!(needs_stored(&record, &fill));
        for (stored, is_written) in [
            (serde_json::json!({"createMethod": "old"}), false),
            (serde_json::json!({"createMethod": ""}), true),
            (serde_json::json!({"createMethod": null}), true),
            (serde_json::json!({}), true),
        ] {
            let stored = stored.as_object().expect("an object");
            assert_eq!(
                !merge(&record, stored, &fill).is_empty(),
                is_written,
                "{stored:?}"
            );
        }
    }
}
