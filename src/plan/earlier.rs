//! The rows of the jobs that a result sheet comes from: what became of them, and what a person has found out about
//! them.
//!
//! The race, in order:
//!
//! 1. An import leaves a row in doubt; its add may still be on the way.
//! 2. A person writes into the result sheet that the row is not stored, and imports the sheet.
//! 3. The add arrives, and so does the one of the new import: the customer is stored twice.
//!
//! So a job that is not over is refused, and a person's word reaches the ledger only while the lock of the job that has
//! the claim is held ([`DoubtResolution::apply`]).

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::job::account::Account;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::options::Timing;
use crate::job::spec::JobSpec;
use crate::journal::{
    JobStatus, Journal, JournalRow, Ledger, LedgerEntry, RowCursor, RowSet, RowState, StateFolder,
};
use crate::model::{
    Action, Code, CustomerId, JobId, JobKind, Phrase, Prior, PriorStatus, Problem, RowNumber,
    RowOrigin, Saying, Status,
};
use crate::reconcile::doubts::look_up_finished;

/// What a person has found out about a row in doubt, and has written into its result sheet. Takes effect when the
/// import is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DoubtResolution {
    pub(crate) place: RowOrigin,
    /// The customer that the row became; `None` when the row is not stored.
    pub(crate) customer: Option<CustomerId>,
}

impl DoubtResolution {
    /// Writes the resolution into the ledger. Fails when the job that has the claim is not over, or another process
    /// works on it: its call may be on the way.
    pub(crate) fn apply(&self, ledger: &Ledger, context: &Context) -> Result<(), JobError> {
        let RowOrigin { job, row } = &self.place;
        // A job that is gone has no call on its way.
        let _lock = match context.state.job(job) {
            Ok(folder) => {
                let lock = folder.lock()?;
                // A job whose journal cannot be read cannot be resumed, and the lock shows that no process works on it.
                if let Ok(journal) = Journal::read(&folder)
                    && journal.status()? != JobStatus::Finished
                {
                    return Err(JobError::Unfinished { job: job.clone() });
                }
                Some(lock)
            }
            Err(_) => None,
        };
        match &self.customer {
            Some(customer) => ledger.resolve(job, *row, customer)?,
            None => ledger.release(job, *row)?,
        }
        Ok(())
    }
}

/// The jobs that a result sheet comes from. Each is opened once.
pub(crate) struct EarlierRows<'a> {
    state: &'a StateFolder,
    /// The key of the account.
    account: &'a str,
    jobs: HashMap<JobId, Option<EarlierJob>>,
    looked_up: HashSet<JobId>,
    /// The journals of other jobs that have added equal rows; `None` for one that is gone or cannot be read.
    others: HashMap<JobId, Option<Journal>>,
}

/// How many rows of one customer are read at a time.
const FEW_ROWS: usize = 16;

struct EarlierJob {
    journal: Journal,
    sheets: Vec<String>,
}

/// A row of an earlier job, as that job's journal has it.
pub(crate) struct EarlierRow {
    pub action: Action,
    pub status: Status,
    /// Whether the row became a customer: a job of the row has added it, or has found it added by another job.
    pub was_added: bool,
    /// The row with which it became one customer, where that is another one.
    pub united_with: Option<RowOrigin>,
    pub fingerprint: [u8; 16],
    /// The job and row in which the row first stood.
    pub origin: RowOrigin,
    /// The jobs and rows under which the ledger may know the row: its own, the one that it waited on, and the first.
    pub places: Vec<RowOrigin>,
}

impl<'a> EarlierRows<'a> {
    /// Makes the jobs of an account, by the account's key.
    pub fn new(state: &'a StateFolder, account: &'a str) -> Self {
        Self {
            state,
            account,
            jobs: HashMap::new(),
            looked_up: HashSet::new(),
            others: HashMap::new(),
        }
    }

