//! Carrying a decided job out: send, look up what is in doubt, send again what is proven absent, answer every row.

use std::collections::BTreeMap;
use std::time::Instant;

use super::apply::{ApplyOptions, Schemas, apply};
use super::guard::Guard;
use super::import::{GUARDED, Planned, held_back, is_unconfirmed, timing_of};
use super::reconcile::{Absent, AbsentRow, look_up_finished, reconcile};
use super::report::{JobState, Report, report_of};
use super::stored_customer::StoredCustomer;
use super::{Context, End, JobError, JobSpec, ResultOptions, results};
use crate::crm::CallError;
use crate::journal::{Effort, JobFolder, Journal, JournalRow, Ledger, RowOutcome};
use crate::model::{Action, Code, CustomerId, Monitor, Problem, RowNumber, Status};

/// How often rows that were proven absent are sent again before a person is asked to look.
const MOST_ROUNDS: u32 = 10;
/// A row that was proven absent so often is one that the CRM fails on.
const MOST_ABSENCES: u32 = 8;

/// Sends, looks rows in doubt up, and sends again those that were proven not to have been added.
fn send_all(
    folder: &JobFolder,
    spec: &JobSpec,
    (mut journal, mut ledger): (Journal, Ledger),
    options: &ApplyOptions,
    context: &Context,
    effort: &(impl Fn() -> Effort + Clone + Send + 'static),
) -> Result<(Journal, Ledger, End), JobError> {
    let schemas = Schemas::of(spec);
    if spec.undoes.is_some() || spec.command == "delete" {
        forget_gone(&journal, &mut ledger)?;
        forget_replaced(&journal, &mut ledger)?;
    }
    let guard = if journal.meta(GUARDED)?.is_some() {
        match Guard::begin(folder, spec, &mut journal, options.concurrency, context) {
            Ok(guard) => guard,
            Err(JobError::StoppedInPlan) => return Ok((journal, ledger, End::Stopped)),
            Err(JobError::Call(error)) => return Ok((journal, ledger, End::of(error))),
            Err(error) => return Err(error),
        }
    } else {
        None
    };
    let mut left = options.limit;
    let mut absences = BTreeMap::new();
    for _ in 0..MOST_ROUNDS {
        let before = journal.counts()?.status(Status::Pending);
        let end;
        let parts = (journal, ledger);
        let options = &ApplyOptions {
            limit: left,
            ..options.clone()
        };
        (journal, ledger, end) = apply(
            folder,
            parts,
            (&schemas, guard.as_ref()),
            spec.undoes.is_some(),
            options,
            context,
            Box::new(effort.clone()),
        )?;
        if !matches!(end, End::Finished | End::Limited) {
            return Ok((journal, ledger, end));
        }
        let how = (timing_of(options), Absent::Pending);
        let sent = before.saturating_sub(journal.counts()?.status(Status::Pending));
        left = left.map(|left| left.saturating_sub(sent));
        let looked = reconcile(spec, &mut journal, &mut ledger, how, context)?;
        let given_up = given_up(&looked.absent, &mut absences);
        journal.settle_doubts(&mut ledger, &given_up, &[])?;
        let again = looked.absent.len() - given_up.len();
        let others = look_up_others(&journal, options, context)?;
        let woken = journal.settle_waiting(&ledger, &context.state)?;
        if let Some(error) = looked
            .ended
            .or(others)
            .filter(|_| !context.stop.is_requested())
        {
            return Ok((journal, ledger, End::of(error)));
        }
        let stopped = context.stop.is_requested() && journal.has_doubts()?;
        if stopped {
            return Ok((journal, ledger, End::Stopped));
        }
        if again as u64 + woken == 0 || context.stop.is_requested() || end == End::Limited {
            let pending = journal.counts()?.status(Status::Pending) > 0;
            let end = if pending && end == End::Finished {
                End::Stopped
            } else {
                end
            };
            return Ok((journal, ledger, end));
        }
    }
    Ok((journal, ledger, End::Stopped))
}

/// Rows that were sent again and again, and each time were proven not to be stored: refused, in effect.
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

/// Customers that an undo or a delete has found gone are forgotten as if it had deleted them: whoever brings their rows
/// again adds them again.
fn forget_gone(journal: &Journal, ledger: &mut Ledger) -> Result<(), JobError> {
    let mut after = -1;
    loop {
        let rows = journal.problem_rows_after(after, 1000)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.number.to_key();
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
}

/// Of a customer that an undo adds again the ledger forgets the old `_id`, in case the process that deleted it died before
/// it could.
fn forget_replaced(journal: &Journal, ledger: &mut Ledger) -> Result<(), JobError> {
    let mut after = -1;
    loop {
        let rows = journal.pending_after(after, 1000)?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.number.to_key();
        let mut old = Vec::new();
        for row in rows.iter().filter(|row| row.action == Action::Add) {
            let before = journal.images(row.number)?.before;
            let before = StoredCustomer::of_image(before.as_ref())?;
            old.extend(before.and_then(|stored| stored.id()));
        }
        ledger.forget(&old)?;
    }
}

/// Looks up what became of the rows of other jobs on which rows of this one wait. A job that is gone, or that
/// another process works on, is left alone. What the CRM said when it could not be asked comes back.
fn look_up_others(
    journal: &Journal,
    options: &ApplyOptions,
    context: &Context,
) -> Result<Option<CallError>, JobError> {
    for job in journal.waited_for()? {
        let Ok(folder) = context.state.job(&job) else {
            continue;
        };
        match look_up_finished(&folder, timing_of(options), context) {
            Ok(()) | Err(JobError::Journal(_) | JobError::Spec { .. } | JobError::File { .. }) => {}
            Err(JobError::Call(error)) => return Ok(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Sends what is pending, writes the result sheet and says what the job came to.
pub(super) fn carry_out(
    folder: &JobFolder,
    planned: Planned,
    options: &ApplyOptions,
    context: &Context,
    began: Instant,
) -> Result<Report, JobError> {
    let Planned {
        spec,
        mut journal,
        ledger,
        settled: _,
    } = planned;
    let before = journal.effort()?;
    let mut end = End::Finished;
    if held_back(&journal, &spec)? {
        journal.set_meta("held_back", "1")?;
    } else if is_unconfirmed(&journal)? {
        end = End::TooManyErrors;
    } else {
        let monitor = context.monitor.clone();
        let effort = move || Effort {
            calls: before.calls + monitor.calls(),
            elapsed: before.elapsed + began.elapsed(),
        };
        (journal, _, end) = send_all(folder, &spec, (journal, ledger), options, context, &effort)?;
    }
    let merged = journal.merged_rows()?;
    if merged > 0 {
        context
            .monitor
            .notice(&Problem::new(Code::MergedRows).with("count", merged.to_string()));
    }
    if end == End::Finished {
        journal.set_meta("state", JobState::Finished.as_str())?;
    }
    let cost = Effort {
        calls: before.calls + context.monitor.calls(),
        elapsed: before.elapsed + began.elapsed(),
    };
    journal.set_effort(cost)?;
    answer(folder, &spec, &mut journal, end, context)
}

/// Writes the result sheet and says what the job came to.
pub(super) fn answer(
    folder: &JobFolder,
    spec: &JobSpec,
    journal: &mut Journal,
    end: End,
    context: &Context,
) -> Result<Report, JobError> {
    let monitor = context.monitor.as_ref();
    let written = results::write_result(
        folder,
        spec,
        journal,
        &ResultOptions::of(spec, context.lang),
        monitor,
    );
    match &written {
        Ok(path) => journal.set_meta("result", &path.to_string_lossy())?,
        Err(error) => monitor.notice(
            &Problem::new(Code::ResultUnwritable)
                .with(
                    "path",
                    results::wanted_path(spec, context.lang).to_string_lossy(),
                )
                .with("detail", error.detail())
                .with("job", folder.id().as_str()),
        ),
    }
    let mut report = report_of(folder, journal, &spec.command, end)?;
    report.result = written.ok();
    Ok(report)
}
