//! What an export is made of, as its job folder keeps it, and what became of it.
//!
//! Like every job it never depends on files that people edit meanwhile: fields, owners and settings are kept as they
//! were resolved. The secret is not among them.

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
use crate::model::{Field, FieldKey, JobId, JobKind, Saying, Schema, folded, write_private};
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
    /// A customer a line, as the server sent it.
    Jsonl,
}

impl ExportFormat {
    /// By the end of a file's name.
    pub fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::parse(&extension)
    }

    /// By its name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "xlsx" => Some(Self::Xlsx),
            "csv" => Some(Self::Csv),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// What the headers of an export are.
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

/// Which customers, by the one condition that the API documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The field.
    pub field: FieldKey,
    /// Its label.
    pub label: String,
    /// The value as it is searched; `None` for customers without one.
    pub value: Option<String>,
    /// Of a cascade, the entries below each other that were typed; the last of them is searched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
}

impl Filter {
    /// As the server is asked.
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

    /// Whether a customer meets it: what the server finds is looked at once more, because how it searches is not known.
    pub(crate) fn matches(&self, customer: &Fields<'_>, schema: &Schema) -> bool {
        // Who is in an open sea is not a field of the customer.
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

/// A value and what it may be stored as: a choice by its text or its key.
fn spellings(field: &Field, value: &str) -> Vec<String> {
    let mut spellings = vec![folded(value)];
    for choice in &field.choices {
        if folded(&choice.value) == folded(value) || folded(&choice.key) == folded(value) {
            spellings.extend([folded(&choice.value), folded(&choice.key)]);
        }
    }
    spellings
}

/// Everything about an export but the customers.
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
    /// The same as `yyyymmdd-hhmmss` in the account's zone.
    pub stamp: String,
    /// Whose customers.
    pub account: Account,
    /// Into which fields.
    pub schema: Schema,
    /// Where the file goes; `None` for standard output.
    pub target: Option<PathBuf>,
    /// The name as it was typed, with its placeholders, from the root.
    pub pattern: String,
    /// Its form.
    pub format: ExportFormat,
    /// What stands at the head of its columns.
    pub headers: Headers,
    /// Whether CSV is made for Excel.
    pub for_excel: bool,
    /// The fields that were asked for, in order; all when there are none.
    pub fields: Vec<FieldKey>,
    /// Which customers; all for `None`.
    pub filter: Option<Filter>,
    /// Names of owners by id.
    pub owners: BTreeMap<String, String>,
    /// The export to compare with.
    pub compare: Option<PathBuf>,
    /// How many exports of this name are kept.
    pub keep: Option<u32>,
    /// For how many months the newest is kept besides.
    pub keep_monthly: Option<u32>,
    /// Passes over the list at most.
    pub max_passes: u32,
    /// Customers a page that are asked for.
    pub page_size: u32,
    /// How its calls are made.
    #[serde(default)]
    pub run: Option<RunSettings>,
    /// IANA name of the zone of all times.
    pub timezone: String,
}

impl ExportSpec {
    /// Writes it into the job's folder.
    pub fn save(&self, folder: &JobFolder) -> Result<(), JobError> {
        save(self, folder, FILE)
    }

    /// Reads it back.
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

/// What became of an export: there as soon as its file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportOutcome {
    /// The file; `None` when it went to standard output.
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

    /// That of a job; `None` while it has none.
    pub(crate) fn load(folder: &JobFolder) -> Result<Option<Self>, JobError> {
        if folder.file(EXPORT_OUTCOME).is_file() {
            load(folder, EXPORT_OUTCOME).map(Some)
        } else {
            Ok(None)
        }
    }
}

fn save(value: &impl Serialize, folder: &JobFolder, name: &str) -> Result<(), JobError> {
    let path = folder.file(name);
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| JobError::spec(&path, error.to_string()))?;
    let partial = folder.file(&format!("{name}.partial"));
    write_private(&partial, text.as_bytes())
        .and_then(|()| std::fs::rename(&partial, &path))
        .map_err(|source| JobError::File { path, source })
}

fn load<T: DeserializeOwned>(folder: &JobFolder, name: &str) -> Result<T, JobError> {
    let path = folder.file(name);
    let text = std::fs::read_to_string(&path).map_err(|source| JobError::File {
        path: path.clone(),
        source,
    })?;
    serde_json::from_str(&text).map_err(|error| JobError::spec(&path, error.to_string()))
}
