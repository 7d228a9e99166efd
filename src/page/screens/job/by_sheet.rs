//! Deletes the customers of a sheet that a person has looked through, such as one of duplicates: the upload, who would be
//! deleted, the question, and the job that does it.
//!
//! An upload has a folder of its own, as a draft of an import has, and keeps its sheet until its job is gone.

use std::path::PathBuf;

use askama::Template;
use axum::extract::{Form, Multipart, Path};
use axum::http::HeaderMap;
use axum::response::Response;

use super::consent::{Consent, ConsentScreen};
use super::resume::require_end;
use crate::face::failure::Failure;
use crate::face::report_words;
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::job::spec::SheetOptions;
use crate::lang::{page, sheets, words_on_page};
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::findings::JobFinding;
use crate::page::finished::tell_report;
use crate::page::imports::{self, ImportDraft};
use crate::page::links;
use crate::page::look::Look;
use crate::page::shared::{DELETIONS, Shared};
use crate::page::visit::{PageResult, Visit, html, see};
use crate::page::works::{PageWork, WorkOrder};
use crate::pipeline::delete::DeleteRequest;
use crate::pipeline::{self, RemovalReport};

/// The file of an upload that holds the preview.
const PREVIEW: &str = "preview.xlsx";

#[derive(Template)]
#[template(path = "page/delete.html")]
struct DeleteScreen {
    look: Look,
    /// The upload, once there is one: its path, and the name of its file.
    upload: Option<(String, String)>,
}

fn screen_of(upload: &ImportDraft) -> String {
    format!("/delete/{}", upload.id)
}

fn upload_of(visit: &Visit, id: &str) -> Result<ImportDraft, PageError> {
    let found = ImportDraft::open(&visit.shared.file(DELETIONS), id);
    found.ok_or(PageError::NotFound)
}

/// Shows where a sheet is chosen.
pub(super) async fn choose(visit: Visit) -> PageResult {
    visit.require_account().await?;
    html(&DeleteScreen {
        look: Look::of(&visit, "delete-by-sheet"),
        upload: None,
    })
}

/// Takes a sheet, and looks who would be deleted.
pub(super) async fn upload(visit: Visit, headers: HeaderMap, mut form: Multipart) -> PageResult {
    visit.require_account().await?;
    let folder = visit.shared.file(DELETIONS);
    let account = visit.shared.accounts.named();
    let upload = imports::receive(&folder, account, &headers, &mut form).await?;
    Ok(begin_preview(&visit, upload).await)
}

/// Looks once more who would be deleted.
pub(super) async fn look(visit: Visit, Path(id): Path<String>) -> PageResult {
    let upload = upload_of(&visit, &id)?;
    Ok(begin_preview(&visit, upload).await)
}

/// Begins to look who would be deleted.
pub(in crate::page::screens) async fn begin_preview(
    visit: &Visit,
    upload: ImportDraft,
) -> Response {
    let path = screen_of(&upload);
    let order = WorkOrder::reading("delete-sheet-preview", "/delete", upload.id.clone());
    let preview = move |visit: &Visit, work: &PageWork| {
        let report = run(visit, &upload, None, work)?;
        let finding = JobFinding::Delete(report);
        visit.shared.findings.keep(&upload.id, finding);
        Ok(path)
    };
    visit.begin(order, preview).await
}

/// Shows who would be deleted, and asks. A sheet that was carried out leads to its job.
pub(super) async fn ask_deletion(visit: Visit, Path(id): Path<String>) -> PageResult {
    let upload = upload_of(&visit, &id)?;
    if let Some(job) = &upload.facts.job {
        return Ok(see(&links::job(job)));
    }
    let its = upload.clone();
    let screen = visit.blocking(move |visit| screen(visit, &its)).await?;
    match screen {
        Some(screen) => screen.answer(),
        None => html(&DeleteScreen {
            look: Look::of(&visit, "delete-by-sheet"),
            upload: Some((screen_of(&upload), name_of(&upload))),
        }),
    }
}

fn name_of(upload: &ImportDraft) -> String {
    crate::model::visible(&upload.facts.name).into_owned()
}

fn screen(visit: &Visit, upload: &ImportDraft) -> Result<Option<ConsentScreen>, Failure> {
    let is_it = |finding: &JobFinding| matches!(finding, JobFinding::Delete(_));
    let found = visit.shared.findings.find(&upload.id, is_it);
    let Some(JobFinding::Delete(report)) = found.as_deref() else {
        return Ok(None);
    };
    let Some(preview) = &report.preview else {
        return Ok(None);
    };
    let lang = visit.lang;
    let settings = settings(visit, upload)?;
    let path = screen_of(upload);
    let look = Look::of(visit, "delete-by-sheet").of_account(visit, &settings.account);
    let does_something = preview.calls > 0;
    let mut screen = ConsentScreen {
        action: path.clone(),
        sheet: report
            .report
            .result
            .as_ref()
            .map(|_| format!("{path}/file")),
        button: does_something.then(|| page::say(lang, "delete-now")),
        to_delete: report.to_delete.clone(),
        left: report_words::example_lines(&report.report, words_on_page, lang),
        takes_away: true,
        ..ConsentScreen::of(look, "/delete".to_owned(), preview, &settings)
    };
    let sheet = page::fill(lang, "delete-sheet-is", &[("name", &name_of(upload))]);
    screen.lines.insert(0, sheet);
    if !does_something {
        let note = page::say(lang, "nothing-to-take-away").to_owned();
        screen.notes.push(note);
    }
    Ok(Some(screen))
}

