//! The job that is taken back: it is settled before the undo is planned, and closed before the undo is sent.
//!
//! The races, in order:
//!
//! 1. The job's process died. A row that was on its way is taken for not sent, so the undo leaves its customer behind.
//! 2. Or the undo runs, and somebody resumes the job meanwhile: it sends the rest of its rows, which nobody takes back.
//!
//! So the job's rows are recovered and its doubts looked up first, its lock is held until the undo ends, and its
//! pending rows are given up before the first call of the undo.

use std::collections::{BTreeMap, HashMap};

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::open_job::OpenJob;
use crate::job::options::Timing;
use crate::job::report::is_unfinished;
use crate::job::spec::JobSpec;
use crate::journal::{
    Images, JobFolder, JobStatus, Journal, JournalRow, Note, RowCursor, RowSet, RowState,
};
use crate::model::{Action, Code, CustomerId, JobId, JobKind, Problem, RowNumber, Schema, Status};
use crate::pipeline::undo::request::UndoRequest;
use crate::reconcile::doubts::{Absent, reconcile};

/// The job that is taken back, locked.
pub(crate) struct Original {
    pub job: OpenJob,
    match_schema: Schema,
    /// Customers that several rows of the job wrote, with those of the rows that are taken back.
    pub shared: BTreeMap<CustomerId, Vec<RowNumber>>,
    /// By fingerprint: how many rows that imports had added the job has deleted.
    pub deleted: HashMap<[u8; 16], i64>,
}

/// Returns whether a job can be taken back as a whole: it is no export, no undo and no plan, and was not taken back
/// before.
pub fn can_be_undone(folder: &JobFolder, spec: &JobSpec) -> Result<bool, JobError> {
    if !matches!(spec.kind, JobKind::Import | JobKind::Delete) {
        return Ok(false);
    }
    let journal = Journal::read(folder)?;
    let has_begun = matches!(journal.status()?, JobStatus::Open | JobStatus::Finished);
    Ok(has_begun && journal.notes()?.undone_by.is_none())
}

