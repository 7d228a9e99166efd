//! The job that is taken back: settled before, closed after, and what its rows have written.

use std::collections::{BTreeMap, HashMap};

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::open_job::OpenJob;
use crate::job::options::Timing;
use crate::job::report::is_unfinished;
use crate::job::spec::JobSpec;
use crate::journal::{Images, JobStatus, Journal, JournalRow, Note, RowCursor, RowSet, RowState};
use crate::model::{Action, Code, CustomerId, JobId, JobKind, Problem, RowNumber, Schema, Status};
use crate::pipeline::undo::request::UndoRequest;
use crate::reconcile::doubts::{Absent, reconcile};

/// The job that is taken back.
pub(crate) struct Original {
    pub job: OpenJob,
    match_schema: Schema,
    /// Customers that several of its rows wrote.
    pub shared: BTreeMap<CustomerId, Vec<RowNumber>>,
    /// How many rows that imports had added it has deleted, by content.
    pub deleted: HashMap<[u8; 16], i64>,
}

/// Settles what can be settled of a job before it is taken back: rows that were on their way when its process died, and
/// rows in doubt. An undo of it that was begun has to be gone on with, or nobody knows what it has done.
fn settle(job: &mut OpenJob, request: &UndoRequest, context: &Context) -> Result<(), JobError> {
    let id = job.spec.id.clone();
    if let JobKind::Undo { of } = &job.spec.kind {
        // The source can be imported again, and a delete has `ferry delete`.
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
        // Nobody has been asked yet, and a dry run writes nothing.
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

/// Of customers that several rows wrote: the rows that are taken back.
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

/// How many rows that imports had added a job has deleted, by content.
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
    /// Takes the job, and settles what can be settled of it.
    pub fn open(request: &UndoRequest, context: &Context) -> Result<Self, JobError> {
        let mut job = OpenJob::open(&request.original, context)?;
        settle(&mut job, request, context)?;
        Ok(Self {
            match_schema: job.spec.match_schema(),
            shared: shared_of(request, &job.spec, &job.journal)?,
            deleted: deleted_of(&job.journal)?,
            job,
        })
    }

    /// A job that was stopped in the middle is over once it is taken back: what it has not sent, nobody sends.
    pub fn close(&mut self, request: &UndoRequest, undo: &JobId) -> Result<(), JobError> {
        let journal = &mut self.job.journal;
        journal.note(Note::LatestUndo(undo))?;
        // Of a job of which a part is taken back the rest is still to be sent.
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

    /// Rows that nobody will send once the job is taken back.
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

/// Whether a row is among those that are to be taken back.
pub(crate) fn is_wanted(request: &UndoRequest, spec: &JobSpec, row: RowNumber) -> bool {
    let rows = request.rows.as_ref();
    rows.is_none_or(|rows| rows.contains(spec, row))
}

/// Whether a row wrote something that can be taken back, or may have: a change of which nobody knows is compared with
/// what is there now, so it does no harm to look.
pub(crate) fn has_written(row: &JournalRow, images: &Images) -> bool {
    let may_have = images.is_repeated
        || matches!(
            row.state,
            RowState::At(Status::Ok | Status::Unknown) | RowState::Sending
        );
    match row.action {
        Action::Add => row.state == RowState::At(Status::Ok),
        Action::Update | Action::Restore => may_have,
        // A customer that was gone before anything was copied was not deleted by the job.
        Action::Delete => may_have && images.before.is_some(),
        Action::None => false,
    }
}

/// Whether an add may have happened, and nobody knows.
pub(crate) fn is_in_doubt(row: &JournalRow) -> bool {
    let is_open = matches!(row.state, RowState::At(Status::Unknown) | RowState::Sending);
    row.action == Action::Add && is_open
}
