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
//! An outcome waits at most [`GROUP_TIME`] for others, so that the disk is synced per group and not per row. The thread
//! is woken for the first of a group and not for each. An intent never waits: its commit takes the waiting outcomes
//! along.
//!
//! After a failure nothing is written any more, and every further intent is refused, so nothing is sent. One failure is
//! different: the files are no longer those of their names, perhaps because they were moved. Then outcomes of calls on
//! their way are still written to the open files.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::claims::{Claim, ClaimAnswer, RepeatPolicy, Settled};
use super::clock::unix_milliseconds;
use super::content::content_of;
use super::counts::Effort;
use super::database::rest;
use super::error::JournalError;
use super::ledger::{Ledger, LedgerEntry, OwnRow};
use super::rows::{JournalRow, RowOutcome};
use super::store::Journal;
use crate::model::{Action, Code, CustomerId, JobId, Problem, RowNumber, RowOrigin, Status, Stop};

/// The longest that an outcome waits before it is committed.
const GROUP_TIME: Duration = Duration::from_millis(100);

/// So many outcomes wait no longer for others.
const GROUP_ROWS: usize = 2000;

enum RecorderMessage {
    Intend(
        Vec<JournalRow>,
        Sender<Result<Vec<JournalRow>, JournalError>>,
    ),
    /// There is a first outcome of a group, or there are enough for one.
    Reported,
    Close,
}

/// What senders have reported since the last commit.
#[derive(Debug, Default)]
struct Reports {
    outcomes: Vec<RowOutcome>,
    given_back: Vec<RowNumber>,
}

impl Reports {
    fn len(&self) -> usize {
        self.outcomes.len() + self.given_back.len()
    }

    fn clear(&mut self) {
        self.outcomes.clear();
        self.given_back.clear();
    }

    /// Returns what the ledger must know of the outcomes.
    fn settled(&self) -> Vec<Settled> {
        let adds = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.action == Action::Add);
        let answered = adds
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
            });
        let given_back = self.given_back.iter().map(|row| Settled {
            row: *row,
            customer: None,
            is_merged: false,
        });
        answered.chain(given_back).collect()
    }

    /// Returns the customers that the outcomes have deleted.
    fn deleted(&self) -> Vec<CustomerId> {
        let deleted = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.action == Action::Delete && outcome.status == Status::Ok);
        deleted
            .filter_map(|outcome| outcome.customer.clone())
            .collect()
    }
}

/// The reports, shared by those who send and the thread that writes.
type SharedReports = Arc<Mutex<Reports>>;

/// The handle of the writing thread.
#[derive(Debug)]
pub struct Recorder {
    sender: Sender<RecorderMessage>,
    reports: SharedReports,
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
        // Of a group at most two messages wait, and one intent.
        let (sender, receiver) = bounded(16);
        let reports = SharedReports::default();
        let reported = Arc::clone(&reports);
        let thread = std::thread::spawn(move || {
            let mut writer = Writer {
                journal,
                ledger,
                repeat,
                effort,
                reported,
                spare: Reports::default(),
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
        Self {
            sender,
            reports,
            thread,
        }
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
            reports: Arc::clone(&self.reports),
        }
    }

    /// Writes what is left, ends the thread, and returns journal and ledger. The ledger keeps no pages in memory.
    pub fn finish(self) -> Result<(Journal, Ledger), JournalError> {
        // The error of a thread that is gone comes from `join`.
        let _ = self.sender.send(RecorderMessage::Close);
        drop(self.sender);
        let joined = self.thread.join();
        let (journal, ledger) = joined
            .unwrap_or_else(|_| Err(JournalError::Stopped("its thread failed".to_owned())))?;
        rest(&ledger.connection);
        Ok((journal, ledger))
    }
}

/// Reports outcomes to the writing thread.
#[derive(Debug, Clone)]
pub struct OutcomeSender {
    sender: Sender<RecorderMessage>,
    reports: SharedReports,
}

impl OutcomeSender {
    /// Reports the outcome of a row, which is committed within 100 ms.
    pub fn record(&self, outcome: RowOutcome) {
        self.report(|reports| reports.outcomes.push(outcome));
    }

    /// Takes back a row whose call never left.
    pub fn give_back(&self, row: RowNumber) {
        self.report(|reports| reports.given_back.push(row));
    }

