//! The fields of one customer in the form in which the CRM takes them.

use serde::{Deserialize, Serialize};

use super::FieldKey;

/// A value of one field, in the shape in which it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// A scalar, sent as a JSON string.
    #[serde(rename = "t")]
    Text(String),
    /// A list of texts, sent as a JSON array of strings (multiple choices, cascades, `customerSource`).
    #[serde(rename = "l")]
    List(Vec<String>),
    /// A list of values with memos (`mobile`, `email`, `qq`, `wechat`).
    #[serde(rename = "e")]
    Entries(Vec<Entry>),
    /// Empties a scalar field (`#CLEAR`).
    #[serde(rename = "ct")]
    ClearText,
    /// Empties a list field (`#CLEAR`).
    #[serde(rename = "cl")]
    ClearList,
}

/// One value of a list field with its memo.
///
/// An empty value means that the sheet says nothing about this position: an update keeps what is stored there, an add
/// leaves the position out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// The phone number, address or account.
    #[serde(rename = "v")]
    pub value: String,
    /// The memo; `None` when the sheet says nothing about the memo.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// What an update does with the value.
    #[serde(rename = "r", default, skip_serializing_if = "EntryRole::is_default")]
    pub role: EntryRole,
}

/// What an update does with a value of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum EntryRole {
    /// The value takes the place of the stored value at its position.
    #[default]
    #[serde(rename = "p")]
    Place,
    /// The value is appended behind the stored ones.
    #[serde(rename = "a")]
    Append,
    /// The stored value at this position is removed (`#CLEAR`).
    #[serde(rename = "d")]
    Drop,
}

impl EntryRole {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde wants"
    )]
    fn is_default(&self) -> bool {
        *self == Self::Place
    }
}

/// The fields to send for one customer, in column order, each at most once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record {
    /// Fields and their values.
    pub fields: Vec<(FieldKey, Value)>,
}

impl Record {
    /// Returns the value of a field, if the record has one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.fields
            .iter()
            .find(|(field, _)| field.as_str() == key)
            .map(|(_, value)| value)
    }

    /// Returns the customer's name, where it is sent.
    pub fn name(&self) -> Option<&str> {
        match self.get(super::CUSTOMER_NAME) {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        }
    }

    /// Returns a record of the customer's name alone, by which people know a row that is not sent.
    pub fn name_alone(&self) -> Option<Self> {
        let key = super::FieldKey::new(super::CUSTOMER_NAME);
        let name = Value::Text(self.name()?.to_owned());
        Some(Self {
            fields: vec![(key, name)],
        })
    }

    /// Makes an empty record with room for so many fields.
    pub fn with_room(fields: usize) -> Self {
        Self {
            fields: Vec::with_capacity(fields),
        }
    }

    /// Adds a field. The caller makes sure that the record does not have the field yet.
    pub fn push(&mut self, key: FieldKey, value: Value) {
        self.fields.push((key, value));
    }

    /// Returns whether nothing is to be sent.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}
