//! The description of an export, as its job folder keeps it, and its outcome.
//!
//! Like every job an export never depends on files that people edit meanwhile: fields, owners and settings are kept as
//! they were resolved. The secret is not among them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::crm::Condition;
use crate::export::fields::Fields;
use crate::job::account::Account;
use crate::job::error::JobError;
use crate::job::run_settings::RunSettings;
use crate::job::spec::{EXPORT_OUTCOME, FILE, SPEC_VERSION};
use crate::journal::JobFolder;
use crate::model::{
    Field, FieldKey, JobId, JobKind, Saying, Schema, folded, rename, write_private,
};
use crate::stored::cell::levels;
use crate::stored::value::{items, plain_text};

/// The form of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A workbook.
    Xlsx,
    /// Delimited text.
    Csv,
    /// JSON lines: one customer a line, as the server sent it.
    Jsonl,
}

impl ExportFormat {
    /// Returns the form by the extension of a file's name.
    pub fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::parse(&extension)
    }

    /// Returns the form by its name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "xlsx" => Some(Self::Xlsx),
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// The kind of an export's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Headers {
    /// Labels.
    #[default]
    Label,
    /// Keys.
    Key,
    /// `label (key)`.
    Both,
}

/// The condition that the exported customers meet. The API documents one condition for a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The field.
    pub field: FieldKey,
    /// Its label.
    pub label: String,
    /// The value as it is searched; `None` for customers without a value.
    pub value: Option<String>,
    /// For a cascade, the entries of the path that was typed. The last of them is searched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
}

impl Filter {
    /// Returns the condition as the server is asked.
    pub(crate) fn condition(&self) -> Condition {
        let field = self.field.as_str().to_owned();
        match &self.value {
            Some(value) => Condition::Equals {
                field,
                value: value.clone(),
            },
            None => Condition::Empty { field },
        }
    }

    /// Returns whether a customer meets the filter. The server's finds are checked again, because how it searches is
    /// not known.
    pub(crate) fn matches(&self, customer: &Fields<'_>, schema: &Schema) -> bool {
        // The open seas of a customer are no field of the customer, so they cannot be checked.
        let Some(field) = schema.field(self.field.as_str()) else {
            return true;
        };
        let stored = customer.get(self.field.as_str());
        if !self.path.is_empty() {
            let folded_all = |texts: &[String]| texts.iter().map(|text| folded(text)).collect();
            let path: Vec<String> = folded_all(&self.path);
            let levels: Vec<String> = folded_all(&levels(field, stored));
            return levels.windows(path.len()).any(|part| part == path);
        }
        let texts = items(stored).map(|item| match item {
            Json::Object(entry) => entry.get("value").map(plain_text).unwrap_or_default(),
            other => plain_text(other),
        });
        match &self.value {
            Some(value) => {
                let spellings = spellings(field, value);
                texts
                    .into_iter()
                    .any(|text| spellings.contains(&folded(&text)))
            }
            None => texts.into_iter().all(|text| text.is_empty()),
        }
    }
}

/// Returns the texts, folded, as which a value may be stored: for a choice its text and its key.
fn spellings(field: &Field, value: &str) -> Vec<String> {
    let mut spellings = vec![folded(value)];
    for choice in &field.choices {
        if folded(&choice.value) == folded(value) || folded(&choice.key) == folded(value) {
            spellings.extend([folded(&choice.value), folded(&choice.key)]);
        }
    }
    spellings
}

/// Which columns are wanted, and of which fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnChoice<'a> {
    /// The fields of the account.
    pub schema: &'a Schema,
    /// The wanted fields, in order; empty for all.
    pub fields: &'a [FieldKey],
    /// The kind of the headers.
    pub headers: Headers,
    /// The names of owners by id.
    pub owners: &'a BTreeMap<String, String>,
}

