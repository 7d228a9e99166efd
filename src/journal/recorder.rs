//! The one thread that writes journal and ledger: intents when a sender asks, outcomes in groups.
//!
//! What would go wrong if a call left before its intent was committed:
//!
//! 1. The call leaves, and the CRM stores the customer.
//! 2. The process is killed before anything is written.
//! 3. The next run finds the row pending and sends it again.
//!
//! So [`Recorder::intend`] returns only rows that are claimed, committed as *sending* and synced.
//!
//! An outcome waits at most [`GROUP_TIME`] for others, so that the disk is synced per group and not per row. An intent
//! never waits: its commit takes the waiting outcomes along.
//!
//! After a failure nothing is written any more, and every further intent is refused, so nothing is sent. One failure is
//! different: the files are no longer those of their names, perhaps because they were moved. Then outcomes of calls on
//! their way are still written to the open files.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::claims::{Claim, ClaimAnswer, RepeatPolicy, Settled};
use super::clock::unix_milliseconds;
use super::content::content_of;
use super::counts::Effort;
use super::error::JournalError;
use super::ledger::{Ledger, LedgerEntry, OwnRow};
use super::rows::{JournalRow, RowOutcome};
use super::store::Journal;
use crate::model::{Action, Code, CustomerId, JobId, Problem, RowNumber, RowOrigin, Status, Stop};

/// The longest that an outcome waits before it is committed.
const GROUP_TIME: Duration = Duration::from_millis(100);

/// The most outcomes in one commit.
const GROUP_ROWS: usize = 2000;

enum RecorderMessage {
    Intend(
        Vec<JournalRow>,
        Sender<Result<Vec<JournalRow>, JournalError>>,
    ),
    Outcome(RowOutcome),
    GiveBack(Vec<RowNumber>),
    Close,
}

/// The handle of the writing thread.
#[derive(Debug)]
pub struct Recorder {
    sender: Sender<RecorderMessage>,
    thread: JoinHandle<Result<(Journal, Ledger), JournalError>>,
}

impl Recorder {
    /// Starts the thread. `repeat` says which rows are sent although other jobs have added them. `effort` returns what
    /// the job has cost so far, which is written with each group. `stop` is requested when writing fails.
    pub fn start(
        journal: Journal,
        ledger: Ledger,
        repeat: RepeatPolicy,
        effort: Box<dyn Fn() -> Effort + Send>,
        stop: Stop,
    ) -> Self {
        let (sender, receiver) = bounded(4096);
        let thread = std::thread::spawn(move || {
            let mut writer = Writer {
                journal,
                ledger,
                repeat,
                effort,
                outcomes: Vec::new(),
                given_back: Vec::new(),
                gone: None,
            };
            match writer.run(&receiver, &stop) {
                Ok(()) => Ok((writer.journal, writer.ledger)),
                Err(error) => {
                    stop.request();
                    refuse_all(&receiver, &error);
                    Err(error)
                }
            }
        });
        Self { sender, thread }
    }

    /// Commits rows as *sending*, and returns those that may leave now. Rows that another job has added meanwhile are
    /// settled instead: as skipped, or as unknown while their add is in doubt.
    pub fn intend(&self, rows: Vec<JournalRow>) -> Result<Vec<JournalRow>, JournalError> {
        let (reply, answer) = bounded(1);
        let gone = || JournalError::Stopped("its thread is gone".to_owned());
        self.sender
            .send(RecorderMessage::Intend(rows, reply))
            .map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }

    /// Makes a handle for the threads that send.
    pub fn outcomes(&self) -> OutcomeSender {
        OutcomeSender {
            sender: self.sender.clone(),
        }
    }

    /// Writes what is left, ends the thread, and returns journal and ledger.
    pub fn finish(self) -> Result<(Journal, Ledger), JournalError> {
        // The error of a thread that is gone comes from `join`.
        let _ = self.sender.send(RecorderMessage::Close);
        drop(self.sender);
        self.thread
            .join()
            .unwrap_or_else(|_| Err(JournalError::Stopped("its thread failed".to_owned())))
    }
}

/// Reports outcomes to the writing thread.
#[derive(Debug, Clone)]
pub struct OutcomeSender {
    sender: Sender<RecorderMessage>,
}

impl OutcomeSender {
    /// Reports the outcome of a row, which is committed within 100 ms.
    pub fn record(&self, outcome: RowOutcome) {
        // Without the thread the row stays *sending*, which is all that is known about it.
        let _ = self.sender.send(RecorderMessage::Outcome(outcome));
    }

    /// Takes back a row whose call never left.
    pub fn give_back(&self, row: RowNumber) {
        let _ = self.sender.send(RecorderMessage::GiveBack(vec![row]));
    }
}

