//! Touches: writes of a customer with the values that it has, to see whether the search shows the latest write.
//!
//! A touch changes the customer's update time and nothing else. It is noted before it is sent. The undo of the job that
//! added the customer must know that this update time is ferry's own, even after a crash.

use rusqlite::{OptionalExtension, params};

use super::{JournalError, Ledger};
use crate::model::CustomerId;

/// The latest touch of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// When the call left, in Unix milliseconds.
    pub sent_at: i64,
    /// The update time that the CRM gave the customer; `None` while the reply is not known.
    pub updated: Option<String>,
}

impl Ledger {
    /// Notes that a customer is about to be touched.
    pub fn touch(&self, customer: &CustomerId, sent_at: i64) -> Result<(), JournalError> {
        self.change_one(
            "INSERT OR REPLACE INTO touches(account, customer, sent_at) VALUES (?1, ?2, ?3)",
            params![self.account, customer.as_str(), sent_at],
        )
        .map(|_| ())
    }

    /// Notes the update time that the touch gave the customer.
    pub fn touched(&self, customer: &CustomerId, updated: &str) -> Result<(), JournalError> {
        self.change_one(
            "UPDATE touches SET updated = ?3 WHERE account = ?1 AND customer = ?2",
            params![self.account, customer.as_str(), updated],
        )
        .map(|_| ())
    }

    /// Returns the latest touch of a customer.
    pub fn touch_of(&self, customer: &CustomerId) -> Result<Option<Touch>, JournalError> {
        let find = || {
            let query = "SELECT sent_at, updated FROM touches WHERE account = ?1 AND customer = ?2";
            let mut statement = self.connection.prepare_cached(query)?;
            let touch = |row: &rusqlite::Row<'_>| {
                Ok(Touch {
                    sent_at: row.get(0)?,
                    updated: row.get(1)?,
                })
            };
            statement
                .query_row(params![self.account, customer.as_str()], touch)
                .optional()
        };
        find().map_err(|source| self.database_error(source))
    }
}