/// The description of an export, without the customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExportSpec {
    /// The version of the file.
    pub version: u32,
    /// The job.
    pub id: JobId,
    /// [`JobKind::Export`].
    pub kind: JobKind,
    /// When it began, in Unix seconds.
    pub created: i64,
    /// When the export began, as `yyyymmdd-hhmmss` in the account's zone.
    pub stamp: String,
    /// The account of the customers.
    pub account: Account,
    /// The fields of the account.
    pub schema: Schema,
    /// The path of the file; `None` for standard output.
    pub target: Option<PathBuf>,
    /// The absolute path that was typed, with its placeholders.
    pub pattern: String,
    /// The file's form.
    pub format: ExportFormat,
    /// The kind of the headers.
    pub headers: Headers,
    /// Whether a CSV file is made for Excel.
    pub for_excel: bool,
    /// The fields that were asked for, in order; empty for all.
    pub fields: Vec<FieldKey>,
    /// The filter; `None` for all customers.
    pub filter: Option<Filter>,
    /// The names of owners by id.
    pub owners: BTreeMap<String, String>,
    /// The export to compare with.
    pub compare: Option<PathBuf>,
    /// How many exports of this name are kept.
    pub keep: Option<u32>,
    /// For how many months the newest export is kept besides.
    pub keep_monthly: Option<u32>,
    /// The most passes over the list.
    pub max_passes: u32,
    /// The number of customers to ask for in a page.
    pub page_size: u32,
    /// How calls are made.
    #[serde(default)]
    pub run: Option<RunSettings>,
    /// The IANA name of the zone of all times.
    pub timezone: String,
}

impl ExportSpec {
    /// Returns which columns the export has.
    pub fn column_choice(&self) -> ColumnChoice<'_> {
        ColumnChoice {
            schema: &self.schema,
            fields: &self.fields,
            headers: self.headers,
            owners: &self.owners,
        }
    }

    /// Writes the spec into the job's folder.
    pub fn save(&self, folder: &JobFolder) -> Result<(), JobError> {
        save(self, folder, FILE)
    }

    /// Reads the spec of a job's folder. Fails for another version, another job, and another kind of job.
    pub fn load(folder: &JobFolder) -> Result<Self, JobError> {
        let spec: Self = load(folder, FILE)?;
        if spec.version != SPEC_VERSION || spec.id != *folder.id() || spec.kind != JobKind::Export {
            return Err(JobError::spec(
                &folder.file(FILE),
                Saying::OtherJobOrVersion,
            ));
        }
        Ok(spec)
    }
}

/// The outcome of an export. It is written after the file is in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportOutcome {
    /// The file; `None` when the customers went to standard output.
    pub file: Option<PathBuf>,
    /// Customers in it.
    pub customers: u64,
    /// Whether it is complete.
    pub complete: bool,
    /// Calls of all runs.
    pub calls: u64,
    /// Time of all runs, in milliseconds.
    pub elapsed_ms: u64,
    /// The file's SHA-256.
    pub sha256: Option<String>,
}

impl ExportOutcome {
    pub(crate) fn save(&self, folder: &JobFolder) -> Result<(), JobError> {
        save(self, folder, EXPORT_OUTCOME)
    }

    /// Reads the outcome of a job; `None` while it has none.
    pub(crate) fn load(folder: &JobFolder) -> Result<Option<Self>, JobError> {
        if folder.file(EXPORT_OUTCOME).is_file() {
            load(folder, EXPORT_OUTCOME).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Writes a file of the job's folder as a whole.
pub(super) fn save(value: &impl Serialize, folder: &JobFolder, name: &str) -> Result<(), JobError> {
    let path = folder.file(name);
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| JobError::spec(&path, error.to_string()))?;
    let partial = folder.file(&format!("{name}.partial"));
    write_private(&partial, text.as_bytes())
        .and_then(|()| rename(&partial, &path))
        .map_err(|source| JobError::File { path, source })
}

/// Reads a file of the job's folder.
pub(super) fn load<T: DeserializeOwned>(folder: &JobFolder, name: &str) -> Result<T, JobError> {
    let path = folder.file(name);
    let text = std::fs::read_to_string(&path).map_err(|source| JobError::File {
        path: path.clone(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| JobError::spec(&path, error.to_string()))
}
