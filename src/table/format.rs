//! The formats of a spreadsheet file.

use serde::{Deserialize, Serialize};

/// A file format, as far as reading and writing differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Delimited text: `.csv`, `.tsv`, `.txt`.
    Csv,
    /// Office Open XML: `.xlsx`, `.xlsm`.
    Xlsx,
    /// Office Open XML in binary records: `.xlsb`. Read only.
    Xlsb,
    /// Excel 5 to 2003: `.xls`. Read only.
    Xls,
    /// Open Document Format: `.ods`. Read only.
    Ods,
}
