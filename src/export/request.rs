//! The request for an export, resolved against the account's fields before the list is read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::export::diff::file::ExportFile;
use crate::export::keep::{Like, last_complete};
use crate::export::spec::{ExportFormat, ExportSpec, Filter, Headers};
use crate::job::account::Account;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::request::JobRequest;
use crate::job::spec::SPEC_VERSION;
use crate::journal::JobFolder;
use crate::mapping::{Match, match_header, nearest_labels};
use crate::model::{
    CascadeOption, Code, Fact, Field, FieldKey, FieldOverride, JobKind, Kind, Monitor, OPEN_SEAS,
    Phrase, Problem, Saying, Schema, SendAs, Slot, comparable, impossible_part, make_private_file,
    mend_private,
};
use crate::results::place::folder_of;
use crate::source::copy::hex;
use crate::source::manifest::Manifest;
use crate::source::owners;
use crate::table::TableError;

/// The value of `--compare` for the newest export of the same name.
const LAST: &str = "last";

/// How often the list is read at most until it is complete, where nobody has said otherwise.
pub(crate) const MAX_PASSES: u32 = 5;

/// A condition as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// `--where FIELD=VALUE`.
    Equals(String, String),
    /// `--where-empty FIELD`.
    Empty(String),
}

/// The request for an export.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// The part that all jobs have; its `output` is the file.
    pub job: JobRequest,
    /// The file's name before its placeholders were filled in.
    pub pattern: String,
    /// The file's form.
    pub format: ExportFormat,
    /// What the headers are.
    pub headers: Headers,
    /// Whether a CSV file is made for Excel.
    pub for_excel: bool,
    /// The fields by label or key, in order; empty for all.
    pub fields: Vec<String>,
    /// The condition that customers must meet.
    pub condition: Option<Where>,
    /// The older export to compare with, or `last`.
    pub compare: Option<String>,
    /// How many exports of this name are kept.
    pub keep: Option<u32>,
    /// For how many months the newest export is kept besides.
    pub keep_monthly: Option<u32>,
    /// The most passes over the list.
    pub max_passes: u32,
    /// The number of customers to ask for in a page.
    pub page_size: u32,
    /// Settings of single fields, by key.
    pub overrides: BTreeMap<String, FieldOverride>,
    /// The look-up file of owners.
    pub owners: Option<PathBuf>,
}

impl ExportRequest {
    /// Returns the name of the lock that keeps two exports of the same from overlapping.
    pub(crate) fn lock_name(&self) -> String {
        match self.job.output {
            Some(_) => lock_name(&self.job.account, &self.pattern),
            // Two exports to standard output do not disturb each other.
            None => lock_name(
                &self.job.account,
                &format!("- {} {}", self.job.stamp, std::process::id()),
            ),
        }
    }

    /// Returns the target as messages show it.
    pub(crate) fn shown_target(&self) -> String {
        let target = self.job.output.as_ref();
        target.map_or_else(|| "-".to_owned(), |path| path.display().to_string())
    }
}

/// Returns the name of an export's lock, by the account and the name that was typed.
pub(crate) fn lock_name(account: &Account, pattern: &str) -> String {
    digest_of(&format!("{}\n{pattern}", account.key))
}

/// Returns the name of a file's lock, however the path was written.
pub(crate) fn file_lock_name(target: &Path) -> String {
    let folder = target
        .parent()
        .and_then(|folder| folder.canonicalize().ok());
    let name = target.file_name().unwrap_or_default();
    let file = folder.map_or_else(|| target.to_path_buf(), |folder| folder.join(name));
    digest_of(&format!("file\n{}", comparable(&file.to_string_lossy())))
}

fn digest_of(text: &str) -> String {
    hex(Sha256::digest(text).get(..12).unwrap_or_default())
}

/// Fails, before the first call, where no file can be written into the target's folder.
pub(crate) fn check_target(target: Option<&Path>) -> Result<(), JobError> {
    let Some(target) = target else { return Ok(()) };
    let folder = folder_of(target);
    let refused = |code, detail: &str| {
        let problem = Problem::new(code).with("path", folder.to_string_lossy());
        JobError::Output(problem.with("detail", detail))
    };
    let unusable = |detail: Fact| {
        let problem = Problem::new(Code::TargetUnwritable).with("path", target.to_string_lossy());
        JobError::Output(problem.with("detail", detail))
    };
    if target.is_dir() {
        return Err(unusable(Saying::IsAFolder.into()));
    }
    // The name may come from `ferry.toml`; a typed one has been looked at already.
    if let Some(part) = impossible_part(&target.to_string_lossy()) {
        let why = Phrase::new(Saying::ImpossibleName).with("name", part);
        return Err(unusable(why.into()));
    }
    if !folder.is_dir() {
        return Err(refused(Code::FolderMissing, ""));
    }
    // Elsewhere only the folder's rights matter for a file that is replaced.
    if cfg!(windows) && std::fs::metadata(target).is_ok_and(|found| found.permissions().readonly())
    {
        return Err(unusable(Saying::IsReadOnly.into()));
    }
    if let Err(error) = std::fs::symlink_metadata(target)
        && error.kind() == std::io::ErrorKind::InvalidFilename
    {
        return Err(unusable(error.to_string().into()));
    }
    tempfile::Builder::new()
        .prefix(".ferry-")
        .suffix(".tmp")
        .tempfile_in(folder)
        .map(drop)
        .map_err(|error| refused(Code::TargetUnwritable, &error.to_string()))
}

