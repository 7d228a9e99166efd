//! A job that this process works on: its folder, the lock on it, its spec, its journal and the ledger.
//!
//! Without this file a run could fail half-way and leave a job behind:
//!
//! 1. The run makes a folder and decides rows.
//! 2. The run fails before a row is sent.
//! 3. The folder stays: a job that has sent nothing, and with which somebody may go on.
//!
//! So a job that was begun here is thrown away when it is dropped, until [`OpenJob::keep`] was called. A job that was
//! opened is never thrown away. The folder is removed last, after the files in it were closed.

use std::sync::Arc;
use std::time::Instant;

use crate::job::call_counter::CallCounter;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal;
use crate::journal::{Effort, JobFolder, JobLock, JobStatus, Journal, JournalError, Ledger, Note};
use crate::model::{Code, JobId, Monitor, Problem, Status};

/// A job's folder and the lock on it. When it is dropped, the lock is released, and the folder is removed unless it is
/// kept.
#[derive(Debug)]
pub(crate) struct JobHold {
    folder: JobFolder,
    lock: Option<JobLock>,
    is_kept: bool,
    began: Instant,
}

impl JobHold {
    /// Makes the folder of a new job. The folder is not kept yet.
    pub(crate) fn begin(id: &JobId, context: &Context) -> Result<Self, JournalError> {
        let (folder, lock) = context.state.create_job(id)?;
        Ok(Self {
            folder,
            lock: Some(lock),
            is_kept: false,
            began: Instant::now(),
        })
    }

    /// Locks the folder of an existing job. Fails when another process works on the job.
    pub(crate) fn take(folder: &JobFolder) -> Result<Self, JournalError> {
        Ok(Self {
            folder: folder.clone(),
            lock: Some(folder.lock()?),
            is_kept: true,
            began: Instant::now(),
        })
    }

    /// Returns the folder.
    pub(crate) fn folder(&self) -> &JobFolder {
        &self.folder
    }
}

impl Drop for JobHold {
    fn drop(&mut self) {
        if let (false, Some(lock)) = (self.is_kept, self.lock.take()) {
            // An error here would hide the error for which the run ends, and nothing was sent.
            let _ = self.folder.clone().discard(lock);
        }
    }
}

/// A job that this process works on.
#[derive(Debug)]
pub(crate) struct OpenJob {
    /// The description of the job, without its rows.
    pub(crate) spec: JobSpec,
    /// The decisions and outcomes of the job's rows.
    pub(crate) journal: Journal,
    /// The rows that any job of the account has added.
    pub(crate) ledger: Ledger,
    /// The number of rows that this run has decided to be invalid; 0 where an earlier run has decided.
    pub(crate) invalid_rows: u64,
    /// Declared last, so that it is dropped after the files above are closed.
    pub(crate) hold: JobHold,
}

impl OpenJob {
    /// Begins a job: writes its spec and an empty journal, with the status *planning*. Heals the ledger of the account
    /// first, because rows are decided by it.
    pub(crate) fn begin(hold: JobHold, spec: JobSpec, context: &Context) -> Result<Self, JobError> {
        heal_ledger(&spec.account.key, context)?;
        let mut journal = Journal::create(hold.folder(), &spec.account.key)?;
        journal.set_status(JobStatus::Planning)?;
        spec.save_new(hold.folder())?;
        Self::with_ledger(hold, spec, journal, context)
    }

    /// Opens an existing job. Heals the ledger of its account first.
    pub(crate) fn open(folder: &JobFolder, context: &Context) -> Result<Self, JobError> {
        let hold = JobHold::take(folder)?;
        let spec = JobSpec::load(folder)?;
        let journal = Journal::open(folder)?;
        heal_ledger(&spec.account.key, context)?;
        Self::with_ledger(hold, spec, journal, context)
    }

