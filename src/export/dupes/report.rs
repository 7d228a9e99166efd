//! What was found, in numbers.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The result of a search for duplicates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DupesReport {
    /// Customers that were looked at.
    pub searched: u64,
    /// Groups of customers that share a key, directly or through others.
    pub groups: u64,
    /// Customers in these groups.
    pub customers: u64,
    /// What each key has found.
    pub by: Vec<KeyCount>,
    /// Whether all customers of the account were looked at; `None` for a file that does not say whether it is complete.
    pub complete: Option<bool>,
    /// The sheet; `None` where nothing was found.
    pub file: Option<PathBuf>,
    /// Calls, retries included.
    pub calls: u64,
    /// The time that it took.
    pub elapsed: Duration,
}

/// What one key has found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KeyCount {
    /// The key as it can be typed: `mobile`, `customerName+email`.
    pub key: String,
    /// The labels of its fields.
    pub label: String,
    /// Groups in which customers share it.
    pub groups: u64,
    /// Customers that share it with another.
    pub customers: u64,
}

impl DupesReport {
    /// Returns the labels of the keys that a customer shares with another, a bit each.
    pub(crate) fn labels_of(&self, keys: u64) -> String {
        let by = self.by.iter().enumerate();
        let shared = by.filter(|(position, _)| keys & (1 << position) != 0);
        let labels: Vec<&str> = shared.map(|(_, by)| by.label.as_str()).collect();
        labels.join(" / ")
    }

    /// Returns the exit code: 4 if something was found or customers may be missing, as for a difference and for an
    /// incomplete export.
    pub fn exit_code(&self) -> u8 {
        if self.groups > 0 || self.complete == Some(false) {
            4
        } else {
            0
        }
    }
}

/// What a store of groups says of itself, for whoever reads it later.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct StoreFacts {
    /// The result of the search.
    pub report: DupesReport,
    /// The headers of the members' cells.
    pub headers: Vec<String>,
    /// For each of them, whether a difference counts: not what the server sets itself.
    pub compared: Vec<bool>,
}
