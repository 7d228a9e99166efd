//! Sends what was decided.
//!
//! ```text
//! journal: pending ─► groups ─► journal: sending ─► (bounded channel) ─► senders ─► journal: outcome
//! ```
//!
//! A group of intents is what the pace releases within [`GROUP_TIME`], at least one row for each sender,
//! and it is committed before any of its calls leaves. After a stop, rows whose call never left go back to
//! *pending*; what is on the way is finished and recorded.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::job::context::Context;
use crate::job::end::{End, Ended};
use crate::job::error::JobError;
use crate::job::error_limit::ErrorLimit;
use crate::job::open_job::{EffortCounter, OpenJob};
use crate::job::spec::JobSpec;
use crate::journal::{
    Journal, JournalRow, OutcomeSender, Recorder, RepeatPolicy, RowCursor, RowOutcome, RowSet,
};
use crate::model::{
    Action, Code, Counter, Customer, CustomerId, Monitor, Phrase, Problem, Record, Saying, Schema,
    Status, Stop, Task,
};
use crate::send::guard::{Guard, GuardVerdict};
use crate::stored::birth::{Births, has_other_name};
use crate::stored::customer::StoredCustomer;
use crate::stored::{change, list, value};

pub(crate) use crate::crm::{CallError, Class, Crm, Pace, problem_of};

/// The stretch of time whose calls are committed together.
const GROUP_TIME: Duration = Duration::from_millis(250);

/// The most rows in one group, however fast the pace.
const GROUP_ROWS: usize = 1024;

/// The fields, as they are written to customers that an `_id` names, and to those that a key has found.
#[derive(Debug, Clone)]
pub(crate) struct Schemas {
    plain: Schema,
    matched: Schema,
    /// In which the CRM writes times.
    timezone: String,
}

impl Schemas {
    /// Those of a job.
    pub(crate) fn of(spec: &JobSpec) -> Self {
        Self {
            plain: spec.schema.clone(),
            matched: spec.match_schema(),
            timezone: spec.timezone.clone(),
        }
    }

    fn of_row(&self, row: &JournalRow) -> &Schema {
        if row.is_matched {
            &self.matched
        } else {
            &self.plain
        }
    }
}

/// Customers whose calls are on the way: rows of one customer go one after the other, in the order of the sheet.
#[derive(Default)]
struct CustomerLocks {
    customers: Mutex<HashSet<CustomerId>>,
    done: Condvar,
}

impl CustomerLocks {
    /// Waits until no call of the customer is on the way, and takes it.
    fn take(&self, id: &CustomerId) {
        let mut customers = self.lock();
        while customers.contains(id) {
            customers = self
                .done
                .wait(customers)
                .unwrap_or_else(PoisonError::into_inner);
        }
        customers.insert(id.clone());
    }

    fn give_back(&self, id: &CustomerId) {
        self.lock().remove(id);
        self.done.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<CustomerId>> {
        self.customers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What everyone who sends shares.
struct SenderContext<'a> {
    crm: &'a dyn Crm,
    schemas: &'a Schemas,
    guard: Option<&'a Guard<'a>>,
    locks: CustomerLocks,
    monitor: &'a dyn Monitor,
    stop: &'a Stop,
    pace: &'a Pace,
    errors: &'a ErrorLimit,
    births: Births,
    end: Mutex<Option<End>>,
}

/// How the pending rows of a job are sent.
pub(crate) struct Sending<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) guard: Option<&'a Guard<'a>>,
    /// Calls in flight at most.
    pub(crate) concurrency: usize,
    /// Counts the wrong rows of the run.
    pub(crate) errors: &'a ErrorLimit,
    /// Counts what the job costs; one for all rounds of a run.
    pub(crate) effort: &'a EffortCounter,
    pub(crate) context: &'a Context,
}

