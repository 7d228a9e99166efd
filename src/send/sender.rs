//! The senders: pending rows of the journal become calls, several at a time, and replies become outcomes.
//!
//! ```text
//! journal: pending ─► groups ─► journal: sending ─► (bounded channel) ─► senders ─► journal: outcome
//! ```
//!
//! The race, in order:
//!
//! 1. An add leaves, and the CRM stores it.
//! 2. The process dies before the reply is written down.
//! 3. A resume finds the row *pending* and sends it again: the customer is stored twice.
//!
//! So a group of rows is committed as *sending* before any of its calls leaves. A group holds what the pace releases
//! within [`GROUP_TIME`], and at least one row for each sender: a larger group would leave more rows in doubt after a
//! crash, a smaller one would cost more commits. The next group is committed when few rows of those before wait for a
//! sender ([`Feeder::next_group`]), while the gate is open and nobody has asked to stop. After a stop, rows whose call
//! has not left go back to *pending*; calls that are on the way are finished and recorded.
//!
//! Calls of one customer never overlap ([`CustomerLocks`]): a later row of the sheet must win.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// How much of the pace one group holds.
const GROUP_TIME: Duration = Duration::from_millis(250);

/// The most rows that are committed and wait for a sender, however fast the pace, unless there are more senders.
const WAITING_ROWS: usize = 1024;

/// A job's fields: as they are written to customers that an `_id` names, and to customers that were found by a key.
#[derive(Debug, Clone)]
pub(crate) struct Schemas {
    plain: Schema,
    matched: Schema,
    /// The zone in which the CRM writes times.
    timezone: String,
}

impl Schemas {
    /// Takes the fields of a job's spec.
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

/// The customers whose calls are on the way. Rows of one customer are sent one after the other, in the order of the
/// sheet.
#[derive(Default)]
struct CustomerLocks {
    customers: Mutex<HashSet<CustomerId>>,
    done: Condvar,
}

impl CustomerLocks {
    /// Waits until no call of the customer is on the way, and locks the customer.
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

/// What all senders of one round share.
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
    /// How many committed rows wait for a sender.
    waiting: AtomicUsize,
    /// The feeder commits the next group when no more rows than this wait.
    low: AtomicUsize,
}

/// How the pending rows of a job are sent.
pub(crate) struct Sending<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) guard: Option<&'a Guard<'a>>,
    /// Calls in flight at most.
    pub(crate) concurrency: usize,
    /// Counts the rows of the run that are wrong, and says when they are too many.
    pub(crate) errors: &'a ErrorLimit,
    /// Counts the job's calls and time, over all rounds of a run.
    pub(crate) effort: &'a EffortCounter,
    pub(crate) context: &'a Context,
}

impl Sending<'_> {
    /// Sends the pending rows of a job, at most `limit` of them, until none is left or something stops it. Returns the
    /// job once every outcome is written, and why sending ended.
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
            waiting: AtomicUsize::new(0),
            low: AtomicUsize::new(0),
        };
        let fed = self.feed_senders(&reader, &recorder, &senders, limit);
        let finished = recorder.finish();
        monitor.finish_task(Task::Send);
        let (journal, ledger) = finished?;
        let is_limited = fed?;
        let counts = journal.counts()?;
        debug_assert_eq!(counts, journal.kept_counts()?, "rows are miscounted");
        let left = counts.status(Status::Pending);
        let end = senders.end.into_inner();
        let end = end.unwrap_or_else(PoisonError::into_inner);
        let end = end.filter(|end| left > 0 || *end != End::TooManyErrors);
        let end = end.unwrap_or(match (left, is_limited) {
            // A stop after the last row has stopped nothing.
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

    /// Starts the senders and feeds them. Returns true when the limit ended it.
    fn feed_senders(
        &self,
        reader: &Journal,
        recorder: &Recorder,
        senders: &SenderContext<'_>,
        limit: Option<u64>,
    ) -> Result<bool, JobError> {
        let concurrency = self.concurrency.max(1);
        let (to_senders, rows) = bounded::<QueuedRow>(WAITING_ROWS.max(2 * concurrency));
        let (is_low, low) = bounded(1);
        let outcomes = recorder.outcomes();
        std::thread::scope(|scope| {
            for _ in 0..concurrency {
                let (rows, outcomes, is_low) = (rows.clone(), outcomes.clone(), is_low.clone());
                scope.spawn(move || send_rows(&rows, &outcomes, &is_low, senders));
            }
            drop((rows, outcomes, is_low));
            let feeder = Feeder {
                reader,
                recorder,
                to_senders,
                low,
                senders,
                concurrency,
            };
            let fed = feeder.feed(limit);
            if fed.is_err() {
                // The rows that wait are given back.
                senders.stop.request();
            }
            fed
        })
    }
}

/// Commits groups of rows as *sending* and hands them to the senders. Dropping the feeder closes their channel.
struct Feeder<'a> {
    reader: &'a Journal,
    recorder: &'a Recorder,
    to_senders: Sender<QueuedRow>,
    /// Tells that few rows wait. Closed when no sender is left.
    low: Receiver<()>,
    senders: &'a SenderContext<'a>,
    concurrency: usize,
}

