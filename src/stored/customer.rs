//! A stored customer as one line of JSON: in the journal, in the spool, and between stages.
//!
//! A line that cannot be read back is damage and ends the job. It is never taken for a customer without fields. Then
//! everything would seem to have changed, no customer would have a key, and an undo would have nothing to restore.

use std::ops::Deref;

use serde_json::{Map, Value as Json};

use crate::model::{CUSTOMER_NAME, CustomerId};
use crate::stored::value::plain_text;

/// The fields of a stored customer.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct StoredCustomer(Map<String, Json>);

/// The error of a line that holds no customer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Unreadable {
    /// Makes the error of a customer in a list that has no `_id`.
    pub(crate) fn without_id() -> Self {
        Self("no _id".to_owned())
    }
}

impl StoredCustomer {
    /// Parses a line.
    pub fn parse(line: &str) -> Result<Self, Unreadable> {
        read(line).map(Self)
    }

    /// Parses an image of a row's customer, where there is one.
    pub fn of_image(line: Option<&String>) -> Result<Option<Self>, Unreadable> {
        line.map(|line| Self::parse(line)).transpose()
    }

    /// Returns the line of a customer.
    pub fn line_of(fields: &Map<String, Json>) -> String {
        // A map of JSON values is always JSON. An empty line would be refused when it is read back.
        serde_json::to_string(fields).unwrap_or_default()
    }

    /// Returns the customer's id.
    pub fn id(&self) -> Option<CustomerId> {
        let id = self.0.get("_id").map(plain_text)?;
        CustomerId::parse(&id).ok()
    }

    /// Returns the customer's name; empty when it has none.
    pub fn name(&self) -> String {
        self.0
            .get(CUSTOMER_NAME)
            .map(plain_text)
            .unwrap_or_default()
    }
}

/// Parses a line of JSON as any type.
pub(crate) fn read<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, Unreadable> {
    serde_json::from_str(line).map_err(|error| Unreadable(error.to_string()))
}

impl Deref for StoredCustomer {
    type Target = Map<String, Json>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Unreadable> for std::io::Error {
    fn from(error: Unreadable) -> Self {
        Self::new(std::io::ErrorKind::InvalidData, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_back_and_what_is_no_customer_does_not() {
        let line = r#"{"_id":685775343058800640,"customerName":"甲","n":1.50}"#;
        let stored = StoredCustomer::parse(line).expect("a customer");
        assert_eq!(StoredCustomer::line_of(&stored), line);
        let id = stored.id().expect("an id");
        assert_eq!(
            (id.as_str(), stored.name().as_str()),
            ("685775343058800640", "甲")
        );
        for line in ["", "null", "[]", "{\"_id\":", "\"甲\""] {
            assert!(StoredCustomer::parse(line).is_err(), "{line}");
        }
        assert_eq!(StoredCustomer::of_image(None), Ok(None));
    }
}
