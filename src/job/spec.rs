//! What a job is made of, as its folder keeps it: `job.json`.
//!
//! A job never depends on files that people edit meanwhile: the source is copied, and mapping, fields and
//! settings are stored as they were resolved. The secret is not among them.

use crate::job::account::Account;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::crm::ApiSettings;
use crate::job::error::JobError;
use crate::job::request::JobRequest;
use crate::job::run_settings::RunSettings;
use crate::journal::JobFolder;
use crate::mapping::{Columns, HeaderRows, Mapping};
use crate::model::{
    JobId, JobKind, Key, Kind, Overwrite, RowNumber, Saying, Schema, write_private,
};
use crate::table::{Dialect, Format};

pub(crate) const FILE: &str = "job.json";

/// What became of an export: there as soon as its file is.
pub(crate) const EXPORT_OUTCOME: &str = "outcome.json";

/// The version of `job.json`.
pub const SPEC_VERSION: u32 = 2;

/// How rows become calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Rows with an `_id` are updates, others adds.
    #[default]
    Auto,
    /// Only adds.
    Add,
    /// Only updates.
    Update,
}

/// What becomes of a row whose keys are all blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlankKey {
    /// It is invalid.
    #[default]
    Invalid,
    /// It is added.
    Add,
}

/// What becomes of a row whose key one stored customer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMatch {
    /// The customer is updated.
    #[default]
    Update,
    /// Only its blank fields are filled.
    Fill,
    /// The row is left alone.
    Skip,
    /// The row is invalid.
    Fail,
}

/// What a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Which call.
    pub mode: Mode,
    /// Send rows that were added before.
    pub again: bool,
    /// Update the rows of a result sheet that are done.
    pub include_done: bool,
    /// Send nothing unless every row is valid.
    pub strict: bool,
    /// The field into which each added row writes `<job>/<row>`: a label or key as typed, the key once resolved.
    #[serde(default)]
    pub stamp: Option<String>,
    /// The fields by which a row is recognised, as typed; resolved in [`JobSpec::keys`].
    #[serde(default)]
    pub key: Vec<String>,
    /// What becomes of rows whose keys are all blank.
    #[serde(default)]
    pub blank_key: BlankKey,
    /// What becomes of rows whose key a stored customer has.
    #[serde(default)]
    pub on_match: Option<OnMatch>,
}

impl ImportOptions {
    /// What becomes of rows whose key a stored customer has.
    pub fn on_match(&self) -> OnMatch {
        self.on_match.unwrap_or_default()
    }
}

/// Which sheets and where their headers are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SheetOptions {
    /// Names; `*` is every sheet with a header. Empty: the only one that matches.
    pub sheets: Vec<String>,
    /// The header's rows; found when absent.
    pub header_row: Option<HeaderRows>,
    /// Leave out columns that match nothing.
    pub ignore_unmapped: bool,
    /// Whether the file is an export that comes back, as its manifest says; a workbook says so itself.
    #[serde(skip)]
    pub is_export: bool,
    /// What somebody says of single columns. A job keeps what became of it, column by column.
    #[serde(skip)]
    pub mapping: Option<Arc<Mapping>>,
}

/// The source as it was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// Where a person has it; `-` for standard input.
    pub path: PathBuf,
    /// The copy's name in the job folder.
    pub file: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Its format.
    pub format: Format,
    /// How its text is read, for CSV.
    pub dialect: Option<Dialect>,
}

/// One sheet that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetPlan {
    /// Position in the workbook.
    pub index: usize,
    /// Its name; empty for CSV.
    pub name: String,
    /// Row number of the header.
    pub header_row: u32,
    /// What its columns are.
    pub columns: Columns,
}

/// Everything about a job but its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSpec {
    /// [`SPEC_VERSION`].
    pub version: u32,
    /// The job.
    pub id: JobId,
    /// What it is for.
    pub kind: JobKind,
    /// When, in Unix seconds.
    pub created: i64,
    /// For which account.
    pub account: Account,
    /// From which source.
    pub source: SourceSpec,
    /// From which sheets of it.
    pub sheets: Vec<SheetPlan>,
    /// Into which fields.
    pub schema: Schema,
    /// What was asked for.
    pub options: ImportOptions,
    /// The fields by which a row is recognised, in the order in which they are tried.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// How the API is spoken to.
    pub api: ApiSettings,
    /// How its calls are made.
    #[serde(default)]
    pub run: Option<RunSettings>,
    /// The result sheet's name as asked for; beside the source when absent.
    pub output: Option<PathBuf>,
    /// IANA name of the zone in which times are shown.
    pub timezone: String,
}

impl JobSpec {
    /// A job as it is asked for, without options and keys.
    pub(crate) fn begin(
        request: &JobRequest,
        id: &JobId,
        kind: JobKind,
        source: SourceSpec,
        sheets: Vec<SheetPlan>,
        schema: Schema,
    ) -> Self {
        let request = request.clone();
        Self {
            version: SPEC_VERSION,
            id: id.clone(),
            kind,
            created: request.created,
            account: request.account,
            source,
            sheets,
            schema,
            options: ImportOptions::default(),
            keys: Vec::new(),
            api: request.api,
            run: Some(request.run),
            output: request.output,
            timezone: request.timezone,
        }
    }

