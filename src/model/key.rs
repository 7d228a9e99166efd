//! The fields by which a row is recognised as a stored customer.

use crate::model::FieldKey;
use serde::Deserialize;
use serde::Serialize;
/// A key: fields whose values together identify a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The keys of the fields.
    pub fields: Vec<FieldKey>,
}

impl Key {
    /// Returns the key as it is typed: `customerName+mobile`.
    pub(crate) fn to_text(&self) -> String {
        let fields: Vec<&str> = self.fields.iter().map(FieldKey::as_str).collect();
        fields.join("+")
    }
}
