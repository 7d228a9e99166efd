//! Duplicates: by which keys, the groups with their customers side by side, and the sheet.
//!
//! Each search has a folder of the page's own, with its groups and its sheet. The sheet is looked through in a
//! spreadsheet program: who deletes customers reads more than the first page of them.

use std::path::PathBuf;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::routing::{get, post};
use serde::Deserialize;

use super::export::written;
use crate::export::{
    DupesRequest, ExportFormat, FoundGroups, ListRequest, ShownGroup, dupes_of_account,
    dupes_of_export,
};
use crate::face::failure::{Failure, unwritable};
use crate::face::settings::Settings;
use crate::job::context::Context;
use crate::lang::{Lang, say};
use crate::model::{FieldStatus, Schema, make_private_folder};
use crate::page::account::AccountFacts;
use crate::page::download::Download;
use crate::page::error::{PageError, refused};
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html};
use crate::page::works::{PageWork, WorkOrder};
use crate::results::place::fresh_name;
use crate::source::keys::identifies;

/// The folder of the searches, within that of the page.
const FOLDER: &str = "duplicates";

/// How many searches are kept.
const MOST_SEARCHES: usize = 20;

/// How many groups a page has, and of each at most so many customers.
const PAGE: u64 = 20;
const MOST_CUSTOMERS: usize = 12;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/dupes", get(show).post(begin))
        .route("/dupes/{id}", get(show_groups))
        .route("/dupes/{id}/sheet", get(download))
        .route("/dupes/list", post(read_fields))
}

/// A field that customers can have in common.
struct KeyChoice {
    key: String,
    label: String,
    is_chosen: bool,
}

/// An export that can be searched.
struct ExportChoice {
    job: String,
    name: String,
}

/// A search that was made.
struct PastSearch {
    id: String,
    words: String,
}

#[derive(Template)]
#[template(path = "page/dupes.html")]
struct DupesScreen {
    look: Look,
    fields: Vec<KeyChoice>,
    exports: Vec<ExportChoice>,
    searches: Vec<PastSearch>,
}

#[derive(Template)]
#[template(path = "page/dupes_found.html")]
struct FoundScreen {
    look: Look,
    id: String,
    /// What was found, a sentence each.
    lines: Vec<String>,
    is_incomplete: bool,
    groups: Vec<ShownGroup>,
    /// The first group of the page before, and of the next one.
    before: Option<u64>,
    next: Option<u64>,
}

async fn show(visit: Visit) -> PageResult {
    let account = AccountFacts::of(&visit, "/dupes").await?;
    let screen = visit.blocking(move |visit| {
        let exports = written(&visit.shared).into_iter();
        let exports = exports.filter(|its| !is_lines(&its.file));
        Ok(DupesScreen {
            look: Look::of(visit, "dupes"),
            fields: offered(&account.schema),
            exports: exports
                .map(|its| ExportChoice {
                    job: its.job,
                    name: its.file,
                })
                .collect(),
            searches: past(&visit.shared, visit.lang),
        })
    });
    html(&screen.await?)
}

/// Returns whether an export is JSON lines, which have no columns.
fn is_lines(file: &str) -> bool {
    ExportFormat::of_name(std::path::Path::new(file)) == Some(ExportFormat::Jsonl)
}

/// Reads the fields of the account again, and shows them.
async fn read_fields(visit: Visit) -> Result<axum::response::Response, PageError> {
    visit.shared.accounts.forget_schemas();
    Ok(crate::page::visit::see("/dupes"))
}

fn offered(schema: &Schema) -> Vec<KeyChoice> {
    let fields = schema.fields.iter();
    let usable =
        fields.filter(|field| field.status == FieldStatus::Enabled && identifies(field.kind));
    let choices = usable.map(|field| KeyChoice {
        key: field.key.as_str().to_owned(),
        label: field.label.clone(),
        is_chosen: matches!(field.key.as_str(), "mobile" | "email"),
    });
    choices.collect()
}

/// Returns the folders of all searches, the newest first.
fn folders(shared: &Shared) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(shared.file(FOLDER)).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort_by(|one, other| other.cmp(one));
    folders
}

fn past(shared: &Shared, lang: Lang) -> Vec<PastSearch> {
    let searches = folders(shared).into_iter().filter_map(|folder| {
        // One that cannot be read is passed over.
        let found = FoundGroups::open(&folder).ok().flatten()?;
        Some(PastSearch {
            id: folder.file_name()?.to_string_lossy().into_owned(),
            words: total(&found, lang),
        })
    });
    searches.collect()
}

fn total(found: &FoundGroups, lang: Lang) -> String {
    let report = found.report();
    match report.groups {
        0 => say::dupes::none(lang, report.searched),
        groups => say::dupes::total(lang, groups, report.customers, report.searched),
    }
}

/// What the form holds. Fields come several times.
#[derive(Debug, Default)]
struct DupesForm {
    fields: Vec<String>,
    /// Whether all fields must be the same, and not any of them.
    is_together: bool,
    /// The job of the export that is searched; empty for the list of the account.
    export: String,
}

impl DupesForm {
    fn of(pairs: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "field" => form.fields.push(value),
                "together" => form.is_together = value == "1",
                "export" => form.export = value,
                _ => {}
            }
        }
        form
    }

    fn by(&self) -> Vec<String> {
        if self.is_together && !self.fields.is_empty() {
            vec![self.fields.join("+")]
        } else {
            self.fields.clone()
        }
    }
}

