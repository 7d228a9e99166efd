//! The job that is taken back: settled before, closed after, and what its rows have written.

use std::collections::{BTreeMap, HashMap};

use super::UndoRequest;
use crate::job::import::{UNDONE_BY, heal_ledger, timing_of};
use crate::job::reconcile::{Absent, Timing, reconcile};
use crate::job::report::JobState;
use crate::job::{Context, JobError, JobSpec, is_unfinished, job_state};
use crate::journal::{Images, JobFolder, JobLock, Journal, JournalRow, Ledger, RowState};
use crate::model::{Action, Code, CustomerId, JobId, Problem, RowNumber, Schema, Status};

/// The journal's note on the latest job that takes this one back, or a part of it.
const UNDO: &str = "undo";

/// A job that was stopped in the middle is over once it is taken back: what it has not sent, nobody sends.
pub(super) fn close(request: &UndoRequest, _held: &JobLock, undo: &JobId) -> Result<(), JobError> {
    let mut journal = Journal::open(&request.job)?;
    journal.set_meta(UNDO, undo.as_str())?;
    // Of a job of which a part is taken back the rest is still to be sent.
    if request.rows.is_some() {
        return Ok(());
    }
    journal.set_meta(UNDONE_BY, undo.as_str())?;
    journal.abandon(&Problem::new(Code::TakenBack).with("job", undo.as_str()))?;
    if job_state(&journal)? == JobState::Open {
        journal.set_meta("state", JobState::Finished.as_str())?;
    }
    Ok(())
}

/// The job that is taken back.
pub(super) struct Original {
    pub folder: JobFolder,
    pub spec: JobSpec,
    pub journal: Journal,
    match_schema: Schema,
    /// Customers that several of its rows wrote.
    pub shared: BTreeMap<CustomerId, Vec<RowNumber>>,
    /// How many rows that imports had added it has deleted, by content.
    pub deleted: HashMap<[u8; 16], i64>,
}

/// Settles what can be settled of a job before it is taken back: rows that were on their way when its process died, and
/// rows in doubt. An undo of it that was begun has to be gone on with, or nobody knows what it has done.
pub(super) fn settle_original(request: &UndoRequest, context: &Context) -> Result<(), JobError> {
    let folder = &request.job;
    let spec = JobSpec::load(folder)?;
    let mut journal = Journal::open(folder)?;
    match job_state(&journal)? {
        JobState::Planned => return Err(JobError::IsAPlan(folder.id().clone())),
        JobState::Planning => return Err(JobError::Undecided(folder.id().clone())),
        JobState::Open | JobState::Finished => {}
    }
    if let Some(undo) = journal.meta(UNDO)?
        && let Ok(undo) = JobId::parse(&undo)
        && let Ok(undo_folder) = context.state.job(&undo)
        && is_unfinished(&undo_folder)?
    {
        return Err(JobError::Unfinished { job: undo });
    }
    heal_ledger(context, &spec.account.key)?;
    let mut ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, folder.id())?;
    journal.recover(&ledger)?;
    if !journal.doubtful_after(-1, 1)?.is_empty() {
        // Nobody has been asked yet, and a dry run writes nothing.
        let timing = Timing {
            may_touch: false,
            ..timing_of(&request.apply)
        };
        let how = (timing, Absent::Pending);
        let looked = reconcile(&spec, &mut journal, &mut ledger, how, context)?;
        if let Some(error) = looked.ended {
            return Err(error.into());
        }
    }
    Ok(())
}

impl Original {
    pub fn open(request: &UndoRequest) -> Result<Self, JobError> {
        let folder = &request.job;
        let spec = JobSpec::load(folder)?;
        let journal = Journal::read(folder)?;
        let mut shared = journal.shared_customers()?;
        for rows in shared.values_mut() {
            let mut written = Vec::new();
            for number in rows.iter() {
                let images = journal.images(*number)?;
                let is_wanted = is_wanted(request, &spec, *number);
                if is_wanted
                    && let Some(row) = journal.row(*number)?
                    && has_written(&row, &images)
                {
                    written.push(*number);
                }
            }
            *rows = written;
        }
        let mut deleted: HashMap<[u8; 16], i64> = HashMap::new();
        let mut after = -1;
        loop {
            let rows = journal.deleted_after(after, 1000)?;
            let Some(last) = rows.last() else { break };
            after = last.number.to_key();
            for row in rows {
                if row.known.is_some_and(|known| known.is_imported) {
                    *deleted.entry(row.fingerprint).or_default() += 1;
                }
            }
        }
        Ok(Self {
            deleted,
            folder: folder.clone(),
            match_schema: spec.match_schema(),
            shared,
            journal,
            spec,
        })
    }

    /// Rows that nobody will send once the job is taken back.
    pub fn unsent_rows(&self, request: &UndoRequest) -> Result<u64, JobError> {
        if request.rows.is_some() {
            return Ok(0);
        }
        Ok(self.journal.counts()?.status(Status::Pending))
    }

    pub fn schema_of(&self, row: &JournalRow) -> &Schema {
        if row.is_matched {
            &self.match_schema
        } else {
            &self.spec.schema
        }
    }
}

/// Whether a row is among those that are to be taken back.
pub(super) fn is_wanted(request: &UndoRequest, spec: &JobSpec, row: RowNumber) -> bool {
    let rows = request.rows.as_ref();
    rows.is_none_or(|rows| rows.contains(spec, row))
}

/// Whether a row wrote something that can be taken back, or may have: a change of which nobody knows is compared with
/// what is there now, so it does no harm to look.
pub(super) fn has_written(row: &JournalRow, images: &Images) -> bool {
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
pub(super) fn is_in_doubt(row: &JournalRow) -> bool {
    let is_open = matches!(row.state, RowState::At(Status::Unknown) | RowState::Sending);
    row.action == Action::Add && is_open
}
