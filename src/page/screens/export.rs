//! The export: what is to be in the file, and the files of each name with what changed from one to the next.
//!
//! Files stand in a folder of the page's own, so that a name from the browser never is a path.

use std::path::PathBuf;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::routing::{get, post};
use serde::Deserialize;

use crate::export::request::MAX_PASSES;
use crate::export::{ExportFormat, ExportRequest, Headers, Where, export};
use crate::face::failure::{Failure, unwritable};
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::lang::{Lang, page, say};
use crate::model::{JobId, Kind, Schema, make_private_folder};
use crate::page::account::AccountFacts;
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::finished::tell_export;
use crate::page::links::{self, quoted};
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html};
use crate::page::works::{PageWork, WorkOrder};
use crate::source::{self, manifest::Manifest};

/// The folder of the files, within that of the page.
const FOLDER: &str = "exports";

/// The longest name of an export, in letters.
const LONGEST_NAME: usize = 40;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/export", get(show).post(begin))
        .route("/export/file/{job}", get(download))
        .route("/export/list", post(read_fields))
}

/// A field that can be chosen.
struct ExportField {
    key: String,
    label: String,
    is_chosen: bool,
}

/// A field by which customers can be chosen.
struct FilterField {
    key: String,
    label: String,
    is_chosen: bool,
    /// The values that it takes, each with what it is called; empty where it takes any.
    values: Vec<(String, String)>,
}

/// The exports of one name and account, the newest first.
struct ExportGroup {
    name: String,
    account: String,
    exports: Vec<WrittenExport>,
}

/// A file that was written.
struct WrittenExport {
    job: String,
    name: String,
    when: String,
    customers: String,
    is_complete: bool,
    /// What changed since the file before; empty for the first one.
    changes: String,
}

#[derive(Template)]
#[template(path = "page/export.html")]
struct ExportScreen {
    look: Look,
    form: ExportForm,
    fields: Vec<ExportField>,
    filters: Vec<FilterField>,
    groups: Vec<ExportGroup>,
    /// The export that was just written.
    latest: String,
}

#[derive(Debug, Default, Deserialize)]
struct Latest {
    #[serde(default)]
    latest: String,
}

