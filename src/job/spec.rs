//! The description of a job, as its folder keeps it: `job.json`.
//!
//! A job never depends on files that people edit meanwhile: the source is copied, and mapping, fields and
//! settings are stored as they were resolved. The secret is not among them.

use crate::job::account::Account;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::crm::ApiSettings;
use crate::job::error::JobError;
use crate::job::request::JobRequest;
use crate::job::run_settings::RunSettings;
use crate::journal::JobFolder;
use crate::mapping::{Columns, HeaderRows, LookupTable, Mapping};
use crate::model::{
    AskedFlag, JobId, JobKind, Key, Kind, Overwrite, RowNumber, Saying, Schema, is_same_file,
    rename, write_private,
};
use crate::table::{Dialect, Format};

pub(crate) const FILE: &str = "job.json";

/// The file in which an export's job folder keeps its outcome. It is written after the exported file is in place.
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

/// The treatment of a row whose key fields are all blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlankKey {
    /// The row is invalid.
    #[default]
    Invalid,
    /// The row is added as a new customer.
    Add,
}

/// The treatment of a row whose key a stored customer has.
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

/// The options of a job as a person asked for them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Which call a row becomes.
    pub mode: Mode,
    /// Whether rows that were added before are sent again.
    pub again: bool,
    /// Whether rows of a result sheet that are done are updated.
    pub include_done: bool,
    /// Whether nothing is sent unless every row is valid.
    pub strict: bool,
    /// The field into which each added row writes `<job>/<row>`: as typed a label or key, once resolved the key.
    #[serde(default)]
    pub stamp: Option<String>,
    /// The fields by which a row is recognised, as typed. [`JobSpec::keys`] has them resolved.
    #[serde(default)]
    pub key: Vec<String>,
    /// The treatment of rows whose key fields are all blank.
    #[serde(default)]
    pub blank_key: BlankKey,
    /// The treatment of rows whose key a stored customer has; `None` where nobody said.
    #[serde(default)]
    pub on_match: Option<OnMatch>,
}

impl ImportOptions {
    /// Returns the treatment of rows whose key a stored customer has. Default: update.
    pub fn on_match(&self) -> OnMatch {
        self.on_match.unwrap_or_default()
    }
}

/// The sheets that are read, and the place of their headers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SheetOptions {
    /// The names of the sheets; `*` is every sheet with a header. Empty: the only sheet whose header matches.
    pub sheets: Vec<String>,
    /// The rows of the header; `None`: they are searched for.
    pub header_row: Option<HeaderRows>,
    /// Whether columns that match nothing are left out.
    pub ignore_unmapped: bool,
    /// Whether the manifest beside the file says that it is an export. A workbook carries that itself.
    #[serde(skip)]
    pub is_export: bool,
    /// Whether no row is added, so that no field need have a column.
    #[serde(skip)]
    pub only_updates: bool,
    /// The mapping that was given. A job keeps only its result, in [`SheetPlan::columns`].
    #[serde(skip)]
    pub mapping: Option<Arc<Mapping>>,
}

/// The source as it was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// The path of the person's file; `-` for standard input.
    pub path: PathBuf,
    /// The copy's name in the job folder.
    pub file: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Its format.
    pub format: Format,
    /// How the text of a CSV file is read.
    pub dialect: Option<Dialect>,
    /// The cells that a person has corrected, which a file beside the copy holds; `None` where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectionsFile>,
}

/// The file of a job's folder that holds the corrections of its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionsFile {
    /// How many cells are corrected.
    pub cells: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

impl SourceSpec {
    /// Returns whether another job has read the same file: the content is the same, or the paths lead to one file.
    /// Standard input has no path.
    pub fn is_same_file(&self, other: &Self) -> bool {
        let have_paths = self.path.as_os_str() != "-" && other.path.as_os_str() != "-";
        self.sha256 == other.sha256
            || (have_paths && (self.path == other.path || is_same_file(&self.path, &other.path)))
    }
}

/// A sheet that is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetPlan {
    /// Position in the workbook.
    pub index: usize,
    /// Its name; empty for CSV.
    pub name: String,
    /// Row number of the header.
    pub header_row: u32,
    /// The meaning of its columns.
    pub columns: Columns,
}

/// The description of a job, without its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSpec {
    /// [`SPEC_VERSION`].
    pub version: u32,
    /// The job.
    pub id: JobId,
    /// The kind of the job.
    pub kind: JobKind,
    /// When the job was made, in Unix seconds.
    pub created: i64,
    /// The account.
    pub account: Account,
    /// The source.
    pub source: SourceSpec,
    /// The sheets of the source that are read.
    pub sheets: Vec<SheetPlan>,
    /// The fields of the account.
    pub schema: Schema,
    /// The options that were asked for.
    pub options: ImportOptions,
    /// The fields by which a row is recognised, in the order in which they are tried.
    #[serde(default)]
    pub keys: Vec<Key>,
    /// How the account's API is called: signature, paths, and the meaning of its replies.
    pub api: ApiSettings,
    /// How calls are made; `None` in jobs of versions that did not keep it.
    #[serde(default)]
    pub run: Option<RunSettings>,
    /// The flags by which the source was read, for hints; what they said is resolved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<AskedFlag>,
    /// The result sheet's path as asked for; `None`: beside the source.
    pub output: Option<PathBuf>,
    /// IANA name of the zone in which times are shown.
    pub timezone: String,
}