struct Writer {
    journal: Journal,
    ledger: Ledger,
    repeat: RepeatPolicy,
    effort: Box<dyn Fn() -> Effort + Send>,
    outcomes: Vec<RowOutcome>,
    given_back: Vec<RowNumber>,
    /// The error that the files are no longer those of their names.
    gone: Option<JournalError>,
}

impl Writer {
    fn run(
        &mut self,
        receiver: &Receiver<RecorderMessage>,
        stop: &Stop,
    ) -> Result<(), JournalError> {
        let mut due: Option<Instant> = None;
        loop {
            let message = match due {
                None => receiver.recv().unwrap_or(RecorderMessage::Close),
                Some(due) => match receiver.recv_deadline(due) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Disconnected) => RecorderMessage::Close,
                    Err(RecvTimeoutError::Timeout) => RecorderMessage::GiveBack(Vec::new()),
                },
            };
            match message {
                RecorderMessage::Outcome(outcome) => self.outcomes.push(outcome),
                RecorderMessage::GiveBack(rows) => self.given_back.extend(rows),
                RecorderMessage::Intend(rows, reply) => {
                    self.commit_outcomes()?;
                    due = None;
                    match self.commit_intents(rows) {
                        Ok(granted) => {
                            let _ = reply.send(Ok(granted));
                        }
                        Err(error) => {
                            let _ = reply.send(Err(JournalError::Stopped(error.to_string())));
                            if !matches!(error, JournalError::Gone { .. }) {
                                return Err(error);
                            }
                            stop.request();
                            self.gone.get_or_insert(error);
                        }
                    }
                    continue;
                }
                RecorderMessage::Close => {
                    self.commit_outcomes()?;
                    return self.gone.take().map_or(Ok(()), Err);
                }
            }
            let now = Instant::now();
            let waiting = self.outcomes.len() + self.given_back.len();
            if waiting >= GROUP_ROWS || due.is_some_and(|due| now >= due) {
                self.commit_outcomes()?;
                due = None;
            } else if waiting > 0 && due.is_none() {
                due = Some(now + GROUP_TIME);
            }
        }
    }

    /// Commits the waiting outcomes. The ledger is first: a crash between the two commits leaves the row *sending*, and
    /// the ledger knows its customer.
    fn commit_outcomes(&mut self) -> Result<(), JournalError> {
        if self.outcomes.is_empty() && self.given_back.is_empty() {
            return Ok(());
        }
        let adds = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.action == Action::Add);
        let mut settled: Vec<Settled> = adds
            .filter(|outcome| outcome.status != Status::Unknown)
            // A row that was not added may name somebody else's customer. That customer is not this job's.
            .map(|outcome| Settled {
                row: outcome.number,
                customer: outcome
                    .customer
                    .clone()
                    .filter(|_| outcome.status == Status::Ok),
                is_merged: outcome
                    .problem
                    .as_ref()
                    .is_some_and(|problem| problem.code == Code::MergedByServer),
            })
            .collect();
        settled.extend(self.given_back.iter().map(|row| Settled {
            row: *row,
            customer: None,
            is_merged: false,
        }));
        let others = self.ledger.write_outcomes(&settled)?;
        for (settled, other) in settled.iter().zip(others) {
            let mut outcomes = self.outcomes.iter_mut();
            if let Some(other) = other
                && let Some(outcome) = outcomes.find(|outcome| outcome.number == settled.row)
            {
                outcome.problem = Some(same_customer(outcome, &other));
            }
        }
        let deleted = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.action == Action::Delete && outcome.status == Status::Ok);
        let deleted: Vec<CustomerId> = deleted
            .filter_map(|outcome| outcome.customer.clone())
            .collect();
        if !deleted.is_empty() {
            self.ledger.forget(&deleted)?;
        }
        let (outcomes, given_back) = (
            std::mem::take(&mut self.outcomes),
            std::mem::take(&mut self.given_back),
        );
        self.journal.in_transaction(|journal| {
            journal.mark_pending(&given_back)?;
            outcomes
                .iter()
                .try_for_each(|outcome| journal.write_outcome(outcome))
        })
    }

    /// Fails when somebody has taken the files away under the job.
    fn check_files(&self) -> Result<(), JournalError> {
        self.ledger.check_files()?;
        self.journal.check_files()
    }

    /// Claims rows and commits them as *sending*.
    ///
    /// The files are looked for before, so that no row is claimed in vain. They are looked for once more after, because
    /// the next run does not find what was committed into files that went away meanwhile.
    fn commit_intents(&mut self, rows: Vec<JournalRow>) -> Result<Vec<JournalRow>, JournalError> {
        self.check_files()?;
        let may_skip = self.repeat == RepeatPolicy::Never && self.journal.has_twins()?;
        let mut claims = Vec::new();
        for row in rows.iter().filter(|row| row.action == Action::Add) {
            claims.push(Claim {
                row: row.number,
                fingerprint: row.fingerprint,
                content: content_of(row.record.as_ref(), self.ledger.name()),
                origin: row.origin.clone(),
                skipped_twins: if may_skip {
                    self.journal.skipped_twins(&row.fingerprint)?
                } else {
                    0
                },
                repeat: self.repeat,
            });
        }
        let mut answers = self
            .ledger
            .claim(&claims, self.journal.seq() + 1)?
            .into_iter();
        let mut granted = Vec::with_capacity(rows.len());
        let mut settled = Vec::new();
        for row in rows {
            let answer = match row.action {
                Action::Add => answers.next().unwrap_or(ClaimAnswer::Own(None)),
                _ => ClaimAnswer::Granted,
            };
            match answer {
                ClaimAnswer::Granted => granted.push(row),
                ClaimAnswer::Taken(entry) => settled.push(RowOutcome {
                    is_twin: true,
                    ..already_added(&row, entry, self.ledger.name())
                }),
                ClaimAnswer::Settled(entry) => {
                    settled.push(settled_since(&row, entry, self.ledger.name()));
                }
                ClaimAnswer::Own(own) => settled.push(own_outcome(row.number, row.action, own)),
            }
        }
        let numbers: Vec<RowNumber> = granted.iter().map(|row| row.number).collect();
        let now = unix_milliseconds();
        let effort = (self.effort)();
        self.journal.in_transaction(|journal| {
            settled
                .iter()
                .try_for_each(|outcome| journal.write_outcome(outcome))?;
            journal.set_effort(effort)?;
            journal.mark_sending(&numbers, now)
        })?;
        self.journal.write_side()?;
        self.check_files()?;
        Ok(granted)
    }
}