    /// Returns why a row that another job has added may not be passed over: rows of the same customer, given by their
    /// fingerprints, were not part of it then. `None` where all were, or where that job is gone.
    pub fn not_added(
        &mut self,
        entry: &LedgerEntry,
        merged: &[[u8; 16]],
    ) -> Result<Option<Problem>, JobError> {
        let Some(customer) = entry.customer.as_ref().filter(|_| !merged.is_empty()) else {
            return Ok(None);
        };
        let state = self.state;
        let journal = self.others.entry(entry.job.clone()).or_insert_with(|| {
            let folder = state.job(&entry.job).ok()?;
            Journal::read(&folder).ok()
        });
        let Some(journal) = journal else {
            return Ok(None);
        };
        let mut known = HashSet::new();
        let mut cursor = RowCursor::behind(RowSet::Answers, entry.row);
        'rows: while let Some(rows) = cursor.next_rows(journal, FEW_ROWS)? {
            for row in rows {
                let is_part = |problem: &Problem| problem.code == Code::MergedInto;
                if !row.problems.iter().any(is_part) {
                    break 'rows;
                }
                known.insert(row.fingerprint);
            }
        }
        let is_new = merged
            .iter()
            .any(|fingerprint| !known.contains(fingerprint));
        Ok(is_new.then(|| {
            Problem::new(Code::ContactNotAdded)
                .with("job", entry.job.as_str())
                .with("row", entry.row.row.to_string())
                .with("id", customer.as_str())
        }))
    }

    /// Returns the row as its own job has it; `None` when that job or row is not in this state folder. Fails while that
    /// job, or one that the row came from, is not over.
    pub fn find(&mut self, prior: &Prior) -> Result<Option<EarlierRow>, JobError> {
        let Some(job) = self.job(&prior.job)? else {
            return Ok(None);
        };
        let Some(number) = row_number(&prior.row, &job.sheets) else {
            return Ok(None);
        };
        let Some(row) = job.journal.row(number)? else {
            return Ok(None);
        };
        let direct = RowOrigin {
            job: prior.job.clone(),
            row: number,
        };
        let origin = row.origin.clone().unwrap_or_else(|| direct.clone());
        let mut places = vec![direct];
        places.extend(row.waits_on.clone());
        places.push(origin.clone());
        places.dedup();
        let united_with = united_with(&row).map(|leader| RowOrigin {
            job: prior.job.clone(),
            row: leader,
        });
        let mut was_added = is_added(&row) || was_found_added(&row);
        for place in places.iter().skip(1).chain(&united_with) {
            if let Some(job) = self.job(&place.job)? {
                let there = job.journal.row(place.row)?;
                was_added |= there.is_some_and(|row| is_added(&row));
            }
        }
        Ok(Some(EarlierRow {
            action: row.action,
            was_added,
            united_with,
            status: match row.state {
                // The row was never sent: its job was taken back before.
                RowState::At(_) if is_taken_back(&row) => Status::Pending,
                RowState::At(status) => status,
                RowState::Sending => Status::Unknown,
            },
            fingerprint: row.fingerprint,
            origin,
            places,
        }))
    }

    /// Returns the job and row under which the ledger may know a row, as far as the sheet alone tells.
    pub fn place_of(prior: &Prior) -> Option<RowOrigin> {
        Some(RowOrigin {
            job: prior.job.clone(),
            row: row_number(&prior.row, &[])?,
        })
    }

    /// Looks up the rows in doubt of every job that a row stood in, once for each job.
    pub fn look_up(
        &mut self,
        known: &EarlierRow,
        timing: Timing,
        context: &Context,
    ) -> Result<(), JobError> {
        for place in &known.places {
            if self.looked_up.insert(place.job.clone())
                && let Ok(folder) = self.state.job(&place.job)
            {
                look_up_finished(&folder, timing, context)?;
            }
        }
        Ok(())
    }

    /// Returns the undo that has taken back a job as a whole.
    pub fn undo_of(&mut self, job: &JobId) -> Result<Option<JobId>, JobError> {
        let Some(job) = self.job(job)? else {
            return Ok(None);
        };
        Ok(job.journal.notes()?.undone_by)
    }

    /// Whether a job has proven that its row was not added.
    pub fn is_not_stored(&mut self, place: &RowOrigin) -> Result<bool, JobError> {
        let Some(job) = self.job(&place.job)? else {
            return Ok(false);
        };
        let row = job.journal.row(place.row)?;
        Ok(row.is_some_and(|row| {
            row.problems
                .iter()
                .any(|problem| problem.code == Code::NotStored)
        }))
    }

    fn job(&mut self, id: &JobId) -> Result<Option<&EarlierJob>, JobError> {
        if !self.jobs.contains_key(id) {
            let opened = self.open(id)?;
            self.jobs.insert(id.clone(), opened);
        }
        Ok(self.jobs.get(id).and_then(Option::as_ref))
    }

    fn open(&self, id: &JobId) -> Result<Option<EarlierJob>, JobError> {
        let Ok(folder) = self.state.job(id) else {
            return Ok(None);
        };
        let (Ok(journal), Ok(spec)) = (Journal::read(&folder), JobSpec::load(&folder)) else {
            return Ok(None);
        };
        if spec.account.key != self.account {
            return Err(JobError::Input(vec![foreign_result(&spec.account, id)]));
        }
        let what = match spec.kind {
            JobKind::Undo { .. } => Some(Saying::SheetOfAnUndo),
            JobKind::Delete => Some(Saying::SheetOfADelete),
            JobKind::Import | JobKind::Export => None,
        };
        if let Some(what) = what {
            let problem = Problem::new(Code::IsAPreview).with("detail", what);
            return Err(JobError::Input(vec![problem.with("job", id.as_str())]));
        }
        if crate::job::report::is_unfinished(&folder)? {
            return Err(JobError::Unfinished { job: id.clone() });
        }
        Ok(Some(EarlierJob {
            journal,
            sheets: spec.sheets.into_iter().map(|sheet| sheet.name).collect(),
        }))
    }
}

