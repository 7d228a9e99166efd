//! Records as the journal keeps them: values by the number of their field, in one JSON array.
//!
//! ```text
//! [0,"杭州云帆",2,{"e":[{"v":"13800000000"}]},5,["官网"],7,{"c":"t"}]
//! ```
//!
//! A journal holds a record for each row, and the names of fields made up more than half of it. So each name is kept
//! once, in the table `fields`, with a checksum of its own.

use std::collections::HashMap;
use std::fmt;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::checksum::checksum;
use crate::model::{Entry, FieldKey, Record, Value};

/// The key of a list of values with memos.
const ENTRIES: &str = "e";
/// The key of a field that is emptied, with what it holds otherwise: a text or a list.
const CLEARED: &str = "c";
const TEXT: &str = "t";
const LIST: &str = "l";

/// A record gets room for all fields of its journal at first, unless they are more than this.
const MOST_ROOM: usize = 32;

/// The fields of a journal's records, by their numbers.
#[derive(Debug, Default)]
pub(super) struct FieldNumbers {
    keys: Vec<FieldKey>,
    numbers: HashMap<FieldKey, usize>,
}

impl FieldNumbers {
    /// Reads the fields that a journal has. Stops at one that is not what was written: its records cannot be read then.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let query = "SELECT number, key, checksum FROM fields ORDER BY number";
        let mut statement = connection.prepare_cached(query)?;
        let mut rows = statement.query([])?;
        let mut fields = Self::default();
        while let Some(row) = rows.next()? {
            let (number, key) = (row.get_ref(0)?, row.get_ref(1)?);
            let is_next = number.as_i64().ok() == i64::try_from(fields.keys.len()).ok();
            if !is_next || checksum([number, key]) != row.get::<_, i64>(2)? {
                break;
            }
            fields.push(FieldKey::new(key.as_str()?));
        }
        Ok(fields)
    }

    /// Gives each field of the records a number, and writes those that have none yet.
    pub(super) fn note<'a>(
        &mut self,
        records: impl Iterator<Item = &'a Record>,
        connection: &Connection,
    ) -> rusqlite::Result<()> {
        for (key, _) in records.flat_map(|record| &record.fields) {
            if self.numbers.contains_key(key) {
                continue;
            }
            let number = self.keys.len() as i64;
            let sum = checksum([
                ValueRef::Integer(number),
                ValueRef::Text(key.as_str().as_bytes()),
            ]);
            let insert = "INSERT INTO fields(number, key, checksum) VALUES (?1, ?2, ?3)";
            let mut statement = connection.prepare_cached(insert)?;
            statement.execute(params![number, key.as_str(), sum])?;
            self.push(key.clone());
        }
        Ok(())
    }

    /// Makes fields with the numbers 0, 1, …
    #[cfg(feature = "fuzzing")]
    pub(super) fn of(keys: &[&str]) -> Self {
        let mut fields = Self::default();
        keys.iter().for_each(|key| fields.push(FieldKey::new(key)));
        fields
    }

    /// Returns how many fields are known.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    fn push(&mut self, key: FieldKey) {
        self.numbers.insert(key.clone(), self.keys.len());
        self.keys.push(key);
    }

    /// Returns a record as text. Every field must have its number.
    pub(super) fn write(&self, record: &Record) -> serde_json::Result<String> {
        serde_json::to_string(&WrittenRecord {
            fields: self,
            record,
        })
    }

    /// Reads a record back.
    pub(super) fn read(&self, text: &str) -> serde_json::Result<Record> {
        let mut json = serde_json::Deserializer::from_str(text);
        let record = RecordReader(self).deserialize(&mut json)?;
        json.end()?;
        Ok(record)
    }
}

struct WrittenRecord<'a> {
    fields: &'a FieldNumbers,
    record: &'a Record,
}

impl Serialize for WrittenRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = &self.record.fields;
        let mut parts = serializer.serialize_seq(Some(2 * fields.len()))?;
        for (key, value) in fields {
            let number = self.fields.numbers.get(key);
            let number =
                number.ok_or_else(|| serde::ser::Error::custom("a field without a number"))?;
            parts.serialize_element(number)?;
            parts.serialize_element(&WrittenValue(value))?;
        }
        parts.end()
    }
}

struct WrittenValue<'a>(&'a Value);

impl Serialize for WrittenValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(texts) => texts.serialize(serializer),
            Value::Entries(entries) => serializer.collect_map([(ENTRIES, entries)]),
            Value::ClearText => serializer.collect_map([(CLEARED, TEXT)]),
            Value::ClearList => serializer.collect_map([(CLEARED, LIST)]),
        }
    }
}

