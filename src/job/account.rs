//! The account that a job reads or writes.

use serde::{Deserialize, Serialize};

/// The account that a job reads or writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account's name in the ledger: base URL and appid, or the embedded CRM.
    pub key: String,
    /// Host and port, for people.
    pub host: String,
    /// The appid.
    pub appid: String,
    /// The profile that names the account; `None` where flags or the environment did.
    pub profile: Option<String>,
    /// Whether the account is the embedded CRM.
    pub sandbox: bool,
}

impl Account {
    /// Returns the account's name in names of files: that of its profile.
    pub(crate) fn name_in_files(&self) -> &str {
        match (&self.profile, self.sandbox) {
            (Some(profile), _) => profile,
            (None, true) => "sandbox",
            (None, false) => "default",
        }
    }
}
