//! `--dry-run` of a delete or an undo: writes what would happen into a preview, and deletes the job afterwards.

use crate::job::context::Context;
use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::open_job::OpenJob;
use crate::job::report::{Report, report_of};
use crate::journal::{Journal, RowFilter};
use crate::model::{Action, CustomerId, RowNumber, Status};
use crate::plan::preview::Preview;
use crate::results::changes::ShownChange;
use crate::results::preview::write_plan;
use crate::results::result::ResultOptions;
use crate::stored::customer::StoredCustomer;

/// The most customers that an undo or a delete takes away where nobody has said how many may be.
pub const MOST_DELETED: u64 = 1000;

/// What an undo or a delete came to, or what a dry run of it would come to.
#[derive(Debug, Clone)]
pub struct RemovalReport {
    /// How the rows stand. Of a dry run, the result sheet is the preview.
    pub report: Report,
    /// What would happen; `None` unless it is a dry run.
    pub preview: Option<Preview>,
    /// The first fields that would be restored; empty unless it is a dry run.
    pub changes: Vec<ShownChange>,
    /// The first customers that would be deleted; empty unless it is a dry run.
    pub to_delete: Vec<CustomerToDelete>,
}

/// A customer that would be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerToDelete {
    /// The row of the source.
    pub row: RowNumber,
    /// The customer's id.
    pub id: CustomerId,
    /// The customer's name, as it is stored.
    pub name: String,
}

/// How many customers that would be deleted are told.
const MOST_SHOWN: usize = 100;

impl RemovalReport {
    /// Makes the report of a removal that was carried out.
    pub(crate) fn done(report: Report) -> Self {
        Self {
            report,
            preview: None,
            changes: Vec::new(),
            to_delete: Vec::new(),
        }
    }
}

/// Writes the preview of a removal, and deletes its job.
pub(crate) fn rehearse(
    job: OpenJob,
    preview: Preview,
    context: &Context,
) -> Result<RemovalReport, JobError> {
    let spec = &job.spec;
    let options = ResultOptions::of(spec, context);
    let monitor = context.monitor.as_ref();
    let sheet = write_plan(job.folder(), spec, &job.journal, &options, monitor)?;
    let report = report_of(job.folder(), &job.journal, &spec.kind, End::Finished)?;
    let mut report = report.with_examples(&job.journal)?.as_if_done();
    sheet.name(&mut report.examples.shown);
    let report = Report {
        // The job of the dry run itself is deleted below.
        job: report.doubts_of().clone(),
        calls: context.monitor.calls(),
        result: Some(sheet.path),
        ..report
    };
    let to_delete = to_delete(&job.journal)?;
    job.discard()?;
    Ok(RemovalReport {
        report,
        preview: Some(preview),
        changes: sheet.changes,
        to_delete,
    })
}

/// Returns the first customers that would be deleted.
fn to_delete(journal: &Journal) -> Result<Vec<CustomerToDelete>, JobError> {
    let pending = RowFilter {
        status: Some(Status::Pending),
        ..RowFilter::default()
    };
    let mut to_delete = Vec::new();
    let mut after = None;
    loop {
        let rows = journal.page(&pending, after, MOST_SHOWN)?;
        for row in &rows {
            let (Action::Delete, Some(id)) = (row.action, &row.customer) else {
                continue;
            };
            let images = journal.images(row.number)?;
            let stored = StoredCustomer::of_image(images.before.as_ref())?;
            to_delete.push(CustomerToDelete {
                row: row.number,
                id: id.clone(),
                name: stored.map_or_else(String::new, |stored| stored.name()),
            });
        }
        after = rows.last().map(|row| row.number);
        if rows.len() < MOST_SHOWN || to_delete.len() >= MOST_SHOWN {
            to_delete.truncate(MOST_SHOWN);
            return Ok(to_delete);
        }
    }
}
