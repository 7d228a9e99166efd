//! What is known of a sheet before it is read.

use serde::{Deserialize, Serialize};

/// A sheet that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// Its name; empty for a CSV file.
    pub name: String,
    /// Whether the spreadsheet program hides it.
    pub hidden: bool,
}
