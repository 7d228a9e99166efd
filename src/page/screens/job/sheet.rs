//! The file of a job: the result sheet, the preview of a plan, or what was exported.
//!
//! A job that is over has mostly written its sheet, and that one is sent. Any other sheet is written anew from the
//! journal and the copy of the source: at once where it is small, else by a work.

use std::path::{Path as FilePath, PathBuf};
use std::time::SystemTime;

use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;

use super::asked::find;
use super::resume::order;
use super::show::look_of;
use crate::face::failure::Failure;
use crate::face::job_line::file_name;
use crate::face::seen_job::SeenJob;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal};
use crate::lang::say::jobs::JobStanding;
use crate::lang::{Lang, sheets};
use crate::model::{Monitor, Status, VoidMonitor};
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::links;
use crate::page::look::Look;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::results::preview::write_plan;
use crate::results::result::{ResultOptions, write_result};

/// Sheets of at most so many rows are written while the browser waits.
const SMALL: u64 = 20_000;

/// Which rows are wanted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SheetQuery {
    only: String,
}

impl SheetQuery {
    fn status(&self) -> Option<Status> {
        Status::parse(&self.only)
    }

    /// Returns the query of an address.
    fn text(&self) -> String {
        let status = self.status();
        status.map_or_else(String::new, |status| format!("?only={status}"))
    }
}

#[derive(Template)]
#[template(path = "page/job_sheet.html")]
struct SheetScreen {
    look: Look,
    job: String,
    /// The query that says which rows are wanted.
    query: String,
    rows: u64,
    is_written: bool,
}

/// Sends the file of a job.
pub(super) async fn file(
    visit: Visit,
    Path(name): Path<String>,
    Query(query): Query<SheetQuery>,
) -> PageResult {
    let folder = find(&visit, &name)?;
    let place = format!("{}/sheet{}", links::job(folder.id()), query.text());
    let task = move |visit: &Visit| download(visit.lang, folder, query.status());
    match visit.blocking(task).await? {
        Some(download) => download.answer(),
        None => Ok(see(&place)),
    }
}

/// Returns the file of a job; `None` where writing it takes longer than a reader waits.
fn download(
    lang: Lang,
    folder: JobFolder,
    only: Option<Status>,
) -> Result<Option<Download>, Failure> {
    let seen = SeenJob::of(folder);
    if let Some(own) = own_file(&seen).filter(|_| only.is_none()) {
        return Download::open(&own, &file_name(&own)).map(Some);
    }
    let sheet = JobSheet::of(&seen, only, lang)?;
    let rows = seen.report.as_ref().map_or(0, |its| its.counts.total());
    if !sheet.is_fresh() {
        if rows > SMALL {
            return Ok(None);
        }
        sheet.write(&VoidMonitor)?;
    }
    Download::open(&sheet.path, &sheet.name).map(Some)
}

/// Returns the file that the job itself has written, if nothing has happened since.
fn own_file(seen: &SeenJob) -> Option<PathBuf> {
    let is_over = matches!(seen.state, JobStanding::Finished | JobStanding::Planned);
    let outcome = seen
        .export
        .as_ref()
        .and_then(|export| export.outcome.as_ref());
    let of_export = outcome.and_then(|outcome| outcome.file.clone());
    let of_rows = || seen.report.as_ref()?.result.clone();
    let own = of_export.or_else(of_rows)?;
    (is_over && own.is_file()).then_some(own)
}

/// A sheet that is written anew.
struct JobSheet<'a> {
    seen: &'a SeenJob,
    spec: &'a JobSpec,
    only: Option<Status>,
    lang: Lang,
    path: PathBuf,
    /// The name under which the browser saves it.
    name: String,
}

impl<'a> JobSheet<'a> {
    fn of(seen: &'a SeenJob, only: Option<Status>, lang: Lang) -> Result<Self, Failure> {
        let Some(spec) = &seen.spec else {
            // An export without its file, or a job that cannot be read: the error says which.
            return match JobSpec::load(&seen.folder) {
                Ok(spec) => Err(JobError::NothingWritten(spec.id).into()),
                Err(_) if seen.export.is_some() => {
                    Err(JobError::NothingWritten(seen.folder.id().clone()).into())
                }
                Err(error) => Err(error.into()),
            };
        };
        let is_csv = spec.output.as_deref().and_then(FilePath::extension);
        let is_csv = is_csv.is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let extension = if is_csv { "csv" } else { "xlsx" };
        let of_plan = seen.state == JobStanding::Planned;
        let what = if of_plan { "plan" } else { spec.kind.command() };
        let what = sheets::kind_of_sheet(what, lang);
        let shown = only.map_or_else(String::new, |only| {
            format!("_{}", sheets::status(lang, only))
        });
        let part = only.map_or("all", Status::as_str);
        Ok(Self {
            path: seen.folder.file(&format!("page-{part}-{lang}.{extension}")),
            name: format!("{}_{what}{shown}.{extension}", spec.stem()),
            seen,
            spec,
            only,
            lang,
        })
    }

    /// Returns whether the sheet was written after the last change of the journal.
    fn is_fresh(&self) -> bool {
        let changed =
            |path: PathBuf| -> Option<SystemTime> { std::fs::metadata(path).ok()?.modified().ok() };
        let files =
            ["journal.db", "journal.db-wal"].map(|name| changed(self.seen.folder.file(name)));
        let written = changed(self.path.clone());
        !self.seen.folder.is_locked() && written > files.into_iter().flatten().max()
    }

    fn write(&self, monitor: &dyn Monitor) -> Result<(), Failure> {
        let (folder, spec) = (&self.seen.folder, self.spec);
        let journal = Journal::read(folder)?;
        let options = ResultOptions {
            output: Some(self.path.clone()),
            only: self.only,
            running: folder.is_locked(),
            lang: self.lang,
            ..ResultOptions::default()
        };
        if self.seen.state == JobStanding::Planned && self.only.is_none() {
            write_plan(folder, spec, &journal, &options, monitor)?;
        } else {
            write_result(folder, spec, &journal, &options, monitor)?;
        }
        Ok(())
    }
}

/// Offers to write a large sheet, and the sheet once it is written.
pub(super) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(query): Query<SheetQuery>,
) -> PageResult {
    let folder = find(&visit, &name)?;
    let job = links::job(folder.id());
    let text = query.text();
    let task = move |visit: &Visit| {
        let seen = SeenJob::of(folder);
        let rows = seen.report.as_ref().map_or(0, |its| its.counts.total());
        let sheet = JobSheet::of(&seen, query.status(), visit.lang)?;
        let look = look_of(visit, &seen, "download-result");
        Ok((look, rows, sheet.is_fresh()))
    };
    let (look, rows, is_written) = visit.blocking(task).await?;
    html(&SheetScreen {
        look,
        job,
        query: text,
        rows,
        is_written,
    })
}

/// Writes a large sheet.
pub(super) async fn write(
    visit: Visit,
    Path(name): Path<String>,
    Query(query): Query<SheetQuery>,
) -> Result<Response, PageError> {
    let folder = find(&visit, &name)?;
    let order = order(&folder, "writing-sheet");
    Ok(visit
        .begin(order, move |visit, work| {
            let lang = visit.lang;
            let seen = SeenJob::of(folder);
            let sheet = JobSheet::of(&seen, query.status(), lang)?;
            sheet.write(work.monitor.as_ref())?;
            Ok(format!(
                "{}/sheet{}",
                links::job(seen.folder.id()),
                query.text()
            ))
        })
        .await)
}
