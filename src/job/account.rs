//! The account that a job writes to.

use serde::{Deserialize, Serialize};

/// The account that a job writes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Identifies the account in the ledger: base URL and appid, or the embedded CRM.
    pub key: String,
    /// Host and port, for people.
    pub host: String,
    /// The appid.
    pub appid: String,
    /// The profile it comes from, if it comes from one.
    pub profile: Option<String>,
    /// Whether it is the embedded CRM.
    pub sandbox: bool,
}
