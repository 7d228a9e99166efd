//! A key: the fields by which a row is recognised.

use crate::model::FieldKey;
use serde::Deserialize;
use serde::Serialize;
/// One key: the fields that hold together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Keys of the fields.
    pub fields: Vec<FieldKey>,
}

impl Key {
    /// As it could be typed.
    pub(crate) fn to_text(&self) -> String {
        let fields: Vec<&str> = self.fields.iter().map(FieldKey::as_str).collect();
        fields.join("+")
    }
}
