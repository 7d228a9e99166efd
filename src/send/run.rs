//! Carries a decided job out, in rounds: send what is pending, look up what is in doubt, and send again what is proven
//! absent.
//!
//! The invariant: an add is sent a second time only when its absence is proven. A round that leaves nothing to send
//! again ends the run. So that a CRM that loses every add cannot keep it going, both the rounds of a run and the
//! absences of a row are bounded.

use std::collections::BTreeMap;

use crate::crm::CallError;
use crate::job::context::Context;
use crate::job::end::{End, Ended};
use crate::job::error::JobError;
use crate::job::error_limit::ErrorLimit;
use crate::job::open_job::{EffortCounter, OpenJob};
use crate::job::options::SendOptions;
use crate::journal::{JobStatus, Journal, JournalRow, Ledger, Note, RowCursor, RowOutcome, RowSet};
use crate::model::{Action, Code, CustomerId, Monitor, Problem, RowNumber, Status};
use crate::reconcile::doubts::{Absent, AbsentRow, look_up_finished, reconcile};
use crate::send::guard::Guard;
use crate::send::sender::{Schemas, Sending};
use crate::stored::customer::StoredCustomer;

/// Rounds of a run at most. After them the job is stopped, and a person decides whether to resume it.
const MOST_ROUNDS: u32 = 10;
/// A row that was proven absent so often in one run is `failed` and not sent again: the CRM seems to fail on it.
const MOST_ABSENCES: u32 = 8;

/// Sends the pending rows of a confirmed job, and looks up those in doubt. A job that is held back sends nothing, and
/// neither does one that nobody has confirmed because `--max-errors` was exceeded.
pub(crate) fn run(
    mut job: OpenJob,
    options: &SendOptions,
    context: &Context,
) -> Result<Ended, JobError> {
    let effort = job.effort_counter(context)?;
    let mut ended = if job.is_held_back()? {
        job.journal.note(Note::HeldBack)?;
        Ended {
            job,
            end: End::Finished,
        }
    } else if job.journal.notes()?.is_unconfirmed {
        Ended {
            job,
            end: End::TooManyErrors,
        }
    } else {
        send_all(job, options, &effort, context)?
    };
    let journal = &mut ended.job.journal;
    let merged = journal.merged_rows()?;
    if merged > 0 {
        let said = Problem::new(Code::MergedRows).with("count", merged.to_string());
        context.monitor.notice(&said);
    }
    match ended.end {
        End::Finished => journal.set_status(JobStatus::Finished)?,
        End::Limited => journal.note(Note::TrialOver(true))?,
        _ => {}
    }
    journal.set_effort(effort.now())?;
    Ok(ended)
}

/// Runs at most [`MOST_ROUNDS`] rounds of sending and settling, and returns the job with why it ended.
fn send_all(
    mut job: OpenJob,
    options: &SendOptions,
    effort: &EffortCounter,
    context: &Context,
) -> Result<Ended, JobError> {
    if job.spec.kind.takes_away() {
        forget_gone(&job.journal, &mut job.ledger)?;
        forget_replaced(&job.journal, &mut job.ledger)?;
    }
    let spec = job.spec.clone();
    let folder = job.folder().clone();
    let notes = job.journal.notes()?;
    if notes.is_trial_over {
        job.journal.note(Note::TrialOver(false))?;
    }
    let guard = if notes.is_guarded {
        let begun = Guard::begin(
            &folder,
            &spec,
            &mut job.journal,
            options.concurrency,
            context,
        );
        match begun {
            Ok(guard) => guard,
            Err(JobError::StoppedInPlan) => {
                return Ok(Ended {
                    job,
                    end: End::Stopped,
                });
            }
            Err(JobError::Call(error)) => {
                return Ok(Ended {
                    job,
                    end: End::of(error),
                });
            }
            Err(error) => return Err(error),
        }
    } else {
        None
    };
    let schemas = Schemas::of(&spec);
    let sending = Sending {
        schemas: &schemas,
        guard: guard.as_ref(),
        concurrency: options.concurrency,
        errors: &ErrorLimit::new(options.max_errors, job.invalid_rows),
        effort,
        context,
    };
    let mut left = options.limit;
    let mut absences = BTreeMap::new();
    for _ in 0..MOST_ROUNDS {
        let before = job.journal.counts()?.status(Status::Pending);
        let ended = sending.send_pending(job, left)?;
        if !matches!(ended.end, End::Finished | End::Limited) {
            return Ok(ended);
        }
        job = ended.job;
        let sent = before.saturating_sub(job.journal.counts()?.status(Status::Pending));
        left = left.map(|left| left.saturating_sub(sent));
        let end = look_up_doubts(&mut job, ended.end, &mut absences, options, context)?;
        if let Some(end) = end {
            return Ok(Ended { job, end });
        }
    }
    Ok(Ended {
        job,
        end: End::Stopped,
    })
}