struct RecordReader<'a>(&'a FieldNumbers);

impl<'de> DeserializeSeed<'de> for RecordReader<'_> {
    type Value = Record;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Record, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RecordReader<'_> {
    type Value = Record;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("numbers of fields, each with its value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Record, A::Error> {
        let mut record = Record::with_room(self.0.keys.len().min(MOST_ROOM));
        while let Some(number) = parts.next_element::<usize>()? {
            let key = self.0.keys.get(number);
            let key = key.ok_or_else(|| A::Error::custom("a field that is not in the journal"))?;
            let value = parts.next_element::<StoredValue>()?;
            let value = value.ok_or_else(|| A::Error::custom("a field without a value"))?;
            record.push(key.clone(), value.0);
        }
        Ok(record)
    }
}

struct StoredValue(Value);

impl<'de> Deserialize<'de> for StoredValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueReader)
    }
}

struct ValueReader;

impl<'de> Visitor<'de> for ValueReader {
    type Value = StoredValue;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text, a list of texts, or an object with entries")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<StoredValue, E> {
        Ok(StoredValue(Value::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<StoredValue, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = parts.next_element()? {
            texts.push(text);
        }
        Ok(StoredValue(Value::List(texts)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<StoredValue, A::Error> {
        let value = match map.next_key::<&str>()? {
            Some(ENTRIES) => Value::Entries(map.next_value::<Vec<Entry>>()?),
            Some(CLEARED) => match map.next_value::<&str>()? {
                TEXT => Value::ClearText,
                LIST => Value::ClearList,
                _ => return Err(A::Error::custom("a value that is emptied in no known way")),
            },
            _ => return Err(A::Error::custom("a value of no known kind")),
        };
        match map.next_key::<&str>()? {
            None => Ok(StoredValue(value)),
            Some(_) => Err(A::Error::custom("two values in one")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EntryRole;

    fn sample() -> Record {
        let entry = |value: &str, memo: Option<&str>, role| Entry {
            value: value.to_owned(),
            memo: memo.map(str::to_owned),
            role,
        };
        let entries = vec![
            entry("13800000000", None, EntryRole::Place),
            entry("", Some("前台"), EntryRole::Append),
            entry("", None, EntryRole::Drop),
        ];
        let fields = [
            ("name", Value::Text("\"甲\"\n\u{1f}".to_owned())),
            ("text", Value::Text(String::new())),
            ("list", Value::List(vec!["官网".to_owned(), "c".to_owned()])),
            ("none", Value::List(Vec::new())),
            ("mobile", Value::Entries(entries)),
            ("email", Value::Entries(Vec::new())),
            ("left", Value::ClearText),
            ("gone", Value::ClearList),
        ];
        Record {
            fields: fields
                .map(|(key, value)| (FieldKey::new(key), value))
                .into(),
        }
    }

    fn memory() -> Connection {
        let connection = Connection::open_in_memory().expect("memory");
        let table = "CREATE TABLE fields(number INTEGER PRIMARY KEY, key TEXT NOT NULL, checksum INTEGER NOT NULL)";
        connection.execute_batch(table).expect("a table");
        connection
    }

    #[test]
    fn every_kind_of_value_comes_back_also_for_who_opens_the_journal_later() {
        let (connection, record) = (memory(), sample());
        let mut fields = FieldNumbers::default();
        fields
            .note([&record].into_iter(), &connection)
            .expect("noted");
        let text = fields.write(&record).expect("text");
        assert_eq!(fields.read(&text).expect("read"), record);
        let later = FieldNumbers::load(&connection).expect("loaded");
        assert_eq!(later.read(&text).expect("read"), record);
        let begin = r#"[0,"\"甲\"\n\u001f",1,"",2,["官网","c"],3,[],4,{"e":[{"v":"13800000000"},"#;
        assert!(text.starts_with(begin), "{text}");
    }

    #[test]
    fn a_name_of_a_field_that_was_changed_makes_its_records_unreadable() {
        let (connection, record) = (memory(), sample());
        let mut fields = FieldNumbers::default();
        fields
            .note([&record].into_iter(), &connection)
            .expect("noted");
        let text = fields.write(&record).expect("text");
        let change = "UPDATE fields SET key = 'wechat' WHERE key = 'mobile'";
        connection.execute_batch(change).expect("changed");
        let later = FieldNumbers::load(&connection).expect("loaded");
        assert!(later.read(&text).is_err());
        assert_eq!(later.read(r#"[0,"甲"]"#).expect("read").fields.len(), 1);
    }
}
