//! Reads back what a job wrote, and shows what differs.

use std::path::PathBuf;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::asked::find;
use super::resume::order;
use crate::face::failure::Failure;
use crate::face::report_words;
use crate::job::error::JobError;
use crate::job::spec::{JobSpec, is_export};
use crate::journal::JobFolder;
use crate::lang::{say, sheets, words_on_page};
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::findings::JobFinding;
use crate::page::job_run::{JobOwner, JobRun};
use crate::page::links;
use crate::page::look::Look;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::pipeline;
use crate::pipeline::verify::VerifyRequest;

/// How many differences the screen shows; the sheet holds all.
const SHOWN: usize = 200;

#[derive(Template)]
#[template(path = "page/job_verify.html")]
struct VerifyScreen {
    look: Look,
    job: String,
    line: String,
    is_good: bool,
    /// Rows that could not be compared; empty if there is none.
    unknown: String,
    differences: Vec<String>,
    is_cut: bool,
}

fn sheet(folder: &JobFolder) -> PathBuf {
    folder.file("page-verify.xlsx")
}

/// Begins to read back.
pub(super) async fn verify(visit: Visit, Path(name): Path<String>) -> Result<Response, PageError> {
    let folder = find(&visit, &name)?;
    let order = order(&folder, "verifying");
    Ok(visit
        .begin(order, move |visit, work| {
            let (shared, lang) = (&visit.shared, visit.lang);
            if is_export(&folder) {
                return Err(JobError::NothingWritten(folder.id().clone()).into());
            }
            let spec = JobSpec::load(&folder)?;
            let owner = JobOwner {
                account: &spec.account,
                run: None,
            };
            let JobRun { settings, context } = JobRun::of_work(shared, lang, owner, work)?;
            let request = VerifyRequest {
                job: folder.clone(),
                concurrency: settings.endpoint.concurrency,
                output: Some(sheet(&folder)),
                shown: SHOWN,
            };
            let report = pipeline::verify(&request, &context)?;
            shared
                .findings
                .keep(folder.id().as_str(), JobFinding::Verify(report));
            Ok(format!("{}/verify", links::job(folder.id())))
        })
        .await)
}

/// Shows what the last reading back has found. Without one, the job is shown.
pub(super) async fn show(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let (lang, job) = (visit.lang, links::job(folder.id()));
    let is_it = |finding: &JobFinding| matches!(finding, JobFinding::Verify(_));
    let found = visit.shared.findings.find(folder.id().as_str(), is_it);
    let Some(JobFinding::Verify(report)) = found.as_deref() else {
        return Ok(see(&job));
    };
    let task = move |visit: &Visit| {
        let spec = JobSpec::load(&folder)?;
        Ok(Look::of(visit, "verify").of_account(visit, &spec.account))
    };
    let look = visit.blocking(task).await?;
    let line = report_words::verified(report, lang);
    let unknown = say::plan::verified_unknown(lang, report.unknown_rows, "").0;
    let examples = report.examples.iter();
    html(&VerifyScreen {
        job,
        line,
        is_good: report.different_rows + report.unknown_rows == 0,
        unknown: if report.unknown_rows > 0 {
            unknown
        } else {
            String::new()
        },
        differences: examples
            .map(|its| report_words::example_line(its, words_on_page, lang))
            .collect(),
        is_cut: report.examples.len() >= SHOWN,
        look,
    })
}

/// Sends the sheet of the last reading back.
pub(super) async fn file(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let task = move |visit: &Visit| -> Result<Download, Failure> {
        let spec = JobSpec::load(&folder)?;
        let what = sheets::kind_of_sheet("verify", visit.lang);
        Download::open(&sheet(&folder), &format!("{}_{what}.xlsx", spec.stem()))
    };
    visit.blocking(task).await?.answer()
}