async fn begin(visit: Visit, Form(pairs): Form<Vec<(String, String)>>) -> PageResult {
    let about = format!("{pairs:?}");
    let form = DupesForm::of(pairs);
    let account = AccountFacts::of(&visit, "/dupes").await?;
    let order = WorkOrder::reading("dupes-at-work", "/dupes", about);
    let found = move |visit: &Visit, work: &PageWork| run(&form, visit, &account, work);
    Ok(visit.begin(order, found).await)
}

fn run(
    form: &DupesForm,
    visit: &Visit,
    account: &AccountFacts,
    work: &PageWork,
) -> Result<String, Failure> {
    let job = account.settings.job_request(None, false);
    let folder = new_folder(&visit.shared, &job.stamp)?;
    let searched = search(form, visit, account, work, &folder);
    if let Err(failure) = searched {
        // What a failed search leaves is of no use to anybody.
        let _ = std::fs::remove_dir_all(&folder);
        return Err(failure);
    }
    for old in folders(&visit.shared).iter().skip(MOST_SEARCHES) {
        // A search that cannot be thrown away now goes with the next one.
        let _ = std::fs::remove_dir_all(old);
    }
    let id = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("/dupes/{id}"))
}

/// Makes a folder that no other search has.
fn new_folder(shared: &Shared, stamp: &str) -> Result<PathBuf, Failure> {
    let root = shared.file(FOLDER);
    make_private_folder(&root).map_err(|error| unwritable(&root, &error))?;
    let mut folder = root.join(stamp);
    for number in 2..100 {
        if !folder.exists() {
            break;
        }
        folder = root.join(format!("{stamp}-{number}"));
    }
    make_private_folder(&folder).map_err(|error| unwritable(&folder, &error))?;
    Ok(folder)
}

fn search(
    form: &DupesForm,
    visit: &Visit,
    account: &AccountFacts,
    work: &PageWork,
    folder: &std::path::Path,
) -> Result<(), Failure> {
    let settings: &Settings = &account.settings;
    let job = settings.job_request(None, false);
    let lang = visit.lang;
    let request = |stem: &str| DupesRequest {
        by: form.by(),
        target: folder.join(fresh_name(stem, "duplicates", &job.stamp, lang)),
        is_named: true,
        folder: folder.to_path_buf(),
        lang,
    };
    let monitor = work.monitor.clone();
    let exports = written(&visit.shared);
    if !form.export.is_empty() {
        let export = exports.iter().find(|its| its.job == form.export);
        let export = export.ok_or_else(|| refused("export-is-gone", &[]))?;
        let path = super::export::path_of(&visit.shared, export);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let schema = Schema::clone(&account.schema);
        let request = request(&stem);
        dupes_of_export(&request, &path, Some(schema), monitor.as_ref(), &work.stop)?;
        return Ok(());
    }
    work.monitor.show_pace(settings.outlook());
    let context = settings.context(false, monitor, &work.stop)?;
    let context = Context { lang, ..context };
    let request = request(job.account.name_in_files());
    let list = ListRequest {
        job,
        page_size: settings.api().list.page_size,
        overrides: settings.overrides.clone(),
        owners: settings.owners.clone(),
    };
    dupes_of_account(&request, &list, &context)?;
    // The list takes much room, and the groups have what is shown of it.
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("spool.db{end}")));
    }
    Ok(())
}

/// Opens a search by its id. The id is looked up among the folders, and never joined to a path.
fn found_groups(shared: &Shared, id: &str) -> Result<FoundGroups, PageError> {
    let mut folders = folders(shared).into_iter();
    let folder = folders.find(|folder| folder.file_name().is_some_and(|name| name == id));
    let folder = folder.ok_or(PageError::NotFound)?;
    let found = FoundGroups::open(&folder).map_err(Failure::from)?;
    found.ok_or(PageError::NotFound)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GroupsQuery {
    from: u64,
}

async fn show_groups(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<GroupsQuery>,
) -> PageResult {
    let shown = visit.blocking(move |visit| Ok(found_screen(visit, id, query.from.max(1))));
    html(&shown.await??)
}

fn found_screen(visit: &Visit, id: String, from: u64) -> Result<FoundScreen, PageError> {
    let lang = visit.lang;
    let found = found_groups(&visit.shared, &id)?;
    let groups = found.groups(from, PAGE, MOST_CUSTOMERS);
    let groups = groups.map_err(Failure::from)?;
    let report = found.report();
    let by = report.by.iter();
    let by = by.map(|by| say::dupes::by_key(lang, &by.label, by.groups, by.customers));
    let next = from.saturating_add(PAGE);
    Ok(FoundScreen {
        look: Look::of(visit, "dupes"),
        lines: std::iter::once(total(&found, lang)).chain(by).collect(),
        is_incomplete: report.complete == Some(false),
        before: (from > 1).then(|| from.saturating_sub(PAGE).max(1)),
        next: (next <= report.groups).then_some(next),
        groups,
        id,
    })
}

async fn download(visit: Visit, Path(id): Path<String>) -> PageResult {
    let file = visit.blocking(move |visit| {
        Ok(found_groups(&visit.shared, &id).and_then(|found| {
            let path = found.report().file.clone().ok_or(PageError::NotFound)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(Download::open(&path, &name)?)
        }))
    });
    file.await??.answer()
}
