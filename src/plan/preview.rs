//! What a job would do, before it does anything: counts, calls and time.

use std::time::Duration;

use crate::job::account::Account;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::{JobSpec, Mode};
use crate::journal::{Journal, JournalCounts, RowState};
use crate::model::{Action, JobId, Status};
use crate::stored::key_form;

/// What would happen, before anything does.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The job.
    pub job: JobId,
    /// The account.
    pub account: Account,
    /// Its rows as they were decided.
    pub counts: JournalCounts,
    /// Calls that sending costs, without retries.
    pub calls: u64,
    /// How long these calls take at the pace.
    pub time: Duration,
    /// The job that this one takes back.
    pub undoes: Option<JobId>,
    /// Rows of that job that were not sent yet, and will not be.
    pub abandons: u64,
    /// Whether rows are added that were not compared with what is stored, and nobody said that this is meant.
    pub unmatched: bool,
}

impl Preview {
    /// Rows that would be sent with an action.
    pub fn rows(&self, action: Action) -> u64 {
        self.counts
            .sum(|state, its| state == RowState::At(Status::Pending) && its == action)
    }
}

/// Sees what would happen, and says whether it may: an error of it ends the command, and nothing was sent.
pub type Confirm<'a> = &'a mut dyn FnMut(&Preview) -> Result<(), JobError>;

/// What would happen with the rows of a job that are pending; `limit` bounds how many of them.
pub(crate) fn preview(
    spec: &JobSpec,
    journal: &Journal,
    limit: Option<u64>,
    context: &Context,
) -> Result<Preview, JobError> {
    // What was on its way when a process died is sent again, or looked up.
    let counts = journal.counts()?.running();
    let pending =
        |action| counts.sum(|state, its| state == RowState::At(Status::Pending) && its == action);
    // Rows that wait on another job are sent when that one turns out not to have added them.
    let waiting = journal.waiting_rows()?;
    let (adds, updates) = (pending(Action::Add) + waiting, pending(Action::Update));
    // An update that merges lists reads the customer once more before it writes.
    let notes = journal.notes()?;
    let update_calls = notes.update_calls.unwrap_or(updates);
    let calls = adds + pending(Action::Delete) + pending(Action::Restore) + update_calls;
    let calls = limit.map_or(calls, |limit| {
        calls.min(limit * if update_calls > updates { 2 } else { 1 })
    });
    let guard_calls = if notes.is_guarded {
        notes.guard_calls
    } else {
        0
    };
    let calls = calls + guard_calls;
    Ok(Preview {
        job: spec.id.clone(),
        account: spec.account.clone(),
        undoes: spec.kind.undoes().cloned(),
        abandons: 0,
        calls,
        time: context.pace.estimate(calls),
        unmatched: adds > 0 && spec.options.mode == Mode::Auto && spec.keys.is_empty(),
        counts,
    })
}

/// The calls that comparing all pending rows once more takes.
pub(crate) fn guard_calls(spec: &JobSpec, journal: &Journal, pages: u64) -> Result<u64, JobError> {
    let counts = journal.counts()?;
    let pending =
        |action| counts.sum(|state, its| state == RowState::At(Status::Pending) && its == action);
    let keyed = if spec.matches_keys() {
        pending(Action::Add)
    } else {
        0
    };
    let undone = if spec.kind.is_undo() {
        pending(Action::Delete)
    } else {
        0
    };
    let singly = pending(Action::Update)
        + pending(Action::Restore)
        + undone
        + keyed * key_form::searches(&spec.keys, &spec.schema);
    let by_list = if pages > 0 { pages } else { u64::MAX };
    // To know which is cheaper takes the first page.
    Ok(match singly {
        0 | 1 => singly,
        _ if by_list < singly => by_list,
        _ => singly + 1,
    })
}
