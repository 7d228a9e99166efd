//! Customers as the CRM stores them, and their ids.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The `_id` of a customer: decimal digits, kept as text everywhere.
///
/// Ids have 18 or 19 digits and lie above 2^53, so a float or a spreadsheet number anywhere on the way
/// destroys them (contract.md, *The six calls*). At most 20 digits, as in the OpenAPI document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomerId(String);

/// The error of [`CustomerId::parse`]: the text is not 1 to 20 decimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an id: 1 to 20 digits")]
pub struct NotAnId(pub String);

impl CustomerId {
    /// Reads 1 to 20 ASCII digits.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        if (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId(text.to_owned()))
        }
    }

    /// Returns the digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CustomerId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

impl From<CustomerId> for String {
    fn from(id: CustomerId) -> Self {
        id.0
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A customer as the server sent it.
#[derive(Debug, Clone, PartialEq)]
pub struct Customer {
    /// Its `_id`.
    pub id: CustomerId,
    /// When the server says it was created: `yyyy-MM-dd HH:mm:ss` in the account's zone.
    pub created: Option<String>,
    /// Whether the server says that the customer was changed since it was created.
    pub edited: bool,
    /// Who created the customer, as the server names them.
    pub created_by: Option<String>,
    /// Every field of the reply by key, `_id` included, in the server's order and form.
    pub fields: serde_json::Map<String, serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_ids() {
        assert_eq!(
            CustomerId::parse("0685775343058800640").map(String::from),
            Ok("0685775343058800640".to_owned())
        );
        for bad in ["", "6.85E+17", "-1", "123456789012345678901", "１２３"] {
            assert!(CustomerId::parse(bad).is_err(), "{bad}");
        }
    }
}
