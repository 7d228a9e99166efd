//! Settles adds whose outcome is not known, where looking them up in the CRM is proof.
//!
//! The losses that are guarded against: a row whose add was stored is sent again, and the customer is stored twice; a
//! row whose add was not stored is given up, and the customer is lost; a customer that looks alike is taken for the
//! row, and an undo deletes somebody else's customer. So an add is repeated only when its absence is proven, and a
//! customer is taken for a row only when it can be no other. Everything else stays `unknown`, with what was seen.
//!
//! 1. Wait until `settle` has passed since the attempt ended.
//! 2. For each field that is searched, find a *witness* (`witness.rs`): a customer that ferry wrote after the attempt
//!    in doubt had ended, and that the search shows as it was sent. A server that changes values, or whose search lags
//!    behind, gives no witness. The witness's creation time also tells how the server's clock stands.
//! 3. Search each row by its first field. A hit is a candidate if it is equal in every field that was sent, has no
//!    phone, address or account that was not sent, was made by the account that made the witness, was created between
//!    the intent and the end of the wait, and is known to the ledger for no row. With a stamp, every hit is a
//!    candidate.
//! 4. Where fewer candidates than rows are found and only a witness is lacking, write a customer that ferry added once
//!    more as it is (`touch.rs`), and search again.
//! 5. As many candidates as rows of equal content, and each fits these rows alone: the customers are adopted. Fewer
//!    candidates, no other hit, and the same by every other field that was sent, each with a witness: the rest is
//!    absent. Otherwise the rows stay unknown.

use std::collections::HashMap;
use std::time::Duration;

use crate::crm::CallError;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::open_job::OpenJob;
use crate::job::options::Timing;
use crate::journal::{JobFolder, JobStatus, Journal, JournalRow, RowCursor, RowOutcome, RowSet};
use crate::model::{Action, Code, Fact, Monitor, Problem, RowNumber, Status, Task};
use crate::reconcile::error::LookError;
use crate::reconcile::look;
use crate::reconcile::look::DoubtResolver;
use crate::reconcile::verdict::Verdicts;

/// Rows that are looked up in one go. Equal rows that are further apart are not seen as a group.
const BATCH_ROWS: usize = 5000;

/// What looking a job's rows up came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reconciled {
    /// How many rows were settled with a customer.
    pub adopted: u64,
    /// Rows that were proven not to have been added.
    pub absent: Vec<AbsentRow>,
    /// How many rows stay in doubt.
    pub left: u64,
    /// The call that ended the look-up early, if one did.
    pub ended: Option<CallError>,
}

/// A row that was proven not to have been added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AbsentRow {
    pub number: RowNumber,
    /// What came in place of the CRM's reply when the row was sent.
    pub said: Option<Fact>,
}

fn said_of(row: &JournalRow) -> Option<(RowNumber, Fact)> {
    let said = row.problems.first()?.facts.get("detail")?;
    Some((row.number, said.clone()))
}

/// What becomes of rows that were proven not to have been added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absent {
    /// The rows are pending again, and this job sends them.
    Pending,
    /// The rows are `failed`, because their job is over. Another job may send them.
    NotStored,
}

/// Settles what can be settled of a job's rows in doubt. A stop or a failed call ends it early; what was found by then
/// is kept.
///
/// A customer that was adopted may be the witness that another row lacked. So where customers were adopted and rows are
/// left, those are looked up once more.
pub(crate) fn reconcile(
    job: &mut OpenJob,
    timing: Timing,
    absent: Absent,
    context: &Context,
) -> Result<Reconciled, JobError> {
    let mut total = look_through(job, timing, absent, context)?;
    if total.adopted > 0 && total.left > 0 && total.ended.is_none() {
        let more = look_through(job, timing, absent, context)?;
        total = Reconciled {
            adopted: total.adopted + more.adopted,
            absent: [total.absent, more.absent.clone()].concat(),
            ..more
        };
    }
    Ok(total)
}