/// Returns the outcome of a row that another job has added meanwhile, or may have added.
fn already_added(row: &JournalRow, entry: LedgerEntry, own: &JobId) -> RowOutcome {
    let (status, action, code) = match entry.customer {
        Some(_) => (Status::Skipped, Action::None, Code::AlreadyAdded),
        None => (Status::Unknown, Action::Add, Code::InDoubtElsewhere),
    };
    let mut problem = Problem::new(code)
        .with("job", entry.job.as_str())
        .with("row", entry.row.row.to_string());
    let in_doubt = entry.customer.is_none();
    if in_doubt {
        problem = problem.with("resume", format!("ferry resume {own}"));
    }
    let origin = RowOrigin {
        job: entry.job,
        row: entry.row,
    };
    RowOutcome {
        customer: entry.customer,
        problem: Some(problem),
        waits_on: in_doubt.then_some(origin),
        ..RowOutcome::new(row.number, action, status)
    }
}

/// Returns the problem of an add that the CRM has answered with the customer of another row.
fn same_customer(outcome: &RowOutcome, other: &LedgerEntry) -> Problem {
    let id = outcome.customer.as_ref().map_or("", CustomerId::as_str);
    Problem::new(Code::SameCustomer)
        .with("id", id)
        .with("row", other.row.row.to_string())
        .with("job", other.job.as_str())
}

/// Returns the outcome of a row that went on in another job: that job got the row in a result sheet, or this job did.
fn settled_since(row: &JournalRow, entry: LedgerEntry, own: &JobId) -> RowOutcome {
    let settled = Problem::new(Code::SettledLater).with("job", entry.job.as_str());
    let outcome = already_added(row, entry, own);
    let problem = if outcome.customer.is_some() {
        Some(settled)
    } else {
        outcome.problem
    };
    RowOutcome { problem, ..outcome }
}

/// Returns the outcome that the ledger knows for a row which the journal does not know to be answered.
pub(super) fn own_outcome(number: RowNumber, action: Action, own: Option<OwnRow>) -> RowOutcome {
    let is_merged = own.as_ref().is_some_and(|own| own.is_merged);
    let customer = own.and_then(|own| own.customer);
    let (status, problem) = match &customer {
        Some(id) if is_merged => (
            Status::Ok,
            Some(Problem::new(Code::MergedByServer).with("id", id.as_str())),
        ),
        Some(_) => (Status::Ok, None),
        None if action != Action::Add => (Status::Unknown, Some(Problem::new(Code::UpdateUnknown))),
        None => (Status::Unknown, Some(Problem::new(Code::Interrupted))),
    };
    RowOutcome {
        customer,
        problem,
        ..RowOutcome::new(number, action, status)
    }
}

/// Refuses every intent after a failure, until the last sender is gone.
fn refuse_all(receiver: &Receiver<RecorderMessage>, error: &JournalError) {
    for message in receiver {
        if let RecorderMessage::Intend(_, reply) = message {
            let _ = reply.send(Err(JournalError::Stopped(error.to_string())));
        }
    }
}