async fn show(
    visit: Visit,
    Query(latest): Query<Latest>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> PageResult {
    let account = AccountFacts::of(&visit, &visit.screen).await?;
    let screen = visit.blocking(move |visit| {
        // What was filled in before an export that failed; else what a new one begins with.
        let form = if pairs.iter().any(|(name, _)| name == "name") {
            ExportForm::of(pairs)
        } else {
            ExportForm::new(visit.lang)
        };
        Ok(ExportScreen {
            look: Look::of(visit, "export"),
            fields: offered(&account.schema, &form),
            filters: filters(&account, &form)?,
            groups: groups(&visit.shared, visit.lang),
            latest: latest.latest,
            form,
        })
    });
    html(&screen.await?)
}

/// Reads the fields of the account again, and shows them.
async fn read_fields(visit: Visit) -> Result<axum::response::Response, PageError> {
    visit.shared.accounts.forget_schemas();
    Ok(crate::page::visit::see("/export"))
}

/// Returns all fields, those that were chosen first and in their order.
fn offered(schema: &Schema, form: &ExportForm) -> Vec<ExportField> {
    let fields = schema.fields.iter().map(|field| ExportField {
        key: field.key.as_str().to_owned(),
        label: field.label.clone(),
        is_chosen: form.fields.iter().any(|key| key == field.key.as_str()),
    });
    let mut fields: Vec<ExportField> = fields.collect();
    fields.sort_by_key(|field| {
        let place = form.fields.iter().position(|key| *key == field.key);
        place.unwrap_or(usize::MAX)
    });
    fields
}

/// Returns the fields by which the CRM can search.
fn filters(account: &AccountFacts, form: &ExportForm) -> Result<Vec<FilterField>, Failure> {
    let owners = source::named_owners(&account.settings.owner_sources())?;
    let fields = account.schema.fields.iter();
    let searchable = fields.filter(|field| field.searchable != Some(false));
    Ok(searchable
        .map(|field| FilterField {
            key: field.key.as_str().to_owned(),
            label: field.label.clone(),
            is_chosen: form.where_field == field.key.as_str(),
            values: if field.kind == Kind::Owner {
                owners.clone().into_iter().collect()
            } else {
                let choices = field.choices.iter();
                let choices = choices.map(|choice| (choice.value.clone(), String::new()));
                choices.collect()
            },
        })
        .collect())
}

/// Returns the files by their names and accounts, the newest group first.
fn groups(shared: &Shared, lang: Lang) -> Vec<ExportGroup> {
    let mut groups: Vec<ExportGroup> = Vec::new();
    for manifest in written(shared) {
        let name = name_of(&manifest);
        let account = match &manifest.profile {
            Some(profile) => format!("{profile} · {}", manifest.account),
            None => manifest.account.clone(),
        };
        let mut known = groups.iter_mut();
        let group = known.find(|group| group.name == name && group.account == account);
        let export = shown(&manifest, lang);
        match group {
            Some(group) => group.exports.push(export),
            None => groups.push(ExportGroup {
                name,
                account,
                exports: vec![export],
            }),
        }
    }
    groups
}

/// Returns the name that a person has given an export.
fn name_of(manifest: &Manifest) -> String {
    let pattern = std::path::Path::new(&manifest.pattern).file_name();
    let pattern = pattern.unwrap_or_default().to_string_lossy();
    let name = pattern
        .split_once("_{date}")
        .map(|(name, _)| name.to_owned());
    name.unwrap_or_else(|| manifest.file.clone())
}

/// Returns the manifests of all files, the newest first. A file that is gone is left out.
pub(super) fn written(shared: &Shared) -> Vec<Manifest> {
    let entries = std::fs::read_dir(shared.file(FOLDER)).into_iter().flatten();
    let paths = entries.flatten().map(|entry| entry.path());
    let files = paths.filter(|path| Manifest::path_of(path).is_file());
    let mut manifests: Vec<Manifest> = files
        .filter_map(|path| Manifest::beside(&path).ok())
        .collect();
    manifests.sort_by(|one, other| other.ended.cmp(&one.ended));
    manifests
}

/// Returns the path of a file that was written.
pub(super) fn path_of(shared: &Shared, manifest: &Manifest) -> PathBuf {
    shared.file(FOLDER).join(&manifest.file)
}

fn shown(manifest: &Manifest, lang: Lang) -> WrittenExport {
    let changes = manifest.changes.as_ref().map(|changes| {
        let counts = say::diff::counts(lang, changes.added, changes.changed, changes.gone);
        say::diff::total(lang, &counts, changes.unchanged)
    });
    WrittenExport {
        job: manifest.job.clone(),
        name: manifest.file.clone(),
        when: manifest.ended.clone(),
        customers: manifest.customers.to_string(),
        is_complete: manifest.complete,
        changes: changes.unwrap_or_default(),
    }
}

/// What the form holds. Fields come several times, in the order that was chosen.
#[derive(Debug, Default)]
struct ExportForm {
    name: String,
    format: String,
    headers: String,
    fields: Vec<String>,
    where_field: String,
    where_value: String,
    is_compared: bool,
}

impl ExportForm {
    /// Makes what the form of a new export begins with.
    fn new(lang: Lang) -> Self {
        Self {
            name: page::say(lang, "export-default-name").to_owned(),
            is_compared: true,
            ..Self::default()
        }
    }

    /// Returns the path of the screen with the form as it is filled in.
    fn path(&self) -> String {
        let fields = self.fields.iter().map(|field| ("field", field.as_str()));
        let texts = [
            ("name", self.name.as_str()),
            ("format", &self.format),
            ("headers", &self.headers),
            ("where_field", &self.where_field),
            ("where_value", &self.where_value),
        ];
        let compare = self.is_compared.then_some(("compare", "1"));
        let pairs = texts.into_iter().chain(fields).chain(compare);
        let pairs = pairs.map(|(name, value)| format!("{name}={}", quoted(value)));
        format!("/export?{}", pairs.collect::<Vec<_>>().join("&"))
    }

    fn of(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "name" => form.name = value,
                "format" => form.format = value,
                "headers" => form.headers = value,
                "field" => form.fields.push(value),
                "where_field" => form.where_field = value,
                "where_value" => value.trim().clone_into(&mut form.where_value),
                "compare" => form.is_compared = true,
                _ => {}
            }
        }
        form
    }

    /// Returns the condition that customers must meet.
    fn condition(&self) -> Option<Where> {
        let field = self.where_field.clone();
        match (field.is_empty(), self.where_value.as_str()) {
            (true, _) => None,
            (false, "") => Some(Where::Empty(field)),
            (false, value) => Some(Where::Equals(field, value.to_owned())),
        }
    }
}

/// Returns a name of a file without whatever a path could be made of.
fn plain_name(typed: &str, lang: Lang) -> String {
    let is_plain = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | ' ');
    let name: String = typed.chars().filter(is_plain).take(LONGEST_NAME).collect();
    match name.trim() {
        "" => page::say(lang, "export-default-name").to_owned(),
        name => name.to_owned(),
    }
}

