//! Sends what was decided.
//!
//! ```text
//! journal: pending ─► groups ─► journal: sending ─► (bounded channel) ─► senders ─► journal: outcome
//! ```
//!
//! A group of intents is what the pace releases within [`GROUP_TIME`], at least one row for each sender,
//! and it is committed before any of its calls leaves. After a stop, rows whose call never left go back to
//! *pending*; what is on the way is finished and recorded.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Context, End, ErrorLimit, JobError, lists, way_back};
use crate::crm::{CallError, Class, Crm, Pace};
use crate::journal::{
    Effort, JobFolder, Journal, JournalRow, Ledger, OutcomeSender, Recorder, RowOutcome,
};
use crate::model::{
    Action, Code, Counter, CustomerId, Monitor, Phrase, Problem, Record, Saying, Schema, Status,
    Stop, Task,
};

/// The stretch of time whose calls are committed together.
const GROUP_TIME: Duration = Duration::from_millis(250);

/// The most rows in one group, however fast the pace.
const GROUP_ROWS: usize = 1024;

/// How to send.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// Calls in flight at most.
    pub concurrency: usize,
    /// How long after an attempt the CRM is asked what became of it.
    pub settle: Duration,
    /// How long an attempt may last.
    pub timeout: Duration,
    /// Send rows that other jobs have added meanwhile.
    pub again: bool,
    /// Send at most so many rows.
    pub limit: Option<u64>,
    /// How many rows may be wrong; counts those of this run.
    pub errors: Arc<ErrorLimit>,
}

/// What everyone who sends shares.
struct Crew<'a> {
    crm: &'a dyn Crm,
    schema: &'a Schema,
    monitor: &'a dyn Monitor,
    stop: &'a Stop,
    errors: &'a ErrorLimit,
    end: Mutex<Option<End>>,
}

/// Sends the pending rows of a job until none is left or something stops it. Journal and ledger come back
/// with everything written.
pub(super) fn apply(
    folder: &JobFolder,
    (journal, ledger): (Journal, Ledger),
    schema: &Schema,
    options: &ApplyOptions,
    context: &Context,
    effort: Box<dyn Fn() -> Effort + Send>,
) -> Result<(Journal, Ledger, End), JobError> {
    let (monitor, stop, pace) = (
        context.monitor.as_ref(),
        &context.stop,
        context.pace.as_ref(),
    );
    let reader = Journal::read(folder)?;
    let pending = journal.counts()?.status(Status::Pending);
    monitor.start_task(
        Task::Send,
        Some(options.limit.map_or(pending, |limit| limit.min(pending))),
    );
    let recorder = Recorder::start(journal, ledger, options.again, effort, stop.clone());
    let crew = Crew {
        crm: context.crm.as_ref(),
        schema,
        monitor,
        stop,
        errors: &options.errors,
        end: Mutex::new(None),
    };
    let concurrency = options.concurrency.max(1);
    let group = |limit: u64| {
        let released = pace.calls_within(GROUP_TIME).clamp(concurrency, GROUP_ROWS);
        usize::try_from(limit).unwrap_or(usize::MAX).min(released)
    };
    // Few rows wait in the channel: a crash leaves those in doubt that may have left, and few others.
    let (to_senders, rows) = bounded::<JournalRow>(concurrency);
    let outcomes = recorder.outcomes();
    let fed = std::thread::scope(|scope| {
        for _ in 0..concurrency {
            let (rows, outcomes, crew) = (rows.clone(), outcomes.clone(), &crew);
            scope.spawn(move || send_rows(&rows, &outcomes, crew));
        }
        drop((rows, outcomes));
        let fed = feed(
            &reader,
            &recorder,
            &to_senders,
            group,
            options.limit,
            pace,
            stop,
        );
        drop(to_senders);
        fed
    });
    let finished = recorder.finish();
    monitor.finish_task(Task::Send);
    let (journal, ledger) = finished?;
    let limited = fed?;
    let end = crew
        .end
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let left = journal.counts()?.status(Status::Pending);
    let end = end.filter(|end| left > 0 || *end != End::TooManyErrors);
    let end = end.unwrap_or(match (left, limited) {
        // A stop that comes after the last row has nothing to stop.
        (0, _) => End::Finished,
        (_, true) => End::Limited,
        (_, false) => End::Stopped,
    });
    Ok((journal, ledger, end))
}

/// Commits groups of intents and hands them to the senders. True when the limit ended it.
fn feed(
    reader: &Journal,
    recorder: &Recorder,
    to_senders: &Sender<JournalRow>,
    group: impl Fn(u64) -> usize,
    limit: Option<u64>,
    pace: &Pace,
    stop: &Stop,
) -> Result<bool, JobError> {
    let mut after = -1;
    let mut left = limit.unwrap_or(u64::MAX);
    while !stop.is_requested() {
        // A spent quota ends the senders' calls as well, and they say so.
        if pace.wait_until_open(stop).is_err() {
            break;
        }
        let rows = reader.pending_after(after, group(left).max(1))?;
        let Some(last) = rows.last() else {
            return Ok(false);
        };
        if left == 0 {
            return Ok(true);
        }
        after = last.number.to_key();
        for row in recorder.intend(rows)? {
            left = left.saturating_sub(1);
            // Senders take rows until the channel closes, also after a stop, so this cannot block for good.
            if to_senders.send(row).is_err() {
                return Ok(false);
            }
        }
    }
    Ok(false)
}