    /// Opens another job of an account whose ledger was healed already.
    pub(crate) fn open_beside(folder: &JobFolder, context: &Context) -> Result<Self, JobError> {
        let hold = JobHold::take(folder)?;
        let spec = JobSpec::load(folder)?;
        let journal = Journal::open(folder)?;
        Self::with_ledger(hold, spec, journal, context)
    }

    fn with_ledger(
        hold: JobHold,
        spec: JobSpec,
        journal: Journal,
        context: &Context,
    ) -> Result<Self, JobError> {
        let ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, &spec.id)?;
        Ok(Self {
            spec,
            journal,
            ledger,
            invalid_rows: 0,
            hold,
        })
    }

    /// Returns the job's folder.
    pub(crate) fn folder(&self) -> &JobFolder {
        self.hold.folder()
    }

    /// Keeps the job from here on, whatever becomes of this process.
    pub(crate) fn keep(&mut self) {
        self.hold.is_kept = true;
    }

    /// Closes the files of a job that has sent nothing, and throws the job away.
    pub(crate) fn discard(self) -> Result<(), JournalError> {
        let Self {
            journal,
            ledger,
            mut hold,
            ..
        } = self;
        drop((journal, ledger));
        hold.is_kept = true;
        match hold.lock.take() {
            Some(lock) => hold.folder.clone().discard(lock),
            None => Ok(()),
        }
    }

    /// Counts the job's time from the moment when another job was taken, because that one was opened for this one's
    /// sake.
    pub(crate) fn count_from(&mut self, earlier: &Self) {
        self.hold.began = earlier.hold.began;
    }

    /// Returns whether rows wait to be sent, in this run or by `resume`, which does not ask again.
    pub(crate) fn has_work(&self) -> Result<bool, JobError> {
        Ok(self.journal.counts()?.status(Status::Pending) + self.journal.waiting_rows()? > 0)
    }

    /// Returns whether `--strict` holds every row back: a row is invalid, and nobody has confirmed the job. A row that
    /// becomes invalid after the confirmation holds nothing back.
    pub(crate) fn is_held_back(&self) -> Result<bool, JobError> {
        Ok(self.spec.options.strict
            && !self.journal.notes()?.is_confirmed
            && self.journal.counts()?.status(Status::Invalid) > 0)
    }

    /// Notes the confirmation, unless `--strict` holds every row back, and opens the job for sending.
    pub(crate) fn confirm(&mut self) -> Result<(), JobError> {
        if !self.is_held_back()? {
            self.journal.note(Note::Confirmed(true))?;
        }
        self.open_for_sending()
    }

    /// Sets the status *open* after every row was decided, and keeps the job: `resume` sends the rows that are left.
    pub(crate) fn open_for_sending(&mut self) -> Result<(), JobError> {
        self.journal.set_status(JobStatus::Open)?;
        self.keep();
        Ok(())
    }

    /// Returns a counter of what the job costs, earlier runs included.
    pub(crate) fn effort_counter(&self, context: &Context) -> Result<EffortCounter, JobError> {
        Ok(EffortCounter {
            before: self.journal.effort()?,
            began: self.hold.began,
            calls: context.monitor.clone(),
        })
    }
}

/// Counts what a job costs: the calls and time of earlier runs, and of this one so far.
#[derive(Clone)]
pub(crate) struct EffortCounter {
    before: Effort,
    began: Instant,
    calls: Arc<CallCounter>,
}

impl EffortCounter {
    /// Returns the cost by now.
    pub(crate) fn now(&self) -> Effort {
        Effort {
            calls: self.before.calls + self.calls.calls(),
            elapsed: self.before.elapsed + self.began.elapsed(),
        }
    }
}

/// Heals a ledger that has forgotten rows, and tells the person how many.
pub(crate) fn heal_ledger(account: &str, context: &Context) -> Result<(), JobError> {
    let healed = journal::heal_ledger(&context.state, account)?;
    if healed > 0 {
        let said = Problem::new(Code::LedgerHealed).with("count", healed.to_string());
        context.monitor.notice(&said);
    }
    Ok(())
}