impl Sending<'_> {
    /// Sends the pending rows of a job, at most `limit` of them, until none is left or something stops it. The job comes back
    /// with everything written.
    pub(crate) fn send_pending(&self, job: OpenJob, limit: Option<u64>) -> Result<Ended, JobError> {
        let context = self.context;
        let monitor = context.monitor.as_ref();
        let policy = if job.spec.kind.is_undo() {
            RepeatPolicy::OncePerOrigin
        } else if job.spec.options.again {
            RepeatPolicy::Always
        } else {
            RepeatPolicy::Never
        };
        let OpenJob {
            spec,
            journal,
            ledger,
            invalid_rows,
            hold,
        } = job;
        let reader = Journal::read(hold.folder())?;
        let pending = journal.counts()?.status(Status::Pending);
        let total = limit.map_or(pending, |limit| limit.min(pending));
        monitor.start_task(Task::Send, Some(total));
        let effort = self.effort.clone();
        let effort = Box::new(move || effort.now());
        let recorder = Recorder::start(journal, ledger, policy, effort, context.stop.clone());
        let senders = SenderContext {
            crm: context.crm.as_ref(),
            schemas: self.schemas,
            guard: self.guard,
            locks: CustomerLocks::default(),
            monitor,
            stop: &context.stop,
            pace: context.pace.as_ref(),
            errors: self.errors,
            births: Births::new(&self.schemas.timezone, context.server_clock.clone()),
            end: Mutex::new(None),
        };
        let fed = self.feed_senders(&reader, &recorder, &senders, limit);
        let finished = recorder.finish();
        monitor.finish_task(Task::Send);
        let (journal, ledger) = finished?;
        let is_limited = fed?;
        let left = journal.counts()?.status(Status::Pending);
        let end = senders.end.into_inner();
        let end = end.unwrap_or_else(PoisonError::into_inner);
        let end = end.filter(|end| left > 0 || *end != End::TooManyErrors);
        let end = end.unwrap_or(match (left, is_limited) {
            // A stop that comes after the last row has nothing to stop.
            (0, _) => End::Finished,
            (_, true) => End::Limited,
            (_, false) => End::Stopped,
        });
        let job = OpenJob {
            spec,
            journal,
            ledger,
            invalid_rows,
            hold,
        };
        Ok(Ended { job, end })
    }

    /// Starts the senders and feeds them. True when the limit ended it.
    fn feed_senders(
        &self,
        reader: &Journal,
        recorder: &Recorder,
        senders: &SenderContext<'_>,
        limit: Option<u64>,
    ) -> Result<bool, JobError> {
        let concurrency = self.concurrency.max(1);
        // Few rows wait in the channel: a crash leaves those in doubt that may have left, and few others.
        let (to_senders, rows) = bounded::<QueuedRow>(concurrency);
        let outcomes = recorder.outcomes();
        std::thread::scope(|scope| {
            for _ in 0..concurrency {
                let (rows, outcomes) = (rows.clone(), outcomes.clone());
                scope.spawn(move || send_rows(&rows, &outcomes, senders));
            }
            drop((rows, outcomes));
            let feeder = Feeder {
                reader,
                recorder,
                to_senders,
                senders,
                concurrency,
            };
            feeder.feed(limit)
        })
    }
}

/// Commits groups of intents and hands them to the senders. Dropped, it closes their channel.
struct Feeder<'a> {
    reader: &'a Journal,
    recorder: &'a Recorder,
    to_senders: Sender<QueuedRow>,
    senders: &'a SenderContext<'a>,
    concurrency: usize,
}