/// Resolves the request. Makes at most two calls.
pub(crate) fn resolve_where(
    request: &ExportRequest,
    folder: &JobFolder,
    context: &Context,
) -> Result<ExportSpec, JobError> {
    let schema = Schema::new(&context.crm.fields()?, &request.overrides);
    let mut problems = Vec::new();
    let mut fields = Vec::new();
    for name in request
        .fields
        .iter()
        .flat_map(|name| names_in(name, &schema))
    {
        match find_field(name, &schema) {
            Ok(Some(field)) => fields.push(field.key.clone()),
            // The id is exported in any case.
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    let mut known = Vec::new();
    fields.retain(|key: &FieldKey| {
        !known.contains(key) && {
            known.push(key.clone());
            true
        }
    });
    let known = owners::named_owners(&owners::OwnerSources {
        file: request.owners.as_deref(),
        state: &context.state,
        account: &request.job.account.key,
    })?;
    let filter = match &request.condition {
        Some(condition) => filter_of(condition, &schema, &known)
            .map_err(|problem| problems.push(problem))
            .ok(),
        None => None,
    };
    if !problems.is_empty() {
        return Err(JobError::Input(problems));
    }
    let filter_text = filter.as_ref().map(filter_text);
    let compare = baseline(request, filter_text.as_deref(), context)?;
    if let Some(path) = &compare {
        keep_baseline(path, folder)?;
    }
    Ok(ExportSpec {
        version: SPEC_VERSION,
        id: folder.id().clone(),
        kind: JobKind::Export,
        created: request.job.created,
        stamp: request.job.stamp.clone(),
        account: request.job.account.clone(),
        schema,
        target: request.job.output.clone(),
        pattern: request.pattern.clone(),
        format: request.format,
        headers: request.headers,
        for_excel: request.for_excel,
        fields,
        filter,
        owners: known,
        compare,
        keep: request.keep,
        keep_monthly: request.keep_monthly,
        max_passes: request.max_passes,
        page_size: request.page_size,
        run: Some(request.job.run.clone()),
        timezone: request.job.timezone.clone(),
    })
}

/// Returns a filter as manifests and sheets show it.
pub(crate) fn filter_text(filter: &Filter) -> String {
    let value = filter.value.as_deref().unwrap_or_default();
    let path = filter.path.join("/");
    let value = if path.is_empty() { value } else { &path };
    format!("{}={value}", filter.label)
}

/// Splits a typed list of names at Chinese commas, unless the whole is the name of a field.
fn names_in<'n>(typed: &'n str, schema: &Schema) -> Vec<&'n str> {
    match find_field(typed, schema) {
        Ok(_) => vec![typed],
        Err(_) => typed
            .split('，')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect(),
    }
}

/// Returns the field of a label or key; `None` for the id.
fn find_field<'a>(name: &str, schema: &'a Schema) -> Result<Option<&'a Field>, Problem> {
    match match_header(name, schema) {
        Some(Match::Id) => Ok(None),
        Some(Match::Field(position, _)) => Ok(schema.fields.get(position)),
        _ => {
            let near = nearest_labels(name, schema);
            let near = Fact::list(near.iter().map(String::as_str));
            Err(Problem::new(Code::NoSuchField)
                .with("field", name)
                .with("nearest", near))
        }
    }
}

fn filter_of(
    condition: &Where,
    schema: &Schema,
    owners: &BTreeMap<String, String>,
) -> Result<Filter, Problem> {
    let (Where::Equals(name, _) | Where::Empty(name)) = condition;
    // The documented example of a search: customers that are in no open sea.
    if name.trim() == OPEN_SEAS && matches!(condition, Where::Empty(_)) {
        return Ok(Filter {
            field: FieldKey::new(OPEN_SEAS),
            label: OPEN_SEAS.to_owned(),
            value: None,
            path: Vec::new(),
        });
    }
    // A search names a field, and no place in a field.
    if let Some(Match::Field(_, slot)) = match_header(name, schema)
        && !matches!(slot, Slot::Whole | Slot::Value(1))
    {
        return Err(Problem::new(Code::NotSearchableField).with("field", name));
    }
    let Some(field) = find_field(name, schema)? else {
        return Err(Problem::new(Code::NotSearchableField).with("field", name));
    };
    if field.searchable == Some(false) {
        return Err(Problem::new(Code::NotSearchableField).with("field", &field.label));
    }
    let (value, path) = match condition {
        Where::Equals(_, value) => match path_of(field, value.trim()) {
            Some(path) => (path.last().cloned(), path),
            None => (Some(searched(field, value.trim(), owners)?), Vec::new()),
        },
        Where::Empty(_) => (None, Vec::new()),
    };
    Ok(Filter {
        field: field.key.clone(),
        label: field.label.clone(),
        value,
        path,
    })
}

