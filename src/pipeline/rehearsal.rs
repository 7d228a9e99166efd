//! `--dry-run` of a removal: what would happen, in a sheet; the job is gone afterwards.

use crate::job::context::Context;
use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::open_job::OpenJob;
use crate::job::report::{Report, report_of};
use crate::plan::preview::Preview;
use crate::results::preview::{ShownChange, write_plan};
use crate::results::result::ResultOptions;

/// What an undo or a delete came to, or would.
#[derive(Debug, Clone)]
pub struct RemovalReport {
    /// How its rows stand; of a dry run with the preview for a result sheet.
    pub report: Report,
    /// What would happen; of a dry run.
    pub preview: Option<Preview>,
    /// The first fields that would be restored; of a dry run.
    pub changes: Vec<ShownChange>,
}

impl RemovalReport {
    /// Of a removal that was carried out.
    pub(crate) fn done(report: Report) -> Self {
        Self {
            report,
            preview: None,
            changes: Vec::new(),
        }
    }
}

/// Writes the preview of a removal that nobody carries out; its job goes.
pub(crate) fn rehearse(
    job: OpenJob,
    preview: Preview,
    context: &Context,
) -> Result<RemovalReport, JobError> {
    let spec = &job.spec;
    let options = ResultOptions::of(spec, context.lang);
    let monitor = context.monitor.as_ref();
    let sheet = write_plan(job.folder(), spec, &job.journal, &options, monitor)?;
    let report = report_of(job.folder(), &job.journal, &spec.kind, End::Finished)?.as_if_done();
    let report = Report {
        // Its own is gone in a moment.
        job: report.doubts_of().clone(),
        calls: context.monitor.calls(),
        result: Some(sheet.path),
        ..report
    };
    job.discard()?;
    Ok(RemovalReport {
        report,
        preview: Some(preview),
        changes: sheet.changes,
    })
}
