//! The report of a job as a download: the same file that `--report` writes.
//!
//! That of a small job is made while the browser waits, that of a large one by a work.

use std::path::PathBuf;

use askama::Template;
use axum::extract::Path;

use super::asked::find;
use super::resume::order;
use crate::face::failure::Failure;
use crate::face::report::file;
use crate::face::seen_job::SeenJob;
use crate::job::spec::{JobSpec, stem_of};
use crate::journal::JobFolder;
use crate::lang::{Lang, say};
use crate::page::download::Download;
use crate::page::findings::JobFinding;
use crate::page::links;
use crate::page::look::Look;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::page::works::WorkOrder;

/// Reports of jobs of at most so many rows are made while the browser waits.
const SMALL: u64 = 20_000;

#[derive(Template)]
#[template(path = "page/job_report.html")]
struct ReportScreen {
    look: Look,
    job: String,
}

/// Where a report lies until the browser has it.
fn place(folder: &JobFolder, lang: Lang) -> PathBuf {
    folder.file(&format!("page-report-{lang}.html"))
}

/// Returns the name under which the browser saves a report of a job.
fn name(seen: &SeenJob, lang: Lang) -> String {
    let target = seen.export.as_ref().and_then(|its| its.target.as_deref());
    let of_rows = seen.spec.as_ref().map(JobSpec::stem);
    let stem = of_rows.or_else(|| target.map(stem_of));
    let stem = stem.unwrap_or_else(|| seen.folder.id().to_string());
    format!("{stem}_{}.html", say::report::kind_of_file(lang))
}

/// Writes the report of a job into its folder.
fn write(visit: &Visit, folder: &JobFolder) -> Result<(), Failure> {
    let (lang, hints) = (visit.lang, visit.shared.choices().hints);
    let html = file::of_job(folder, None, &hints, lang)?;
    file::write(&html, &place(folder, lang))
}

/// Makes the report of a job, and sends it; that of a large job when it is asked for.
pub(super) async fn make(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let its = folder.clone();
    let task = move |visit: &Visit| {
        let seen = SeenJob::of(its);
        let rows = seen.report.as_ref().map_or(0, |its| its.counts.total());
        if rows > SMALL {
            return Ok(None);
        }
        write(visit, &seen.folder)?;
        download(&seen, visit.lang).map(Some)
    };
    if let Some(download) = visit.blocking(task).await? {
        return download.answer();
    }
    let order = WorkOrder {
        writes: false,
        ..order(&folder, "writing-report")
    };
    let made = move |visit: &Visit, _: &crate::page::works::PageWork| {
        write(visit, &folder)?;
        Ok(format!("{}/report/ready", links::job(folder.id())))
    };
    Ok(visit.begin(order, made).await)
}

fn download(seen: &SeenJob, lang: Lang) -> Result<Download, Failure> {
    Download::open(&place(&seen.folder, lang), &name(seen, lang))
}

/// Offers the report of a large job once it is made.
pub(super) async fn ready(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    html(&ReportScreen {
        job: links::job(folder.id()),
        look: Look::of(&visit, "report"),
    })
}

/// Sends the report that was made.
pub(super) async fn send(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    if !place(&folder, visit.lang).is_file() {
        // It was made in another language.
        return Ok(see(&format!("{}/report", links::job(folder.id()))));
    }
    let task = move |visit: &Visit| download(&SeenJob::of(folder), visit.lang);
    visit.blocking(task).await?.answer()
}

/// Sends the report of what the last reading back has found. Without one, the job is shown.
pub(super) async fn of_verification(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let is_it = |finding: &JobFinding| matches!(finding, JobFinding::Verify(_));
    let Some(found) = visit.shared.findings.find(folder.id(), is_it) else {
        return Ok(see(&links::job(folder.id())));
    };
    let task = move |visit: &Visit| {
        let JobFinding::Verify(report) = found.as_ref() else {
            return Err(crate::job::JobError::NothingWritten(folder.id().clone()).into());
        };
        let (lang, hints) = (visit.lang, visit.shared.choices().hints);
        let spec = JobSpec::load(&folder)?;
        let html = file::of_verification(report, &spec, &hints, lang)?;
        let place = folder.file(&format!("page-verify-report-{lang}.html"));
        file::write(&html, &place)?;
        let what = crate::lang::sheets::kind_of_sheet("verify", lang);
        Download::open(&place, &format!("{}_{what}.html", spec.stem()))
    };
    visit.blocking(task).await?.answer()
}