impl Feeder<'_> {
    /// Waits until it is time for the next group, and returns how many rows it holds; `None` when nothing more is to be
    /// sent now. Where the pace releases more than half of [`WAITING_ROWS`] in [`GROUP_TIME`], a group is that half, and
    /// the next one is committed while the senders work on the other.
    fn next_group(&self) -> Option<usize> {
        let (pace, stop) = (self.senders.pace, self.senders.stop);
        let half = (WAITING_ROWS / 2).max(self.concurrency);
        let group = || match pace.calls_within(GROUP_TIME) {
            released if released > half => (half, half),
            released => (released.max(self.concurrency), self.concurrency),
        };
        let (_, low) = group();
        self.senders.low.store(low, Ordering::SeqCst);
        while self.senders.waiting.load(Ordering::SeqCst) > low {
            self.low.recv().ok()?;
        }
        // Where a quota is spent, the senders' calls fail as well and report why.
        pace.wait_until_open(stop).ok()?;
        (!stop.is_requested()).then(|| group().0)
    }

    /// Feeds the senders until no row is pending, a stop is asked for, or `limit` rows were handed over. Returns true
    /// when the limit ended it.
    fn feed(&self, limit: Option<u64>) -> Result<bool, JobError> {
        let mut pending = RowCursor::over(RowSet::Pending);
        let mut left = limit.unwrap_or(u64::MAX);
        while let Some(group) = self.next_group() {
            let most = usize::try_from(left).unwrap_or(usize::MAX);
            let group = group.min(most).max(1);
            let Some(rows) = pending.next_rows(self.reader, group)? else {
                return Ok(false);
            };
            if left == 0 {
                return Ok(true);
            }
            for row in self.recorder.intend(rows)? {
                left = left.saturating_sub(1);
                // Senders release the customer of every row that they are given, so this wait ends.
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
                self.senders.waiting.fetch_add(1, Ordering::SeqCst);
                // Senders take rows until the channel closes, also after a stop, so this wait ends too.
                if self.to_senders.send(QueuedRow { row, before }).is_err() {
                    return Ok(false);
                }
            }
        }
        Ok(false)
    }
}

/// A row that waits for a sender.
struct QueuedRow {
    row: JournalRow,
    /// The row's customer as the plan saw it; `None` without a guard.
    before: Option<StoredCustomer>,
}

