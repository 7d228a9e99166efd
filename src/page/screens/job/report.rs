//! The report of a job as a download: the same file that `--report` writes.

use axum::extract::Path;

use super::asked::find;
use crate::face::failure::Failure;
use crate::face::report;
use crate::face::seen_job::SeenJob;
use crate::job::spec::{JobSpec, stem_of};
use crate::journal::JobFolder;
use crate::lang::hint::Hints;
use crate::lang::{say, sheets};
use crate::page::download::Download;
use crate::page::findings::JobFinding;
use crate::page::links;
use crate::page::visit::{PageResult, Visit, see};

/// Sends the report of a job.
pub(super) async fn show_job(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let task = move |visit: &Visit| {
        let html = report::of_job(&folder, &Hints::of_page(), visit.lang)?;
        let seen = SeenJob::of(folder);
        let target = seen.export.as_ref().and_then(|its| its.target.as_deref());
        let of_rows = seen.spec.as_ref().map(JobSpec::stem);
        let stem = of_rows.or_else(|| target.map(stem_of));
        let stem = stem.unwrap_or_else(|| seen.folder.id().to_string());
        let what = say::report::kind_of_file(visit.lang);
        let name = format!("{stem}_{what}.html");
        file_of(visit, (&seen.folder, "report"), &html, &name)
    };
    visit.blocking(task).await?.answer()
}

/// Sends the report of what the last reading back has found. Without one, the job is shown.
pub(super) async fn of_verification(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let is_it = |finding: &JobFinding| matches!(finding, JobFinding::Verify(_));
    let found = visit.shared.findings.find(folder.id().as_str(), is_it);
    let Some(JobFinding::Verify(found)) = found.as_deref().cloned() else {
        return Ok(see(&links::job(folder.id())));
    };
    let task = move |visit: &Visit| {
        let spec = JobSpec::load(&folder)?;
        let hints = &Hints::of_page();
        let html = report::of_verification(&found, &spec, hints, visit.lang)?;
        let what = sheets::kind_of_sheet("verify", visit.lang);
        let name = format!("{}_{what}.html", spec.stem());
        file_of(visit, (&folder, "verify"), &html, &name)
    };
    visit.blocking(task).await?.answer()
}

/// Writes a report of a kind into the job's folder, to be sent under this name.
fn file_of(
    visit: &Visit,
    (folder, kind): (&JobFolder, &str),
    html: &str,
    name: &str,
) -> Result<Download, Failure> {
    let place = folder.file(&format!("page-{kind}-{}.html", visit.lang));
    report::write_whole(html, &place)?;
    Download::open(&place, name)
}
