//! A sheet that can be read: its name, and whether it is hidden.

use serde::{Deserialize, Serialize};

/// A sheet that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// The name; empty for a CSV file.
    pub name: String,
    /// Whether the spreadsheet program hides the sheet.
    pub hidden: bool,
}
