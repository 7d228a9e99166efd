//! A flag as it was typed, kept so that a later hint can repeat it.

use serde::{Deserialize, Serialize};

/// A flag of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFlag {
    /// Its name, such as `--map`.
    pub flag: String,
    /// Its value; `None` for a switch.
    pub value: Option<String>,
}