impl Feeder<'_> {
    /// How many rows are committed together, of so many that are left.
    fn group_rows(&self, left: u64) -> usize {
        let released = self.senders.pace.calls_within(GROUP_TIME);
        let released = released.clamp(self.concurrency, GROUP_ROWS);
        usize::try_from(left).unwrap_or(usize::MAX).min(released)
    }

    /// Feeds the senders. True when the limit ended it.
    fn feed(&self, limit: Option<u64>) -> Result<bool, JobError> {
        let stop = self.senders.stop;
        let mut pending = RowCursor::over(RowSet::Pending);
        let mut left = limit.unwrap_or(u64::MAX);
        while !stop.is_requested() {
            // A spent quota ends the senders' calls as well, and they say so.
            if self.senders.pace.wait_until_open(stop).is_err() {
                break;
            }
            let group = self.group_rows(left).max(1);
            let Some(rows) = pending.next_rows(self.reader, group)? else {
                return Ok(false);
            };
            if left == 0 {
                return Ok(true);
            }
            for row in self.recorder.intend(rows)? {
                left = left.saturating_sub(1);
                // Senders answer every row that they were given, so nobody waits for good.
                if let Some(id) = &row.customer {
                    self.senders.locks.take(id);
                }
                let before = match self.senders.guard {
                    Some(_) => {
                        let before = self.reader.images(row.number)?.before;
                        StoredCustomer::of_image(before.as_ref())?
                    }
                    None => None,
                };
                // Senders take rows until the channel closes, also after a stop, so this cannot block for good.
                if self.to_senders.send(QueuedRow { row, before }).is_err() {
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }
}

/// A row on its way to be sent.
struct QueuedRow {
    row: JournalRow,
    /// Its customer as the plan saw it, where that is compared.
    before: Option<StoredCustomer>,
}

fn send_rows(rows: &Receiver<QueuedRow>, outcomes: &OutcomeSender, senders: &SenderContext<'_>) {
    for QueuedRow { row, before } in rows {
        if senders.stop.is_requested() {
            outcomes.give_back(row.number);
            senders.finished_with(&row);
            continue;
        }
        match send(&row, before.as_ref(), senders) {
            Ok(outcome) => {
                senders.monitor.count(counter_of(outcome.status), 1);
                senders.monitor.advance(Task::Send, 1);
                let is_refused = outcome.status == Status::Failed;
                outcomes.record(outcome);
                if senders.errors.answered(is_refused) {
                    senders.end_with(End::TooManyErrors);
                }
            }
            Err(error) => {
                outcomes.give_back(row.number);
                senders.give_up(error);
            }
        }
        senders.finished_with(&row);
    }
}

impl SenderContext<'_> {
    /// The next row of the same customer may go.
    fn finished_with(&self, row: &JournalRow) {
        if let Some(id) = &row.customer {
            self.locks.give_back(id);
        }
    }

    /// The job cannot go on: remembers why, and asks everyone to stop.
    fn give_up(&self, error: CallError) {
        self.end_with(End::of(error));
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
fn send(
    row: &JournalRow,
    before: Option<&StoredCustomer>,
    senders: &SenderContext<'_>,
) -> Result<RowOutcome, CallError> {
    let left_at = jiff::Timestamp::now().as_millisecond();
    let mut seen = None;
    let answer = match senders.guard.map(|guard| guard.check(row, before)) {
        Some(Ok(GuardVerdict::Held(problem, customer))) => Ok(Answer::Held(problem, customer)),
        Some(Ok(GuardVerdict::AsItWas)) => Ok(Answer::AsItWas),
        Some(Err(error)) => Err(Unsent::Read(error)),
        Some(Ok(GuardVerdict::Free(now))) => {
            seen = now;
            call(row, senders)?
        }
        None => call(row, senders)?,
    };
    let outcome = |status, problem| RowOutcome {
        problem,
        sent_at: Some(left_at),
        ended_at: Some(jiff::Timestamp::now().as_millisecond()),
        ..RowOutcome::new(row.number, row.action, status)
    };
    match answer {
        Ok(Answer::Held(problem, customer)) => Ok(RowOutcome {
            customer,
            ..outcome(Status::Invalid, Some(problem))
        }),
        Ok(Answer::AsItWas) => Ok(RowOutcome {
            customer: row.customer.clone(),
            ..outcome(Status::Unchanged, None)
        }),
        Ok(Answer::Gone) => {
            let id = row.customer.as_ref().map_or("", CustomerId::as_str);
            let gone = Problem::new(Code::AlreadyGone).with("id", id);
            Ok(RowOutcome {
                customer: row.customer.clone(),
                ..outcome(Status::Ok, Some(gone))
            })
        }
        Ok(Answer::Deleted) => Ok(RowOutcome {
            customer: row.customer.clone(),
            ..outcome(Status::Ok, None)
        }),
        Ok(Answer::Stored { customer, before }) => {
            let is_add = row.action == Action::Add;
            let other = !is_add && row.customer.as_ref() != Some(&customer.id);
            let done = outcome(Status::Ok, None);
            let problem = if other {
                Some(Problem::new(Code::OtherId).with("other", customer.id.as_str()))
            } else if is_add {
                merged(row, &customer, &done, senders)
            } else {
                None
            };
            // Some servers answer an update with nothing.
            let after = (!is_add && !customer.fields.is_empty())
                // A map of JSON values is always JSON.
                .then(|| serde_json::to_string(&customer.fields).unwrap_or_default());
            // Of a new customer it is enough to know whether it is still the same.
            let digest = is_add.then(|| value::digest(&customer.fields));
            Ok(RowOutcome {
                customer: if is_add {
                    Some(customer.id)
                } else {
                    row.customer.clone()
                },
                before: before.or(seen),
                after,
                digest,
                problem,
                ..done
            })
        }
        Err(Unsent::Read(error)) if !ends_the_job(error.class) => {
            let code = if error.class == Class::Gone {
                Code::CustomerGone
            } else {
                Code::NotRead
            };
            Ok(outcome(Status::Failed, Some(problem_of(code, &error))))
        }
        Err(Unsent::Call(error) | Unsent::Read(error)) => {
            let (status, code) = match error.class {
                Class::Refused => (Status::Failed, Code::Refused),
                Class::Gone => (Status::Failed, Code::CustomerGone),
                Class::Unknown if row.action != Action::Add => {
                    (Status::Unknown, Code::UpdateUnknown)
                }
                Class::Unknown => (Status::Unknown, Code::OutcomeUnknown),
                _ => return Err(error),
            };
            let problem = problem_of(code, &error);
            if let Some(class) = error.sounds_like.filter(|class| class.is_fatal()) {
                senders.give_up(CallError { class, ..error });
            }
            Ok(outcome(status, Some(problem)))
        }
    }
}

/// What to say where the CRM has answered an add with a customer that was there before.
fn merged(
    row: &JournalRow,
    customer: &Customer,
    done: &RowOutcome,
    senders: &SenderContext<'_>,
) -> Option<Problem> {
    let sent_at = done.sent_at?;
    let ended_at = done.ended_at.unwrap_or(sent_at);
    let created = customer.created.as_deref();
    let is_older = senders.births.is_older(created, sent_at, ended_at);
    let sent = row.record.as_ref();
    let is_other = sent.is_some_and(|sent| has_other_name(sent, &customer.fields));
    (is_older || is_other).then(|| {
        Problem::new(Code::MergedByServer)
            .with("id", customer.id.as_str())
            .with("created", created.unwrap_or_default())
    })
}

/// What became of a row's calls.
enum Answer {
    /// The customer as the reply has it, and as it was read just before, if it was.
    Stored {
        customer: Box<Customer>,
        before: Option<String>,
    },
    /// It has everything already.
    AsItWas,
    /// It is deleted.
    Deleted,
    /// It was gone before.
    Gone,
    /// Nothing was sent, and why; the customer that is there instead.
    Held(Problem, Option<CustomerId>),
}

/// Makes the call of a row; the outer error is for a row that says nothing one could send.
fn call(
    row: &JournalRow,
    senders: &SenderContext<'_>,
) -> Result<Result<Answer, Unsent>, CallError> {
    let stored = |customer| Answer::Stored {
        customer: Box::new(customer),
        before: None,
    };
    Ok(match (row.action, &row.customer, &row.record) {
        (Action::Update, Some(id), Some(record)) => {
            update(id, record, senders.schemas.of_row(row), senders)
        }
        // What is restored was whole when it was stored.
        (Action::Restore, Some(id), Some(record)) => senders
            .crm
            .update(id, record)
            .map(stored)
            .map_err(Unsent::Call),
        (Action::Add, None, Some(record)) => {
            senders.crm.add(record).map(stored).map_err(Unsent::Call)
        }
        (Action::Delete, Some(id), _) => match senders.crm.delete(id) {
            Ok(()) => Ok(Answer::Deleted),
            Err(error) if error.class == Class::Gone => Ok(Answer::Gone),
            Err(error) => Err(Unsent::Call(error)),
        },
        _ => return Err(unreadable(row)),
    })
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
        sounds_like: None,
    }
}

/// Sends an update, unless the customer has everything already by now.
fn update(
    id: &CustomerId,
    record: &Record,
    schema: &Schema,
    senders: &SenderContext<'_>,
) -> Result<Answer, Unsent> {
    let (whole, before) = if list::needs_stored(record, schema) {
        let stored = senders.crm.find(id).map_err(Unsent::Read)?;
        let whole = change::new_in(record, &stored.fields, schema);
        if whole.is_empty() {
            return Ok(Answer::AsItWas);
        }
        (whole, serde_json::to_string(&stored.fields).ok())
    } else {
        (list::alone(record), None)
    };
    let customer = senders.crm.update(id, &whole).map_err(Unsent::Call)?;
    Ok(Answer::Stored {
        customer: Box::new(customer),
        before,
    })
}

fn counter_of(status: Status) -> Counter {
    match status {
        Status::Failed | Status::Invalid => Counter::Failed,
        Status::Unknown | Status::Pending => Counter::Unknown,
        Status::Skipped => Counter::Skipped,
        Status::Ok | Status::Unchanged => Counter::Ok,
    }
}