/// Looks up the rows in doubt after a round was sent. Returns why the run ends; `None` when rows are to be sent again.
fn look_up_doubts(
    job: &mut OpenJob,
    end: End,
    absences: &mut BTreeMap<RowNumber, u32>,
    options: &SendOptions,
    context: &Context,
) -> Result<Option<End>, JobError> {
    let looked = reconcile(job, options.timing(), Absent::Pending, context)?;
    let given_up = given_up(&looked.absent, absences);
    job.journal.settle_doubts(&mut job.ledger, &given_up, &[])?;
    let again = looked.absent.len() - given_up.len();
    let others = look_up_others(&job.journal, options, context)?;
    let woken = job.journal.settle_waiting(&job.ledger, &context.state)?;
    let is_stopped = context.stop.is_requested();
    if let Some(error) = looked.ended.or(others).filter(|_| !is_stopped) {
        return Ok(Some(End::of(error)));
    }
    if is_stopped && job.journal.has_doubts()? {
        return Ok(Some(End::Stopped));
    }
    if again as u64 + woken > 0 && !is_stopped && end != End::Limited {
        return Ok(None);
    }
    let pending = job.journal.counts()?.status(Status::Pending) > 0;
    Ok(Some(if pending && end == End::Finished {
        End::Stopped
    } else {
        end
    }))
}

/// Counts this round's absent rows, and returns as `failed` those that were proven absent [`MOST_ABSENCES`] times.
fn given_up(absent: &[AbsentRow], absences: &mut BTreeMap<RowNumber, u32>) -> Vec<RowOutcome> {
    let mut rows = Vec::new();
    for row in absent {
        let times = absences.entry(row.number).or_default();
        *times += 1;
        if *times >= MOST_ABSENCES {
            let mut failed = Problem::new(Code::NeverStored).with("count", times.to_string());
            if let Some(said) = &row.said {
                failed = failed.with("detail", said);
            }
            rows.push(RowOutcome {
                problem: Some(failed),
                ..RowOutcome::new(row.number, Action::Add, Status::Failed)
            });
        }
    }
    rows
}

/// Makes the ledger forget the customers that an undo or a delete found gone, as if the job had deleted them. An import
/// of their rows then adds them again.
fn forget_gone(journal: &Journal, ledger: &mut Ledger) -> Result<(), JobError> {
    let mut wrong = RowCursor::over(RowSet::WithProblems);
    while let Some(rows) = wrong.next_batch(journal)? {
        let is_gone = |row: &JournalRow| {
            let mut problems = row.problems.iter();
            problems.any(|problem| problem.code == Code::AlreadyGone)
        };
        let gone: Vec<CustomerId> = rows
            .into_iter()
            .filter(is_gone)
            .filter_map(|row| row.customer)
            .collect();
        ledger.forget(&gone)?;
    }
    Ok(())
}

/// Makes the ledger forget the old `_id` of each customer that an undo is to add again. The process that deleted the
/// customer may have died before it wrote that into the ledger.
fn forget_replaced(journal: &Journal, ledger: &mut Ledger) -> Result<(), JobError> {
    let mut pending = RowCursor::over(RowSet::Pending);
    while let Some(rows) = pending.next_batch(journal)? {
        let mut old = Vec::new();
        for row in rows.iter().filter(|row| row.action == Action::Add) {
            let before = journal.images(row.number)?.before;
            let before = StoredCustomer::of_image(before.as_ref())?;
            old.extend(before.and_then(|stored| stored.id()));
        }
        ledger.forget(&old)?;
    }
    Ok(())
}

/// Looks up the rows of other jobs on which rows of this one wait. A job that cannot be read, or that another process
/// works on, is left alone. Returns the error of a call that shows that the CRM cannot be asked now.
fn look_up_others(
    journal: &Journal,
    options: &SendOptions,
    context: &Context,
) -> Result<Option<CallError>, JobError> {
    for job in journal.waited_for()? {
        let Ok(folder) = context.state.job(&job) else {
            continue;
        };
        match look_up_finished(&folder, options.timing(), context) {
            Ok(()) | Err(JobError::Journal(_) | JobError::Spec { .. } | JobError::File { .. }) => {}
            Err(JobError::Call(error)) => return Ok(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}
