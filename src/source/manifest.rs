//! The manifest beside an export, `<name>.manifest.json`: what is in the file, how it was read, whether it is complete.
//!
//! Programs read it. `--keep` deletes only files that have one.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::source::ferry_sheet::FieldColumn;
use crate::table::{ReadOptions, TableError, write_file};

/// The version of the manifest's format.
const VERSION: u32 = 1;
/// The kind of every manifest.
const KIND: &str = "ferry-export";

/// The facts about an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The kind, `ferry-export`.
    pub kind: String,
    /// The version of the format, 1.
    pub version: u32,
    /// The file's name.
    pub file: String,
    /// The file's SHA-256, hexadecimal.
    pub sha256: String,
    /// The file's size in bytes.
    pub bytes: u64,
    /// The file's name as it was asked for, with placeholders.
    pub pattern: String,
    /// Whether every customer that was there throughout is in the file.
    pub complete: bool,
    /// Customers in the file.
    pub customers: u64,
    /// The account: base URL and appid.
    pub account: String,
    /// The profile's name; absent without one.
    pub profile: Option<String>,
    /// The job's id.
    pub job: String,
    /// When the export began, `yyyy-MM-dd HH:mm:ss` in `timezone`.
    pub started: String,
    /// When the file was written, in the same form.
    pub ended: String,
    /// The time zone of all times.
    pub timezone: String,
    /// The condition that customers in the file meet; absent for all customers.
    pub filter: Option<String>,
    /// How the list was read.
    pub list: ListFacts,
    /// Calls, retries included.
    pub api_calls: u64,
    /// Seconds that all runs of the job took together.
    pub elapsed_s: f64,
    /// Texts that were cut at Excel's limit.
    pub cut_cells: u64,
    /// Whether the file is plain CSV: no byte order mark, and no apostrophe before text that Excel would run.
    #[serde(default)]
    pub plain_csv: bool,
    /// The columns that hold fields.
    pub columns: Vec<FieldColumn>,
    /// The older export that the file was compared with.
    pub compared_with: Option<String>,
    /// The differences from the older export.
    pub changes: Option<ChangeCounts>,
}

/// How the list of customers was read, and what changed in it meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListFacts {
    /// Customers on a page.
    pub page_size: u32,
    /// Passes over the list.
    pub passes: u32,
    /// Pages of all passes.
    pub pages: u64,
    /// Customers that a pass brought twice.
    pub repeats: u64,
    /// Pages that held fewer customers than they should, also when asked for again.
    pub short_pages: u64,
    /// How many customers the server counted at the start.
    pub count_at_start: u64,
    /// The lowest number of customers that the server counted.
    pub count_least: u64,
    /// The highest number of customers that the server counted.
    pub count_most: u64,
    /// Customers in the file that were created while the list was read.
    pub created_meanwhile: u64,
    /// Customers that were seen and were gone before the end.
    pub gone_meanwhile: u64,
    /// Customers that the server found for the filter although they do not meet it.
    pub not_matching: u64,
}

impl Manifest {
    /// Returns the kind and the version that every manifest begins with.
    pub fn head() -> (String, u32) {
        (KIND.to_owned(), VERSION)
    }

    /// Returns the path of a file's manifest.
    pub fn path_of(file: &Path) -> PathBuf {
        let mut name = file.file_name().unwrap_or_default().to_os_string();
        name.push(".manifest.json");
        file.with_file_name(name)
    }

    /// Reads the manifest of a file.
    pub fn beside(file: &Path) -> Result<Self, TableError> {
        Self::read(&Self::path_of(file))
    }

    /// Reads a manifest; one of another kind or version is an error.
    pub fn read(path: &Path) -> Result<Self, TableError> {
        let text =
            std::fs::read_to_string(path).map_err(|error| TableError::from_io(path, error))?;
        let manifest: Self = serde_json::from_str(&text)
            .map_err(|error| TableError::from_io(path, std::io::Error::other(error)))?;
        if manifest.kind == KIND && manifest.version == VERSION {
            Ok(manifest)
        } else {
            let other = std::io::Error::other("another kind of manifest");
            Err(TableError::from_io(path, other))
        }
    }

    /// Writes the manifest beside the file, and returns its path.
    pub(crate) fn write(&self, file: &Path) -> Result<PathBuf, TableError> {
        let path = Self::path_of(file);
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        write_file(&path, format!("{text}\n").as_bytes())?;
        Ok(path)
    }
}

/// Returns whether a file has a manifest, that is, whether ferry exported it.
pub(crate) fn has_manifest(path: &Path) -> bool {
    Manifest::beside(path).is_ok()
}

/// Returns the options for reading a file; a manifest beside it tells whether it is plain CSV.
pub(crate) fn read_options(path: &Path, options: &ReadOptions) -> ReadOptions {
    let is_plain = Manifest::beside(path).is_ok_and(|manifest| manifest.plain_csv);
    ReadOptions {
        is_unguarded: options.is_unguarded || is_plain,
        ..options.clone()
    }
}

/// How many customers and fields differ between two exports.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Customers that only the new file has.
    pub added: u64,
    /// Customers of whom a field changed.
    pub changed: u64,
    /// Fields that changed.
    pub fields: u64,
    /// Customers that only the old file has.
    pub gone: u64,
    /// Customers that are the same.
    pub unchanged: u64,
    /// Headers that only the old file has.
    pub only_old: Vec<String>,
    /// Headers that only the new file has.
    pub only_new: Vec<String>,
}