/// Whether the row's own job has added it.
fn is_added(row: &JournalRow) -> bool {
    row.action == Action::Add && row.state == RowState::At(Status::Ok)
}

/// Whether the row was skipped because another job had added an equal one.
fn was_found_added(row: &JournalRow) -> bool {
    let mut problems = row.problems.iter();
    row.state == RowState::At(Status::Skipped)
        && problems.any(|problem| problem.code == Code::AlreadyAdded)
}

/// Returns the row of the same sheet with which a row was united; `None` for one that stood for itself.
fn united_with(row: &JournalRow) -> Option<RowNumber> {
    let mut problems = row.problems.iter();
    let merged = problems.find(|problem| problem.code == Code::MergedInto)?;
    Some(RowNumber {
        row: merged.fact("row").parse().ok()?,
        ..row.number
    })
}

/// Whether a row was not sent because its job was taken back.
fn is_taken_back(row: &JournalRow) -> bool {
    let mut problems = row.problems.iter();
    problems.any(|problem| problem.code == Code::TakenBack)
}

/// Returns the problem of a result sheet of another account: its ids and statuses mean nothing in this one.
fn foreign_result(account: &Account, job: &JobId) -> Problem {
    let whose = if account.sandbox {
        Phrase::new(Saying::EmbeddedCrm)
    } else {
        Phrase::new(Saying::AccountAt)
            .with("appid", &account.appid)
            .with("host", &account.host)
    };
    Problem::new(Code::ForeignResult)
        .with("account", whose)
        .with("job", job.as_str())
}

/// Reads a row label, `17` or `Sheet2!17`; `None` if it is none, or names an unknown sheet.
fn row_number(text: &str, sheets: &[String]) -> Option<RowNumber> {
    match text.rsplit_once('!') {
        None => text.parse().ok().map(RowNumber::new),
        Some((sheet, row)) => {
            let sheet = sheets.iter().position(|name| name == sheet)?;
            Some(RowNumber {
                sheet: u16::try_from(sheet).ok()?,
                row: row.parse().ok()?,
            })
        }
    }
}

/// Returns what became of a row as its result sheet says; where the sheet has no `_status`, as its journal says. `None`
/// for a cell that was emptied or that cannot be read.
pub(crate) fn said_status(prior: &Prior, known: Option<&EarlierRow>) -> Option<Status> {
    match &prior.status {
        PriorStatus::Said(status) => Some(*status),
        PriorStatus::Missing => Some(known.map_or(Status::Unknown, |known| known.status)),
        PriorStatus::Unreadable(..) | PriorStatus::Cleared => None,
    }
}
