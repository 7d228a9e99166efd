//! The preview of a job: what sending it would do, as counts, calls and time.
//!
//! It is computed from the journal alone, so it costs no call.

use std::time::Duration;

use crate::job::account::Account;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::{JobSpec, Mode};
use crate::journal::{Journal, JournalCounts, RowState};
use crate::model::{Action, JobId, Status};
use crate::stored::key_form;

/// What sending a job would do.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The job.
    pub job: JobId,
    /// The account that the job writes to.
    pub account: Account,
    /// The job's rows by state and action. Rows that are on the way count as pending.
    pub counts: JournalCounts,
    /// Rows that are united with a row above, among those that are skipped.
    pub united: u64,
    /// Calls that sending costs, with those of the guard and without retries.
    pub calls: u64,
    /// How long these calls take at the present pace.
    pub time: Duration,
    /// The job that this one takes back; of an undo.
    pub undoes: Option<JobId>,
    /// Pending rows of the job that is taken back: they will never be sent.
    pub abandons: u64,
    /// Whether rows would be added without a key, and nobody has said with `--mode add` that this is meant.
    pub unmatched: bool,
}

impl Preview {
    /// Returns how many rows would be sent with an action.
    pub fn rows(&self, action: Action) -> u64 {
        self.counts
            .sum(|state, its| state == RowState::At(Status::Pending) && its == action)
    }

    /// Returns whether the undo of a delete adds customers again, who get new ids.
    pub fn adds_again(&self) -> bool {
        self.undoes.is_some() && self.rows(Action::Add) > 0
    }
}

/// Shows the preview to a person and asks. An error ends the command before anything is sent.
pub type Confirm<'a> = &'a mut dyn FnMut(&Preview) -> Result<(), JobError>;

/// Returns what sending the pending rows of a job would do. `limit` bounds how many rows are sent.
pub(crate) fn preview(
    spec: &JobSpec,
    journal: &Journal,
    limit: Option<u64>,
    context: &Context,
) -> Result<Preview, JobError> {
    // Rows that were on their way when a process died are sent again or looked up.
    let counts = journal.counts()?.running();
    let pending =
        |action| counts.sum(|state, its| state == RowState::At(Status::Pending) && its == action);
    // Rows that wait on another job are sent if that job turns out not to have added them.
    let waiting = journal.waiting_rows()?;
    let (adds, updates) = (pending(Action::Add) + waiting, pending(Action::Update));
    // An update that merges lists takes two calls: it reads the customer before it writes.
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
        united: notes.united_rows,
        counts,
    })
}

/// Returns how many calls the guard needs to compare all pending rows once more. `pages` is how many calls a pass over
/// the list takes, 0 where that is not known.
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
    // One call more: the first page is read to know which way is cheaper.
    Ok(match singly {
        0 | 1 => singly,
        _ if by_list < singly => by_list,
        _ => singly + 1,
    })
}