async fn begin(visit: Visit, Form(pairs): Form<Vec<(String, String)>>) -> PageResult {
    let about = format!("{pairs:?}");
    let form = ExportForm::of(pairs);
    let settings = visit
        .blocking(|visit| visit.shared.accounts.settings())
        .await?;
    let order = WorkOrder::reading("export-at-work", &form.path(), about);
    let exported = move |visit: &Visit, work: &PageWork| run(&form, visit, &settings, work);
    Ok(visit.begin(order, exported).await)
}

fn run(
    form: &ExportForm,
    visit: &Visit,
    settings: &Settings,
    work: &PageWork,
) -> Result<String, Failure> {
    let format = ExportFormat::parse(&form.format).unwrap_or(ExportFormat::Xlsx);
    let (shared, lang) = (&visit.shared, visit.lang);
    let folder = shared.file(FOLDER);
    make_private_folder(&folder).map_err(|error| unwritable(&folder, &error))?;
    let name = plain_name(&form.name, lang);
    let path_of = |stamp: &str| -> PathBuf {
        folder.join(format!("{name}_{stamp}.{}", form_extension(format)))
    };
    let mut job = settings.job_request(None, false);
    job.output = Some(path_of(&own_moment(shared, &name, &job.stamp)));
    let earlier = format!("{name}_{{date}}-{{time}}");
    let is_comparable = format != ExportFormat::Jsonl;
    let has_earlier = written(shared)
        .iter()
        .any(|manifest| manifest.pattern.contains(&earlier));
    work.monitor.show_pace(settings.outlook());
    let context = settings.context(false, work.monitor.clone(), &work.stop)?;
    let context = crate::job::context::Context { lang, ..context };
    let request = ExportRequest {
        job,
        pattern: path_of("{date}-{time}").to_string_lossy().into_owned(),
        format,
        headers: match form.headers.as_str() {
            "key" => Headers::Key,
            "both" => Headers::Both,
            _ => Headers::Label,
        },
        for_excel: true,
        fields: form.fields.clone(),
        condition: form.condition(),
        compare: (form.is_compared && is_comparable && has_earlier).then(|| "last".to_owned()),
        keep: None,
        keep_monthly: None,
        max_passes: MAX_PASSES,
        page_size: settings.api().list.page_size,
        overrides: settings.overrides.clone(),
        owners: settings.owners.clone(),
    };
    let report = export(&request, &context, |job| work.note_job(job)).map_err(Failure::from);
    let is_gone = |job: &JobId| shared.state.job(job).is_err();
    if report.is_err() && work.latest_job().as_ref().is_none_or(is_gone) {
        // The job was thrown away.
        work.forget_job(&work.order.back);
    }
    let is_told = tell_export(report.as_ref(), settings, work);
    let report = report?;
    // A stopped export is a job that is gone on with, and the screen of a job says what was amiss.
    Ok(match report.complete {
        Some(_) if is_told => format!("/export?latest={}", report.job),
        _ => links::job(&report.job),
    })
}

/// Returns the moment in the name of an export: as jobs of one second have a number behind it, so have their files.
fn own_moment(shared: &Shared, name: &str, stamp: &str) -> String {
    let entries = std::fs::read_dir(shared.file(FOLDER)).into_iter().flatten();
    let files: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let numbered = (2..).map(|number| format!("{stamp}-{number}"));
    let mut moments = std::iter::once(stamp.to_owned()).chain(numbered);
    let is_own = |moment: &String| {
        let stem = format!("{name}_{moment}");
        let is_its = |file: &String| {
            let rest = file.strip_prefix(&stem);
            rest.is_some_and(|rest| rest.starts_with(['.', '_']))
        };
        !files.iter().any(is_its) && shared.is_new_name(&stem)
    };
    moments.find(is_own).unwrap_or_else(|| stamp.to_owned())
}

fn form_extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::Csv => "csv",
        ExportFormat::Jsonl => "jsonl",
    }
}

async fn download(visit: Visit, Path(job): Path<String>) -> PageResult {
    let file = visit.blocking(move |visit| {
        let job = JobId::parse(&job).map_err(|_| JobError::from(no_such(&job)))?;
        let manifests = written(&visit.shared);
        let mut its = manifests.iter().filter(|its| its.job == job.as_str());
        let manifest = its
            .next()
            .ok_or_else(|| JobError::from(no_such(job.as_str())))?;
        let path = path_of(&visit.shared, manifest);
        Download::open(&path, &manifest.file)
    });
    file.await?.answer()
}

fn no_such(job: &str) -> crate::journal::JournalError {
    crate::journal::JournalError::NoSuchJob(job.to_owned())
}
