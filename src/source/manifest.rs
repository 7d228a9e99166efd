//! The manifest beside an export: what is in the file, how it was read, and whether it is complete.
//!
//! `<name>.manifest.json`. Programs read it; `--keep` deletes only files that have one.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::source::ferry_sheet::FieldColumn;
use crate::table::{ReadOptions, TableError, write_file};

/// The version of the form.
const VERSION: u32 = 1;
/// What kind of manifest it is.
const KIND: &str = "ferry-export";

/// What is said of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// `ferry-export`.
    pub kind: String,
    /// 1.
    pub version: u32,
    /// The file's name.
    pub file: String,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// The name as it was asked for, with placeholders.
    pub pattern: String,
    /// Whether every customer that was there throughout is in the file.
    pub complete: bool,
    /// Customers in the file.
    pub customers: u64,
    /// The account: base URL and appid.
    pub account: String,
    /// The profile.
    pub profile: Option<String>,
    /// The job.
    pub job: String,
    /// When it began, `yyyy-MM-dd HH:mm:ss` in `timezone`.
    pub started: String,
    /// When the file was written.
    pub ended: String,
    /// The zone of all times.
    pub timezone: String,
    /// Which customers; absent for all.
    pub filter: Option<String>,
    /// How the list was read.
    pub list: ListFacts,
    /// Calls, retries included.
    pub api_calls: u64,
    /// Seconds of all runs.
    pub elapsed_s: f64,
    /// Texts that were cut at Excel's limit.
    pub cut_cells: u64,
    /// Whether the file is CSV without what Excel needs: no byte order mark, no apostrophe before text that it would run.
    #[serde(default)]
    pub plain_csv: bool,
    /// The columns that hold fields.
    pub columns: Vec<FieldColumn>,
    /// The export it was compared with.
    pub compared_with: Option<String>,
    /// What differs from that.
    pub changes: Option<ChangeCounts>,
}

/// How the list was read, and what moved meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListFacts {
    /// Customers a page.
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
    /// The least it counted.
    pub count_least: u64,
    /// The most it counted.
    pub count_most: u64,
    /// Customers in the file that were created while it was read.
    pub created_meanwhile: u64,
    /// Customers that were seen and were gone before the end.
    pub gone_meanwhile: u64,
    /// Customers that the server found for the filter and that do not meet it.
    pub not_matching: u64,
}

impl Manifest {
    /// The kind and the version that every manifest begins with.
    pub fn head() -> (String, u32) {
        (KIND.to_owned(), VERSION)
    }

    /// Where the manifest of a file lies.
    pub fn path_of(file: &Path) -> PathBuf {
        let mut name = file.file_name().unwrap_or_default().to_os_string();
        name.push(".manifest.json");
        file.with_file_name(name)
    }

    /// Reads the manifest of a file.
    pub fn beside(file: &Path) -> Result<Self, TableError> {
        Self::read(&Self::path_of(file))
    }

    /// Reads a manifest; one of something else is none.
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

    /// Writes it beside the file.
    pub(crate) fn write(&self, file: &Path) -> Result<PathBuf, TableError> {
        let path = Self::path_of(file);
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        write_file(&path, format!("{text}\n").as_bytes())?;
        Ok(path)
    }
}

/// Whether a file is an export of ours, as the manifest beside it says.
pub(crate) fn has_manifest(path: &Path) -> bool {
    Manifest::beside(path).is_ok()
}

/// How a file is to be read, by what the manifest beside it says.
pub(crate) fn read_options(path: &Path, options: &ReadOptions) -> ReadOptions {
    let is_plain = Manifest::beside(path).is_ok_and(|manifest| manifest.plain_csv);
    ReadOptions {
        is_unguarded: options.is_unguarded || is_plain,
        ..options.clone()
    }
}

/// How many customers differ.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeCounts {
    /// Customers that are new.
    pub added: u64,
    /// Customers of which a field changed.
    pub changed: u64,
    /// Fields that changed.
    pub fields: u64,
    /// Customers that are gone.
    pub gone: u64,
    /// Customers that are the same.
    pub unchanged: u64,
    /// Headers that only the old file has.
    pub only_old: Vec<String>,
    /// Headers that only the new file has.
    pub only_new: Vec<String>,
}