/// Returns a value as the server keeps it: a choice as it is sent, an owner by id.
fn searched(
    field: &Field,
    value: &str,
    owners: &BTreeMap<String, String>,
) -> Result<String, Problem> {
    let wrong = |code| {
        Problem::new(code)
            .with("field", &field.label)
            .with("value", value)
    };
    match field.kind {
        Kind::Choice | Kind::MultiChoice if !field.choices.is_empty() => {
            let choices = &field.choices;
            let found = choices.iter().find(|choice| choice.value == value);
            let found = found.or_else(|| choices.iter().find(|choice| choice.key == value));
            let Some(choice) = found else {
                let known = choices.iter().take(8).map(|choice| choice.value.as_str());
                return Err(wrong(Code::NotAChoice).with("choices", Fact::list(known)));
            };
            Ok(match field.send {
                SendAs::Value => choice.value.clone(),
                SendAs::Key => choice.key.clone(),
            })
        }
        Kind::Owner if !value.bytes().all(|byte| byte.is_ascii_digit()) => {
            let mut ids = owners.iter().filter(|(_, name)| *name == value);
            match (ids.next(), ids.next()) {
                (Some((id, _)), None) => Ok(id.clone()),
                _ => Err(wrong(Code::NotAnOwner)),
            }
        }
        _ => Ok(value.to_owned()),
    }
}

/// Returns the entries of a cascade's path such as `浙江/杭州`; `None` where the text is a single entry.
fn path_of(field: &Field, value: &str) -> Option<Vec<String>> {
    let is_entry = |text: &str| field.cascade.iter().any(|entry| has_entry(entry, text));
    if field.kind != Kind::Cascade || is_entry(value) {
        return None;
    }
    let path: Vec<String> = value
        .split('/')
        .map(|entry| entry.trim().to_owned())
        .collect();
    (path.len() > 1 && path.iter().all(|entry| !entry.is_empty())).then_some(path)
}

fn has_entry(entry: &CascadeOption, text: &str) -> bool {
    entry.value == text || entry.children.iter().any(|child| has_entry(child, text))
}

/// Returns the path of the job's own copy of the export that it compares with. The original may be overwritten by this
/// export before it is read.
pub(crate) fn baseline_in(folder: &JobFolder, path: &Path) -> PathBuf {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    folder.file(&format!("baseline.{extension}"))
}

fn keep_baseline(path: &Path, folder: &JobFolder) -> Result<(), JobError> {
    let copy = baseline_in(folder, path);
    let copied = |from: &Path, to: &Path| {
        let copied = make_private_file(to).and_then(|()| std::fs::copy(from, to));
        // A copy has the rights of its original, which others may be allowed to read.
        mend_private(to);
        copied.map_err(|error| TableError::from_io(from, error))
    };
    copied(path, &copy)?;
    let manifest = Manifest::path_of(path);
    if manifest.is_file() {
        copied(&manifest, &Manifest::path_of(&copy))?;
    }
    Ok(())
}

/// Finds the export to compare with. It must be complete, of this account, and of the same customers.
fn baseline(
    request: &ExportRequest,
    filter: Option<&str>,
    context: &Context,
) -> Result<Option<PathBuf>, JobError> {
    let Some(compare) = &request.compare else {
        return Ok(None);
    };
    if compare == LAST {
        let folder = request.job.output.as_deref().and_then(Path::parent);
        let like = Like {
            pattern: &request.pattern,
            account: &request.job.account.key,
            filter,
        };
        let found = folder.and_then(|folder| last_complete(folder, &like));
        if found.is_none() {
            context.monitor.notice(&Problem::new(Code::NoBaseline));
        }
        return Ok(found);
    }
    let path = std::path::absolute(compare).unwrap_or_else(|_| PathBuf::from(compare));
    let said = ExportFile::open(&path)?.said;
    let about = |code| Problem::new(code).with("path", path.to_string_lossy());
    if said.complete != Some(true) {
        return Err(JobError::Input(vec![about(Code::NotABaseline)]));
    }
    let other_account = said
        .account
        .is_some_and(|account| account != request.job.account.key);
    if other_account || said.filter.as_deref().unwrap_or_default() != filter.unwrap_or_default() {
        return Err(JobError::Input(vec![about(Code::OtherScope)]));
    }
    Ok(Some(path))
}