fn send_rows(
    rows: &Receiver<QueuedRow>,
    outcomes: &OutcomeSender,
    is_low: &Sender<()>,
    senders: &SenderContext<'_>,
) {
    for QueuedRow { row, before } in rows {
        let waiting = senders.waiting.fetch_sub(1, Ordering::SeqCst) - 1;
        if waiting <= senders.low.load(Ordering::SeqCst) {
            // Where it is full the feeder knows already.
            let _ = is_low.try_send(());
        }
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
                let is_in_doubt = outcome.status == Status::Unknown;
                outcomes.record(outcome);
                if is_in_doubt {
                    // Moments are kept in milliseconds. What this sender sends next leaves in a later one than this call
                    // ended in, and so can bear witness.
                    std::thread::sleep(Duration::from_millis(1));
                }
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
    /// Lets the next row of the same customer go.
    fn finished_with(&self, row: &JournalRow) {
        if let Some(id) = &row.customer {
            self.locks.give_back(id);
        }
    }

    /// Ends the run because of a call: no other row would fare better.
    fn give_up(&self, error: CallError) {
        self.end_with(End::of(error));
    }

    /// Asks all senders to stop, and remembers why. A stop that was asked for earlier keeps its own reason.
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

/// Sends one row and returns its outcome. Fails when nothing was sent that could have an effect: the row stays pending.
fn send(
    row: &JournalRow,
    before: Option<&StoredCustomer>,
    senders: &SenderContext<'_>,
) -> Result<RowOutcome, CallError> {
    let left_at = jiff::Timestamp::now().as_millisecond();
    let mut seen = None;
    let answer = match senders.guard.map(|guard| guard.check(row, before)) {
        Some(Ok(GuardVerdict::Held(problem, customer))) => Ok(CallsResult::Held(problem, customer)),
        Some(Ok(GuardVerdict::AsItWas)) => Ok(CallsResult::AsItWas),
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
        Ok(CallsResult::Held(problem, customer)) => Ok(RowOutcome {
            customer,
            ..outcome(Status::Invalid, Some(problem))
        }),
        Ok(CallsResult::AsItWas) => Ok(RowOutcome {
            customer: row.customer.clone(),
            ..outcome(Status::Unchanged, None)
        }),
        Ok(CallsResult::Gone) => {
            let id = row.customer.as_ref().map_or("", CustomerId::as_str);
            let gone = Problem::new(Code::AlreadyGone).with("id", id);
            Ok(RowOutcome {
                customer: row.customer.clone(),
                ..outcome(Status::Ok, Some(gone))
            })
        }
        Ok(CallsResult::Deleted) => Ok(RowOutcome {
            customer: row.customer.clone(),
            ..outcome(Status::Ok, None)
        }),
        Ok(CallsResult::Stored { customer, before }) => {
            let is_add = row.action == Action::Add;
            let other = !is_add && row.customer.as_ref() != Some(&customer.id);
            let done = outcome(Status::Ok, None);
            let problem = if other {
                Some(Problem::new(Code::OtherId).with("other", customer.id.as_str()))
            } else if is_add {
                merge_problem(row, &customer, &done, senders)
            } else {
                None
            };
            // Some servers answer an update without the customer.
            let after = (!is_add && !customer.fields.is_empty())
                // Cannot fail: a map of JSON values is JSON.
                .then(|| serde_json::to_string(&customer.fields).unwrap_or_default());
            // An undo only asks whether a new customer is still the same, so a digest is kept in place of the fields.
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

/// Returns the problem of an add that the CRM has answered with an older customer, or with one of another name; `None`
/// where the customer is a new one.
fn merge_problem(
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

/// What a row's calls came to.
enum CallsResult {
    /// The customer was written: as the reply has it, and its JSON as it was read just before, where it was read.
    Stored {
        customer: Box<Customer>,
        before: Option<String>,
    },
    /// Nothing was written: the customer holds every value already.
    AsItWas,
    /// The customer was deleted.
    Deleted,
    /// The customer that was to be deleted was gone already.
    Gone,
    /// The guard held the row: why, and the customer that is there instead, if there is one.
    Held(Problem, Option<CustomerId>),
}

/// Makes the call of a row. The inner error is that of a call; the outer one is that of a journal row that cannot be
/// turned into a call.
fn call(
    row: &JournalRow,
    senders: &SenderContext<'_>,
) -> Result<Result<CallsResult, Unsent>, CallError> {
    let stored = |customer| CallsResult::Stored {
        customer: Box::new(customer),
        before: None,
    };
    Ok(match (row.action, &row.customer, &row.record) {
        (Action::Update, Some(id), Some(record)) => {
            update(id, record, senders.schemas.of_row(row), senders)
        }
        // A restored field holds the whole old value, so there is nothing to merge with what is stored.
        (Action::Restore, Some(id), Some(record)) => senders
            .crm
            .update(id, record)
            .map(stored)
            .map_err(Unsent::Call),
        (Action::Add, None, Some(record)) => {
            senders.crm.add(record).map(stored).map_err(Unsent::Call)
        }
        (Action::Delete, Some(id), _) => match senders.crm.delete(id) {
            Ok(()) => Ok(CallsResult::Deleted),
            Err(error) if error.class == Class::Gone => Ok(CallsResult::Gone),
            Err(error) => Err(Unsent::Call(error)),
        },
        _ => return Err(unreadable(row)),
    })
}

/// A call of a row that failed.
enum Unsent {
    /// The call that writes: it may have had an effect.
    Call(CallError),
    /// The call that reads before the write: nothing was written.
    Read(CallError),
}

/// Whether an error of this class would befall every other row as well.
fn ends_the_job(class: Class) -> bool {
    class.is_fatal() || matches!(class, Class::NotSent | Class::Busy)
}

/// Returns the error of a journal row whose action lacks its customer or record. Nothing is guessed, so the job ends.
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

/// Sends an update. Where lists are merged, the customer is read first, and nothing is sent if it holds every value
/// already.
fn update(
    id: &CustomerId,
    record: &Record,
    schema: &Schema,
    senders: &SenderContext<'_>,
) -> Result<CallsResult, Unsent> {
    let (whole, before) = if list::needs_stored(record, schema) {
        let stored = senders.crm.find(id).map_err(Unsent::Read)?;
        let whole = change::new_in(record, &stored.fields, schema);
        if whole.is_empty() {
            return Ok(CallsResult::AsItWas);
        }
        (whole, serde_json::to_string(&stored.fields).ok())
    } else {
        (list::alone(record), None)
    };
    let customer = senders.crm.update(id, &whole).map_err(Unsent::Call)?;
    Ok(CallsResult::Stored {
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
