//! A sheet that can be read: its name, and whether it is hidden.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::TableError;

/// A sheet that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetInfo {
    /// The name; empty for a CSV file.
    pub name: String,
    /// Whether the spreadsheet program hides the sheet.
    pub hidden: bool,
}

/// Returns what is known of sheets, each of which stands beside the place of its rows.
pub(super) fn infos<T>(sheets: &[(SheetInfo, T)]) -> Vec<SheetInfo> {
    sheets.iter().map(|(info, _)| info.clone()).collect()
}

/// Returns the sheet at a position. Fails where the file has fewer.
pub(super) fn sheet_at<'s, T>(
    sheets: &'s [T],
    path: &Path,
    position: usize,
) -> Result<&'s T, TableError> {
    sheets
        .get(position)
        .ok_or_else(|| TableError::SheetMissing {
            path: path.to_path_buf(),
            sheet: position,
        })
}