    /// What a row writes into the stamp field.
    pub fn stamp_of(&self, number: RowNumber) -> String {
        format!("{}/{}", self.id, self.row_label(number))
    }

    /// The fields as they are written to a customer that was found by a key: an owner is only given where there is none,
    /// unless a mapping says otherwise, and with `fill` nothing is written over.
    pub fn match_schema(&self) -> Schema {
        let mut schema = self.schema.clone();
        for field in &mut schema.fields {
            let spares_owner = field.kind == Kind::Owner && field.overwrite.is_none();
            let fills = self.options.on_match() == OnMatch::Fill;
            if (spares_owner || fills) && field.overwrite() == Overwrite::Always {
                field.overwrite = Some(Overwrite::IfBlank);
            }
        }
        schema
    }

    /// Whether stored customers are looked up by keys.
    pub fn matches_keys(&self) -> bool {
        !self.keys.is_empty() && self.options.mode != Mode::Add
    }

    /// A row as people name it: `17`; with several sheets `name!17`.
    pub fn row_label(&self, number: RowNumber) -> String {
        row_label(&self.sheets, number)
    }

    /// Writes it into the job's folder. The words of look-up files stand beside it, in `lookups.json`: they may
    /// be many, and nothing but the decision about a row, which the journal keeps, ever needs them.
    pub fn save(&self, folder: &JobFolder) -> Result<(), JobError> {
        save_lookups(&self.sheets, &folder.file("lookups.json"))?;
        let path = folder.file(FILE);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| JobError::spec(&path, error.to_string()))?;
        let partial = folder.file("job.json.partial");
        write_private(&partial, text.as_bytes())
            .and_then(|()| std::fs::rename(&partial, &path))
            .map_err(|source| JobError::File { path, source })
    }

    /// Reads it back.
    pub fn load(folder: &JobFolder) -> Result<Self, JobError> {
        let path = folder.file(FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| JobError::File {
            path: path.clone(),
            source,
        })?;
        // Another version has other fields: that it is one says more than which of them is missing.
        if serde_json::from_str::<VersionAlone>(&text)
            .is_ok_and(|spec| spec.version != SPEC_VERSION)
        {
            return Err(JobError::spec(&path, Saying::OtherJobOrVersion));
        }
        let spec: Self = serde_json::from_str(&text)
            .map_err(|error| JobError::spec(&path, error.to_string()))?;
        if spec.version != SPEC_VERSION || spec.id != *folder.id() {
            return Err(JobError::spec(&path, Saying::OtherJobOrVersion));
        }
        Ok(spec)
    }

    /// The copy of the source.
    pub fn copy(&self, folder: &JobFolder) -> PathBuf {
        folder.file(&self.source.file)
    }

    /// What the result sheet is named after: the source's stem.
    pub fn stem(&self) -> String {
        stem_of(&self.source.path)
    }
}

/// A row as people name it, where these sheets are read.
pub(crate) fn row_label(sheets: &[SheetPlan], number: RowNumber) -> String {
    match sheets.get(usize::from(number.sheet)) {
        Some(sheet) if sheets.len() > 1 => format!("{}!{}", sheet.name, number.row),
        _ => number.row.to_string(),
    }
}

/// A file's name without folder and extension; `customers` for standard input.
pub fn stem_of(path: &Path) -> String {
    match path.file_stem().and_then(|stem| stem.to_str()) {
        None | Some("-" | "") => "customers".to_owned(),
        Some(stem) => stem.to_owned(),
    }
}

/// Writes the words of every look-up that the sheets use; nothing where there is none.
fn save_lookups(plans: &[SheetPlan], path: &Path) -> Result<(), JobError> {
    let columns = plans.iter().flat_map(|plan| &plan.columns.columns);
    let used: std::collections::BTreeMap<&str, _> = columns
        .filter_map(|column| column.rule.lookup.as_ref())
        .map(|lookup| (lookup.name.as_str(), lookup.entries()))
        .collect();
    if used.is_empty() {
        return Ok(());
    }
    let text =
        serde_json::to_vec(&used).map_err(|error| JobError::spec(path, error.to_string()))?;
    write_private(path, &text).map_err(|source| JobError::File {
        path: path.to_path_buf(),
        source,
    })
}

/// What tells versions of `job.json` apart.
#[derive(Deserialize)]
struct VersionAlone {
    version: u32,
}

/// What tells kinds of jobs apart.
#[derive(Deserialize)]
struct KindAlone {
    kind: JobKind,
}

/// Whether a job is an export; one whose `job.json` cannot be read is none.
pub fn is_export(folder: &JobFolder) -> bool {
    let text = std::fs::read_to_string(folder.file(FILE)).unwrap_or_default();
    serde_json::from_str::<KindAlone>(&text).is_ok_and(|spec| spec.kind == JobKind::Export)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_of_another_version_is_named_as_such() {
        let root = tempfile::tempdir().expect("a folder");
        let state = crate::journal::StateFolder::open(root.path()).expect("a state folder");
        let id = JobId::from_parts("20261123-173015", "customers");
        let (folder, _lock) = state.create_job(&id).expect("a job");
        let before = r#"{"version": 1, "id": "20261123-173015-customers", "command": "import"}"#;
        std::fs::write(folder.file(FILE), before).expect("written");
        let error = JobSpec::load(&folder).expect_err("another version");
        let JobError::Spec { detail, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(detail, Saying::OtherJobOrVersion.into());
    }
}