impl JobSpec {
    /// Describes a job as it was asked for, without options and keys.
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
            asked: request.asked,
            output: request.output,
            timezone: request.timezone,
        }
    }

    /// Returns the text that a row writes into the stamp field.
    pub fn stamp_of(&self, number: RowNumber) -> String {
        format!("{}/{}", self.id, self.row_label(number))
    }

    /// Returns the fields with the rules for a customer that was found by a key. An owner is written only where none is
    /// stored, unless a mapping says otherwise. With `--on-match fill` nothing that is stored is overwritten.
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

    /// Returns whether stored customers are looked up by keys.
    pub fn matches_keys(&self) -> bool {
        !self.keys.is_empty() && self.options.mode != Mode::Add
    }

    /// Returns whether rows of a sheet are united into one customer.
    pub fn unites_rows(&self) -> bool {
        let mut sheets = self.sheets.iter();
        sheets.any(|sheet| !sheet.columns.merge.is_empty())
    }

    /// Returns the label of a row: `17`; with several sheets `name!17`.
    pub fn row_label(&self, number: RowNumber) -> String {
        row_label(&self.sheets, number)
    }

    /// Writes the spec of a new job into the job's folder. The words of look-up files go into `lookups.json` beside it:
    /// there may be many, and only the decision about a row needs them, which the journal keeps.
    pub fn save_new(&self, folder: &JobFolder) -> Result<(), JobError> {
        save_lookups(&self.sheets, &folder.file("lookups.json"))?;
        self.save(folder)
    }

    /// Writes the spec into the job's folder anew. The look-up words that the job was begun with stay: a spec that was
    /// loaded has none.
    pub fn save(&self, folder: &JobFolder) -> Result<(), JobError> {
        let path = folder.file(FILE);
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| JobError::spec(&path, error.to_string()))?;
        let partial = folder.file("job.json.partial");
        write_private(&partial, text.as_bytes())
            .and_then(|()| rename(&partial, &path))
            .map_err(|source| JobError::File { path, source })
    }

    /// Reads the spec of a job's folder. Fails for another version, and for the spec of another job.
    pub fn load(folder: &JobFolder) -> Result<Self, JobError> {
        let path = folder.file(FILE);
        let text = std::fs::read_to_string(&path).map_err(|source| JobError::File {
            path: path.clone(),
            source,
        })?;
        // Another version has other fields. That it is another version says more than which field is missing.
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

    /// Returns the stem after which the result sheet is named: that of the source.
    pub fn stem(&self) -> String {
        stem_of(&self.source.path)
    }
}

/// Returns the label of a row, where these sheets are read.
pub(crate) fn row_label(sheets: &[SheetPlan], number: RowNumber) -> String {
    match sheets.get(usize::from(number.sheet)) {
        Some(sheet) if sheets.len() > 1 => format!("{}!{}", sheet.name, number.row),
        _ => number.row.to_string(),
    }
}

/// Returns a file's name without folder and extension; `customers` for standard input.
pub fn stem_of(path: &Path) -> String {
    match path.file_stem().and_then(|stem| stem.to_str()) {
        None | Some("-" | "") => "customers".to_owned(),
        Some(stem) => stem.to_owned(),
    }
}

/// Returns the beginning of a stem that takes at most so many bytes, with `…` where letters are left out.
pub fn stem_within(stem: &str, bytes: usize) -> String {
    if stem.len() <= bytes {
        return stem.to_owned();
    }
    let ends = stem.char_indices().map(|(position, _)| position);
    let room = bytes.saturating_sub('…'.len_utf8());
    let end = ends.take_while(|end| *end <= room).last().unwrap_or(0);
    format!("{}…", stem.get(..end).unwrap_or_default())
}

/// Writes the words of every look-up that the sheets use; no file where there is none.
fn save_lookups(plans: &[SheetPlan], path: &Path) -> Result<(), JobError> {
    let columns = plans.iter().flat_map(|plan| &plan.columns.columns);
    let used: BTreeMap<&str, _> = columns
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

/// Reads the words of every look-up of a job, by the look-up's name; none where the job has none.
pub(crate) fn load_lookups(folder: &JobFolder) -> Result<BTreeMap<String, LookupTable>, JobError> {
    let path = folder.file("lookups.json");
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(JobError::File { path, source }),
    };
    let kept: BTreeMap<String, Vec<(String, Vec<String>)>> =
        serde_json::from_slice(&bytes).map_err(|error| JobError::spec(&path, error.to_string()))?;
    let mut lookups = BTreeMap::new();
    for (name, entries) in kept {
        let mut lookup = LookupTable::new(&name);
        for (word, meanings) in entries {
            for meaning in meanings {
                lookup.add(&word, &meaning);
            }
        }
        lookups.insert(name, lookup);
    }
    Ok(lookups)
}

/// The part of `job.json` that all versions have.
#[derive(Deserialize)]
struct VersionAlone {
    version: u32,
}

/// The part of `job.json` that all kinds of jobs have.
#[derive(Deserialize)]
struct KindAlone {
    kind: JobKind,
}

/// Returns whether a job is an export. A job whose `job.json` cannot be read counts as none.
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