fn send_rows(rows: &Receiver<JournalRow>, outcomes: &OutcomeSender, crew: &Crew<'_>) {
    for row in rows {
        if crew.stop.is_requested() {
            outcomes.give_back(row.number);
            continue;
        }
        match send(&row, crew) {
            Ok(outcome) => {
                crew.monitor.count(counter_of(outcome.status), 1);
                crew.monitor.advance(Task::Send, 1);
                let is_refused = outcome.status == Status::Failed;
                outcomes.record(outcome);
                if crew.errors.answered(is_refused) {
                    crew.end_with(End::TooManyErrors);
                }
            }
            Err(error) => {
                outcomes.give_back(row.number);
                crew.give_up(error);
            }
        }
    }
}

impl Crew<'_> {
    /// The job cannot go on: remembers why, and asks everyone to stop.
    fn give_up(&self, error: CallError) {
        self.end_with(if error.class.is_fatal() {
            End::Refused(error)
        } else {
            End::Unreachable(error)
        });
    }

    /// Remembers why, unless somebody stopped it before, and asks everyone to stop.
    fn end_with(&self, why: End) {
        if self.stop.is_requested() {
            return;
        }
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        end.get_or_insert(why);
        drop(end);
        self.stop.request();
    }
}

/// Sends one row. `Err` when nothing happened and the row is to stay pending.
fn send(row: &JournalRow, crew: &Crew<'_>) -> Result<RowOutcome, CallError> {
    let left_at = jiff::Timestamp::now().as_millisecond();
    let answer = match (row.action, &row.customer, &row.record) {
        (Action::Update, Some(id), Some(record)) => update(id, record, crew),
        (Action::Add, None, Some(record)) => crew
            .crm
            .add(record)
            .map(|customer| Some(customer.id))
            .map_err(Unsent::Call),
        _ => return Err(unreadable(row)),
    };
    let outcome = |status, customer, problem| RowOutcome {
        customer,
        problem,
        sent_at: Some(left_at),
        ended_at: Some(jiff::Timestamp::now().as_millisecond()),
        ..RowOutcome::new(row.number, row.action, status)
    };
    match answer {
        Ok(None) => Ok(outcome(Status::Unchanged, row.customer.clone(), None)),
        Ok(Some(id)) => {
            let other = row.action == Action::Update && row.customer.as_ref() != Some(&id);
            let problem = other.then(|| Problem::new(Code::OtherId).with("other", id.as_str()));
            let customer = if row.action == Action::Update {
                row.customer.clone()
            } else {
                Some(id)
            };
            Ok(outcome(Status::Ok, customer, problem))
        }
        Err(Unsent::Read(error)) if !ends_the_job(error.class) => {
            let code = if error.class == Class::Gone {
                Code::CustomerGone
            } else {
                Code::NotRead
            };
            Ok(outcome(
                Status::Failed,
                None,
                Some(problem_of(code, &error)),
            ))
        }
        Err(Unsent::Call(error) | Unsent::Read(error)) => {
            let (status, code) = match error.class {
                Class::Refused => (Status::Failed, Code::Refused),
                Class::Gone => (Status::Failed, Code::CustomerGone),
                Class::Unknown if row.action == Action::Update => {
                    (Status::Unknown, Code::UpdateUnknown)
                }
                Class::Unknown => (Status::Unknown, Code::OutcomeUnknown),
                _ => return Err(error),
            };
            Ok(outcome(status, None, Some(problem_of(code, &error))))
        }
    }
}

/// Which of a row's calls failed.
enum Unsent {
    /// The one that writes.
    Call(CallError),
    /// The one that reads first; nothing was written.
    Read(CallError),
}

/// Whether no other row would fare better.
fn ends_the_job(class: Class) -> bool {
    class.is_fatal() || matches!(class, Class::NotSent | Class::Busy)
}

/// A journal row that says nothing one could send: never guessed at.
fn unreadable(row: &JournalRow) -> CallError {
    CallError {
        class: Class::NotSent,
        message: Phrase::new(Saying::JournalRowUnreadable)
            .with("row", row.number.row.to_string())
            .into(),
        code: None,
        http_status: None,
        trace_id: None,
        retry_after: None,
    }
}

/// Sends an update; `None` when the customer has everything already by now.
fn update(id: &CustomerId, record: &Record, crew: &Crew<'_>) -> Result<Option<CustomerId>, Unsent> {
    let customer = if lists::needs_stored(record, crew.schema) {
        let stored = crew.crm.find(id).map_err(Unsent::Read)?;
        let whole = way_back::new_in(record, &stored.fields, crew.schema);
        if whole.is_empty() {
            return Ok(None);
        }
        crew.crm.update(id, &whole).map_err(Unsent::Call)?
    } else {
        let whole = lists::alone(record);
        crew.crm.update(id, &whole).map_err(Unsent::Call)?
    };
    Ok(Some(customer.id))
}

/// What the server said, as the facts of a problem.
pub(in crate::job) fn problem_of(code: Code, error: &CallError) -> Problem {
    let mut problem = Problem::new(code).with("detail", &error.message);
    for (name, fact) in [("code", &error.code), ("trace", &error.trace_id)] {
        if let Some(fact) = fact {
            problem = problem.with(name, fact);
        }
    }
    problem
}

fn counter_of(status: Status) -> Counter {
    match status {
        Status::Failed | Status::Invalid => Counter::Failed,
        Status::Unknown | Status::Pending => Counter::Unknown,
        Status::Skipped => Counter::Skipped,
        Status::Ok | Status::Unchanged => Counter::Ok,
    }
}