/// Settles what can be settled of a job before it is taken back: rows that were on their way when its process died, and
/// rows in doubt. Fails for an undo, for a job that is not confirmed, and while an earlier undo of the job is
/// unfinished.
fn settle_original(
    job: &mut OpenJob,
    request: &UndoRequest,
    context: &Context,
) -> Result<(), JobError> {
    let id = job.spec.id.clone();
    if let JobKind::Undo { of } = &job.spec.kind {
        // An undo need not be undone: the source can be imported again, and deleted customers have `ferry delete`.
        let refused = Problem::new(Code::UndoOfAnUndo).with("job", id.as_str());
        return Err(JobError::Usage(refused.with("of", of.as_str())));
    }
    match job.journal.status()? {
        JobStatus::Planned => return Err(JobError::IsAPlan(id)),
        JobStatus::Planning => return Err(JobError::Undecided(id)),
        JobStatus::Open | JobStatus::Finished => {}
    }
    if let Some(undo) = job.journal.notes()?.latest_undo
        && let Ok(undo_folder) = context.state.job(&undo)
        && is_unfinished(&undo_folder)?
    {
        return Err(JobError::Unfinished { job: undo });
    }
    job.journal.recover(&job.ledger)?;
    if job.journal.has_doubtful_adds()? {
        // Nobody has confirmed the undo yet, and a dry run writes nothing: no customer is written to make a witness.
        let timing = Timing {
            may_touch: false,
            ..request.send.timing()
        };
        let looked = reconcile(job, timing, Absent::Pending, context)?;
        if let Some(error) = looked.ended {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Returns the customers that several rows wrote, with those of the rows that are taken back.
fn shared_of(
    request: &UndoRequest,
    spec: &JobSpec,
    journal: &Journal,
) -> Result<BTreeMap<CustomerId, Vec<RowNumber>>, JobError> {
    let mut shared = journal.shared_customers()?;
    for rows in shared.values_mut() {
        let mut written = Vec::new();
        for number in rows.iter() {
            let images = journal.images(*number)?;
            let is_wanted = is_wanted(request, spec, *number);
            if is_wanted
                && let Some(row) = journal.row(*number)?
                && has_written(&row, &images)
            {
                written.push(*number);
            }
        }
        *rows = written;
    }
    Ok(shared)
}

/// Counts, by fingerprint, the rows that imports had added and that the job has deleted.
fn deleted_of(journal: &Journal) -> Result<HashMap<[u8; 16], i64>, JobError> {
    let mut deleted: HashMap<[u8; 16], i64> = HashMap::new();
    let mut deletions = RowCursor::over(RowSet::Deleted);
    while let Some(rows) = deletions.next_batch(journal)? {
        for row in rows {
            if row.known.is_some_and(|known| known.is_imported) {
                *deleted.entry(row.fingerprint).or_default() += 1;
            }
        }
    }
    Ok(deleted)
}

impl Original {
    /// Locks the job, and settles what can be settled of it.
    pub fn open(request: &UndoRequest, context: &Context) -> Result<Self, JobError> {
        let mut job = OpenJob::open(&request.original, context)?;
        settle_original(&mut job, request, context)?;
        Ok(Self {
            match_schema: job.spec.match_schema(),
            shared: shared_of(request, &job.spec, &job.journal)?,
            deleted: deleted_of(&job.journal)?,
            job,
        })
    }

    /// Notes the undo in the job. If the whole job is taken back, gives up its pending rows and finishes it.
    pub fn close(&mut self, request: &UndoRequest, undo: &JobId) -> Result<(), JobError> {
        let journal = &mut self.job.journal;
        journal.note(Note::LatestUndo(undo))?;
        // If only some rows are taken back, the rest of the job may still be sent.
        if request.rows.is_some() {
            return Ok(());
        }
        journal.note(Note::UndoneBy(undo))?;
        journal.abandon(&Problem::new(Code::TakenBack).with("job", undo.as_str()))?;
        if journal.status()? == JobStatus::Open {
            journal.set_status(JobStatus::Finished)?;
        }
        Ok(())
    }

    /// Returns how many pending rows are given up when the job is taken back.
    pub fn unsent_rows(&self, request: &UndoRequest) -> Result<u64, JobError> {
        if request.rows.is_some() {
            return Ok(0);
        }
        Ok(self.job.journal.counts()?.status(Status::Pending))
    }

    pub fn schema_of(&self, row: &JournalRow) -> &Schema {
        if row.is_matched {
            &self.match_schema
        } else {
            &self.job.spec.schema
        }
    }
}

/// Whether a row is among those that are asked to be taken back.
pub(crate) fn is_wanted(request: &UndoRequest, spec: &JobSpec, row: RowNumber) -> bool {
    let rows = request.rows.as_ref();
    rows.is_none_or(|rows| rows.contains(spec, row))
}

/// Whether a row has written something that can be taken back, or may have. An update of unknown outcome counts: it is
/// compared with what is stored now, so looking does no harm.
pub(crate) fn has_written(row: &JournalRow, images: &Images) -> bool {
    let may_have = images.is_repeated
        || matches!(
            row.state,
            RowState::At(Status::Ok | Status::Unknown) | RowState::Sending
        );
    match row.action {
        Action::Add => row.state == RowState::At(Status::Ok),
        Action::Update | Action::Restore => may_have,
        // Without a copy, the customer was gone before the job could delete it.
        Action::Delete => may_have && images.before.is_some(),
        Action::None => false,
    }
}

/// Whether a row is an add of unknown outcome.
pub(crate) fn is_in_doubt(row: &JournalRow) -> bool {
    let is_open = matches!(row.state, RowState::At(Status::Unknown) | RowState::Sending);
    row.action == Action::Add && is_open
}