fn look_through(
    job: &mut OpenJob,
    timing: Timing,
    absent: Absent,
    context: &Context,
) -> Result<Reconciled, JobError> {
    let OpenJob {
        spec,
        journal,
        ledger,
        ..
    } = job;
    let spec = &*spec;
    let mut total = Reconciled::default();
    let mut doubtful = RowCursor::over(RowSet::Doubtful);
    while let Some(rows) = doubtful.next_rows(journal, BATCH_ROWS)? {
        if !wait(&rows, look::calls_for(&rows, spec), timing.settle, context) {
            return Ok(total);
        }
        context
            .monitor
            .start_task(Task::Reconcile, Some(rows.len() as u64));
        let mut verdicts = Verdicts::default();
        let said: HashMap<RowNumber, Fact> = rows.iter().filter_map(said_of).collect();
        let looked = DoubtResolver::new(spec, journal, ledger, context, timing)
            .map_err(LookError::Job)
            .and_then(|mut look| look.resolve_rows(rows, &mut verdicts));
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
        total
            .absent
            .extend(verdicts.absent.iter().map(|row| AbsentRow {
                number: *row,
                said: said.get(row).cloned(),
            }));
        if absent == Absent::NotStored {
            let rows = std::mem::take(&mut verdicts.absent);
            verdicts.outcomes.extend(rows.into_iter().map(not_stored));
        }
        journal.settle_doubts(ledger, &verdicts.outcomes, &verdicts.absent)?;
        match looked {
            Ok(()) => {}
            // The CRM cannot be asked now: the rest stays in doubt.
            Err(LookError::Call(error)) => {
                total.ended = Some(error);
                return Ok(total);
            }
            Err(LookError::Job(error)) => return Err(error),
        }
    }
    Ok(total)
}

/// Settles what can be settled of a job that is over, for an import that brings its rows in doubt back. Does nothing if
/// the job is not over or has no rows in doubt. Fails when another process works on the job, or the CRM cannot be
/// asked.
pub(crate) fn look_up_finished(
    folder: &JobFolder,
    timing: Timing,
    context: &Context,
) -> Result<(), JobError> {
    let reader = Journal::read(folder)?;
    let is_open = reader.status()? != JobStatus::Finished;
    if is_open || !reader.has_doubtful_adds()? {
        return Ok(());
    }
    drop(reader);
    look_up_held(&mut OpenJob::open_beside(folder, context)?, timing, context)
}

/// Settles what can be settled of a job that this process holds already. Does nothing if the job is not over.
pub(crate) fn look_up_held(
    job: &mut OpenJob,
    timing: Timing,
    context: &Context,
) -> Result<(), JobError> {
    if job.journal.status()? != JobStatus::Finished {
        return Ok(());
    }
    job.journal.check_ledger(&job.ledger)?;
    let looked = reconcile(job, timing, Absent::NotStored, context)?;
    looked.ended.map_or(Ok(()), |error| Err(error.into()))
}

fn not_stored(row: RowNumber) -> RowOutcome {
    RowOutcome {
        problem: Some(Problem::new(Code::NotStored)),
        ..RowOutcome::new(row, Action::Add, Status::Failed)
    }
}

/// Waits until `settle` has passed since the last of these attempts ended. Returns false when a stop was asked for.
fn wait(rows: &[JournalRow], calls: u64, settle: Duration, context: &Context) -> bool {
    let ended = rows
        .iter()
        .filter_map(|row| row.ended_at.or(row.sent_at))
        .max()
        .unwrap_or(0);
    let due = ended + settle.as_millis() as i64;
    let rest = due - context.clock.unix_seconds() as i64 * 1000;
    // A clock that was set back must not make the wait longer than `settle`.
    let rest = Duration::from_millis(rest.clamp(0, settle.as_millis() as i64) as u64);
    if rest >= Duration::from_secs(1) {
        let problem = Problem::new(Code::WaitingToSettle).with("count", rows.len().to_string());
        let now = context.clock.unix_seconds();
        context.monitor.notice(
            &problem
                .with("calls", calls.to_string())
                .with("seconds", rest.as_secs().to_string())
                .with("until", context.clock.wall_time(now + rest.as_secs())),
        );
    }
    context.clock.sleep(rest, &context.stop) && !context.stop.is_requested()
}