    fn report(&self, add: impl FnOnce(&mut Reports)) {
        let count = {
            let mut reports = self.reports.lock().unwrap_or_else(PoisonError::into_inner);
            add(&mut reports);
            reports.len()
        };
        if count == 1 || count == GROUP_ROWS {
            // Without the thread the row stays *sending*, which is all that is known about it.
            let _ = self.sender.send(RecorderMessage::Reported);
        }
    }
}

struct Writer {
    journal: Journal,
    ledger: Ledger,
    repeat: RepeatPolicy,
    effort: Box<dyn Fn() -> Effort + Send>,
    reported: SharedReports,
    /// Takes the place of what is reported while that is written. Else the threads that report would make room anew for
    /// each group, each in memory of its own.
    spare: Reports,
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
                    Err(RecvTimeoutError::Timeout) => RecorderMessage::Reported,
                },
            };
            match message {
                RecorderMessage::Reported => {}
                RecorderMessage::Intend(rows, reply) => {
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
                    self.commit(Vec::new())?;
                    return self.gone.take().map_or(Ok(()), Err);
                }
            }
            let now = Instant::now();
            let waiting = self.reports().len();
            if waiting >= GROUP_ROWS || due.is_some_and(|due| now >= due) {
                self.commit(Vec::new())?;
                due = None;
            } else if waiting > 0 && due.is_none() {
                due = Some(now + GROUP_TIME);
            }
        }
    }

    fn reports(&self) -> MutexGuard<'_, Reports> {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims rows and commits them as *sending*, together with the waiting outcomes.
    ///
    /// The files are looked for before, so that no row is claimed in vain. They are looked for once more after, because
    /// the next run does not find what was committed into files that went away meanwhile.
    fn commit_intents(&mut self, rows: Vec<JournalRow>) -> Result<Vec<JournalRow>, JournalError> {
        if let Err(gone) = self.check_files() {
            self.commit(Vec::new())?;
            return Err(gone);
        }
        let granted = self.commit(rows)?;
        self.check_files()?;
        Ok(granted)
    }

    /// Fails when somebody has taken the files away under the job.
    fn check_files(&self) -> Result<(), JournalError> {
        self.ledger.check_files()?;
        self.journal.check_files()
    }

    /// Commits the waiting outcomes, and rows as *sending*; returns those that may leave. The ledger is first: a crash
    /// between the two commits leaves an answered row *sending*, and the ledger knows its customer; a claimed row is
    /// still *pending*, and `resume` finds its claim.
    fn commit(&mut self, rows: Vec<JournalRow>) -> Result<Vec<JournalRow>, JournalError> {
        if self.reports().len() == 0 && rows.is_empty() {
            return Ok(Vec::new());
        }
        let spare = std::mem::take(&mut self.spare);
        let mut reports = std::mem::replace(&mut *self.reports(), spare);
        let claims = self.claims(&rows)?;
        let settled = reports.settled();
        let deleted = reports.deleted();
        let seq = (!rows.is_empty()).then(|| self.journal.seq() + 1);
        let (others, answers) = self.ledger.together(|ledger| {
            let others = ledger.note_outcomes(&settled)?;
            ledger.forget(&deleted)?;
            let answers = seq.map(|seq| ledger.claim(&claims, seq)).transpose()?;
            Ok((others, answers.unwrap_or_default()))
        })?;
        for (settled, other) in settled.iter().zip(others) {
            let mut outcomes = reports.outcomes.iter_mut();
            if let Some(other) = other
                && let Some(outcome) = outcomes.find(|outcome| outcome.number == settled.row)
            {
                outcome.problem = Some(same_customer(outcome, &other));
            }
        }
        let (granted, refused) = self.granted(rows, answers);
        let numbers: Vec<RowNumber> = granted.iter().map(|row| row.number).collect();
        let now = unix_milliseconds();
        let effort = (self.effort)();
        self.journal.in_transaction(|journal| {
            journal.mark_pending(&reports.given_back)?;
            journal.write_outcomes(reports.outcomes.iter().chain(&refused))?;
            if seq.is_none() {
                return Ok(());
            }
            journal.set_effort(effort)?;
            journal.mark_sending(&numbers, now)
        })?;
        if seq.is_some() {
            self.journal.write_side()?;
        }
        reports.clear();
        self.spare = reports;
        Ok(granted)
    }

    /// Returns the claims of the rows that are to be added.
    fn claims(&self, rows: &[JournalRow]) -> Result<Vec<Claim>, JournalError> {
        let may_skip =
            !rows.is_empty() && self.repeat == RepeatPolicy::Never && self.journal.has_twins()?;
        let adds = rows.iter().filter(|row| row.action == Action::Add);
        let claims = adds.map(|row| {
            Ok(Claim {
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
            })
        });
        claims.collect()
    }

    /// Parts rows into those that the ledger lets go and the outcomes of the others.
    fn granted(
        &self,
        rows: Vec<JournalRow>,
        answers: Vec<ClaimAnswer>,
    ) -> (Vec<JournalRow>, Vec<RowOutcome>) {
        let own = self.ledger.name();
        let mut answers = answers.into_iter();
        let mut granted = Vec::with_capacity(rows.len());
        let mut refused = Vec::new();
        for row in rows {
            let answer = match row.action {
                Action::Add => answers.next().unwrap_or(ClaimAnswer::Own(None)),
                _ => ClaimAnswer::Granted,
            };
            match answer {
                ClaimAnswer::Granted => granted.push(row),
                ClaimAnswer::Taken(entry) => refused.push(RowOutcome {
                    is_twin: true,
                    ..already_added(&row, entry, own)
                }),
                ClaimAnswer::Settled(entry) => refused.push(settled_since(&row, entry, own)),
                ClaimAnswer::Own(known) => {
                    refused.push(own_outcome(row.number, row.action, known));
                }
            }
        }
        (granted, refused)
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
