//! Adds whose outcome is not known: looked for in the CRM, and settled where that is proof.
//!
//! An add may be repeated only when its absence is proven, and a customer is taken for a row only when it
//! can be no other. Everything else stays `unknown`, with what was seen.
//!
//! 1. Wait until `settle` has passed since the attempt ended.
//! 2. See that the search works: by each field, it finds an add of this job that left after the attempt in
//!    doubt had ended, and that customer holds what was sent. A server that changes values, or whose search
//!    lags behind, gives no such *witness*. Its creation time also tells how the server's clock stands.
//! 3. Search each row by its first field. A hit is a candidate if it is equal in every field that was sent, has
//!    no phone, address or account that was not, was created between the intent and the end of the wait, and
//!    is known to the ledger for no row.
//! 4. As many candidates as rows of equal content, each fitting these rows alone: adopted. None, no other
//!    hit, and the same by every other field that was sent, each with a witness: absent. Else unknown.

mod look;
mod verdict;

use std::time::Duration;

use look::Look;
use verdict::Verdicts;

use super::{Context, JobError, JobSpec};
use crate::crm::CallError;
use crate::journal::{Journal, JournalError, JournalRow, Ledger};
use crate::model::{Code, Monitor, Problem, Task};

/// Rows looked at in one go; equal rows further apart are not seen as a group.
const BATCH_ROWS: usize = 5000;

/// What looking came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reconciled {
    /// Rows whose customer was found.
    pub adopted: u64,
    /// Rows that were proven not to have been added: pending again.
    pub absent: u64,
    /// Rows that stay in doubt.
    pub left: u64,
    /// Why it ended early.
    pub ended: Option<CallError>,
}

/// Settles what can be settled of a job's rows in doubt. A stop ends it early; what was found by then is kept.
///
/// `settle` is how long after an attempt the CRM is asked, `timeout` how long an attempt lasts at most.
pub(super) fn reconcile(
    spec: &JobSpec,
    journal: &mut Journal,
    ledger: &mut Ledger,
    (settle, timeout): (Duration, Duration),
    context: &Context,
) -> Result<Reconciled, JobError> {
    let mut total = Reconciled::default();
    let mut after = -1;
    loop {
        let rows = journal.doubtful_after(after, BATCH_ROWS)?;
        let Some(last) = rows.last() else {
            return Ok(total);
        };
        after = last.number.to_key();
        if !wait(&rows, settle, context) {
            return Ok(total);
        }
        context
            .monitor
            .start_task(Task::Reconcile, Some(rows.len() as u64));
        let mut verdicts = Verdicts::default();
        let looked = Look::new(spec, journal, ledger, context, settle + timeout)
            .map_err(LookError::Job)
            .and_then(|mut look| look.settle(rows, &mut verdicts));
        context.monitor.finish_task(Task::Reconcile);
        let found = |known: bool| {
            let counted = verdicts
                .outcomes
                .iter()
                .filter(|outcome| outcome.customer.is_some() == known);
            counted.count() as u64
        };
        total.adopted += found(true);
        total.left += found(false);
        total.absent += verdicts.absent.len() as u64;
        journal.settle_doubts(ledger, &verdicts.outcomes, &verdicts.absent)?;
        match looked {
            Ok(()) => {}
            // The CRM cannot be asked now: what is in doubt stays so.
            Err(LookError::Call(error)) => {
                total.ended = Some(error);
                return Ok(total);
            }
            Err(LookError::Job(error)) => return Err(error),
        }
    }
}

/// Waits until every row may be judged; false when a stop was asked for.
fn wait(rows: &[JournalRow], settle: Duration, context: &Context) -> bool {
    let ended = rows
        .iter()
        .filter_map(|row| row.ended_at.or(row.sent_at))
        .max()
        .unwrap_or(0);
    let due = ended + settle.as_millis() as i64;
    let rest = due - context.clock.unix_seconds() as i64 * 1000;
    // A clock that was set back must not make this longer than the whole of it.
    let rest = Duration::from_millis(rest.clamp(0, settle.as_millis() as i64) as u64);
    if rest >= Duration::from_secs(1) {
        let problem = Problem::new(Code::WaitingToSettle).with("count", rows.len().to_string());
        context
            .monitor
            .notice(&problem.with("seconds", rest.as_secs().to_string()));
    }
    context.clock.sleep(rest, &context.stop) && !context.stop.is_requested()
}

enum LookError {
    Call(CallError),
    Job(JobError),
}

impl From<CallError> for LookError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<JournalError> for LookError {
    fn from(error: JournalError) -> Self {
        Self::Job(error.into())
    }
}