/// Returns the settings of the account for which the sheet was uploaded.
fn settings(visit: &Visit, upload: &ImportDraft) -> Result<Settings, Failure> {
    let accounts = &visit.shared.accounts;
    let settings = match &upload.facts.account {
        Some(account) => accounts.settings_of(account)?,
        None => accounts.settings()?,
    };
    let mut settings = Settings::clone(&*settings);
    settings.lang = visit.lang;
    Ok(settings)
}

/// Deletes who was shown: by a job, to which the browser is led.
pub(super) async fn act(
    visit: Visit,
    Path(id): Path<String>,
    Form(consent): Form<Consent>,
) -> PageResult {
    let upload = upload_of(&visit, &id)?;
    if let Some(job) = &upload.facts.job {
        return Ok(see(&links::job(job)));
    }
    let its = upload.clone();
    let (consent, writes) = visit
        .blocking(move |visit| {
            let settings = settings(visit, &its)?;
            consent.require_name(&settings)?;
            let is_it = |finding: &JobFinding| matches!(finding, JobFinding::Delete(_));
            let found = visit.shared.findings.find(&its.id, is_it);
            let preview = found.as_deref().and_then(JobFinding::preview);
            preview.map_or(Ok(()), |preview| consent.require_count(preview))?;
            Ok((consent, settings.account.key))
        })
        .await?;
    let order = WorkOrder {
        writes: Some(writes),
        ..WorkOrder::reading("delete-sheet-work", &screen_of(&upload), upload.id.clone())
    };
    let done = move |visit: &Visit, work: &PageWork| {
        // A press before this one may have done it.
        let drafts = visit.shared.file(DELETIONS);
        let Some(mut upload) = ImportDraft::open(&drafts, &upload.id) else {
            return Ok("/delete".to_owned());
        };
        if let Some(job) = &upload.facts.job {
            return Ok(links::job(job));
        }
        let done = run(visit, &upload, Some(&consent), work)?;
        visit.shared.findings.forget(&upload.id);
        upload.facts.job = Some(done.report.job.clone());
        upload.save()?;
        require_end(&done.report)?;
        Ok(links::job(&done.report.job))
    };
    Ok(visit.begin(order, done).await)
}

/// Deletes the customers of a sheet with a consent, else looks who would be deleted.
fn run(
    visit: &Visit,
    upload: &ImportDraft,
    consent: Option<&Consent>,
    work: &PageWork,
) -> Result<RemovalReport, Failure> {
    let settings = settings(visit, upload)?;
    work.monitor.show_pace(settings.outlook());
    let mut context = settings.context(false, work.monitor.clone(), &work.stop)?;
    context.lang = visit.lang;
    let request = DeleteRequest {
        job: settings.job_request(Some(&output(visit, upload, consent)), false),
        source: upload.source(),
        read: upload.read_options(),
        sheets: SheetOptions::default(),
        all_ids: false,
        most: if consent.is_some() {
            u64::MAX
        } else {
            pipeline::MOST_DELETED
        },
        dry_run: consent.is_none(),
        send: settings.send_options(None, None),
    };
    let Some(consent) = consent else {
        // A dry run asks nobody.
        let preview = pipeline::delete(&request, &context, &mut |_| Err(JobError::Declined));
        return preview.map_err(|error| upload.named(error));
    };
    let done = consent.agree(work, |ask| pipeline::delete(&request, &context, ask))?;
    let done = done.map_err(|error| upload.named(error));
    let report = done.as_ref().map(|done| &done.report);
    tell_report(report, "delete", &settings, work);
    done
}

fn output(visit: &Visit, upload: &ImportDraft, consent: Option<&Consent>) -> PathBuf {
    let what = sheets::kind_of_sheet("delete", visit.lang);
    match consent {
        Some(_) => upload.path(&format!("{}_{what}.xlsx", upload.stem())),
        None => upload.path(PREVIEW),
    }
}

/// Sends the sheet of who would be deleted.
pub(super) async fn kept_sheet(visit: Visit, Path(id): Path<String>) -> PageResult {
    let upload = upload_of(&visit, &id)?;
    let what = sheets::kind_of_sheet("delete-preview", visit.lang);
    let name = format!("{}_{what}.xlsx", upload.stem());
    Download::open(&upload.path(PREVIEW), &name)?.answer()
}

/// Takes a sheet of duplicates that was uploaded for an import, and looks who would be deleted by it.
pub(in crate::page::screens) fn take(
    shared: &Shared,
    draft: ImportDraft,
) -> Result<ImportDraft, Failure> {
    draft.moved_to(&shared.file(DELETIONS))
}
