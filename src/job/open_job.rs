//! A job that this process works on: its folder, the lock on it, its spec, its journal and the ledger.
//!
//! What would go wrong without it: a run makes a folder, decides rows, fails, and leaves a job that has sent nothing and that
//! somebody goes on with. So a job that was begun here is thrown away when it is dropped, until [`OpenJob::keep`] was called;
//! one that was opened is never thrown away. The folder goes last, after the files in it were closed.

use std::sync::Arc;
use std::time::Instant;

use crate::job::call_counter::CallCounter;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal;
use crate::journal::{Effort, JobFolder, JobLock, JobStatus, Journal, JournalError, Ledger, Note};
use crate::model::{Code, JobId, Monitor, Problem, Status};

/// A job's folder and the lock on it. Dropped, the lock is released, and the folder goes unless it is kept.
#[derive(Debug)]
pub(crate) struct JobHold {
    folder: JobFolder,
    lock: Option<JobLock>,
    is_kept: bool,
    began: Instant,
}

impl JobHold {
    /// Makes the folder of a new job.
    pub(crate) fn begin(id: &JobId, context: &Context) -> Result<Self, JournalError> {
        let (folder, lock) = context.state.create_job(id)?;
        Ok(Self {
            folder,
            lock: Some(lock),
            is_kept: false,
            began: Instant::now(),
        })
    }

    /// Takes a job that there is. Fails when another process works on it.
    pub(crate) fn take(folder: &JobFolder) -> Result<Self, JournalError> {
        Ok(Self {
            folder: folder.clone(),
            lock: Some(folder.lock()?),
            is_kept: true,
            began: Instant::now(),
        })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &JobFolder {
        &self.folder
    }
}

impl Drop for JobHold {
    fn drop(&mut self) {
        if let (false, Some(lock)) = (self.is_kept, self.lock.take()) {
            // Nothing was sent, and why it ends is what counts.
            let _ = self.folder.clone().discard(lock);
        }
    }
}

/// A job that this process works on.
#[derive(Debug)]
pub(crate) struct OpenJob {
    /// Everything about it but its rows.
    pub(crate) spec: JobSpec,
    /// Its rows.
    pub(crate) journal: Journal,
    /// What any job of the account has added.
    pub(crate) ledger: Ledger,
    /// Rows that this run has decided to be invalid; 0 where an earlier run has decided.
    pub(crate) invalid_rows: u64,
    /// Last: dropped after the files above were closed.
    pub(crate) hold: JobHold,
}

impl OpenJob {
    /// Begins a job: its spec is written, its journal is empty, its status is *planning*. The ledger of its account is
    /// healed first, because rows are decided by it.
    pub(crate) fn begin(hold: JobHold, spec: JobSpec, context: &Context) -> Result<Self, JobError> {
        heal_ledger(&spec.account.key, context)?;
        let mut journal = Journal::create(hold.folder(), &spec.account.key)?;
        journal.set_status(JobStatus::Planning)?;
        spec.save(hold.folder())?;
        Self::with_ledger(hold, spec, journal, context)
    }

    /// Opens a job that there is, and heals the ledger of its account first.
    pub(crate) fn open(folder: &JobFolder, context: &Context) -> Result<Self, JobError> {
        let hold = JobHold::take(folder)?;
        let spec = JobSpec::load(folder)?;
        let journal = Journal::open(folder)?;
        heal_ledger(&spec.account.key, context)?;
        Self::with_ledger(hold, spec, journal, context)
    }

    /// Opens another job of an account whose ledger is open already.
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

    /// The job's folder.
    pub(crate) fn folder(&self) -> &JobFolder {
        self.hold.folder()
    }

    /// From here on the job is not thrown away, whatever becomes of this process.
    pub(crate) fn keep(&mut self) {
        self.hold.is_kept = true;
    }

    /// Throws a job away that has sent nothing, after its files were closed.
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

    /// Counts the time from when another job was taken: all of it was for this one.
    pub(crate) fn count_from(&mut self, earlier: &Self) {
        self.hold.began = earlier.hold.began;
    }

    /// Whether something is to be sent: in this run, or by `resume`, which does not ask.
    pub(crate) fn has_work(&self) -> Result<bool, JobError> {
        Ok(self.journal.counts()?.status(Status::Pending) + self.journal.waiting_rows()? > 0)
    }

    /// Whether `--strict` holds everything back. What the CRM brings up after somebody said yes holds nothing back.
    pub(crate) fn is_held_back(&self) -> Result<bool, JobError> {
        Ok(self.spec.options.strict
            && !self.journal.notes()?.is_confirmed
            && self.journal.counts()?.status(Status::Invalid) > 0)
    }

    /// Somebody has said yes, unless everything is held back: from here on rows may be sent, and the job is kept.
    pub(crate) fn confirm(&mut self) -> Result<(), JobError> {
        if !self.is_held_back()? {
            self.journal.note(Note::Confirmed(true))?;
        }
        self.open_for_sending()
    }

    /// The rows are decided, and the job is kept: what is left of it is for `resume`.
    pub(crate) fn open_for_sending(&mut self) -> Result<(), JobError> {
        self.journal.set_status(JobStatus::Open)?;
        self.keep();
        Ok(())
    }

    /// Counts what the job costs, this run included.
    pub(crate) fn effort_counter(&self, context: &Context) -> Result<EffortCounter, JobError> {
        Ok(EffortCounter {
            before: self.journal.effort()?,
            began: self.hold.began,
            calls: context.monitor.clone(),
        })
    }
}

/// Counts what a job costs: what earlier runs did, and this one so far.
#[derive(Clone)]
pub(crate) struct EffortCounter {
    before: Effort,
    began: Instant,
    calls: Arc<CallCounter>,
}

impl EffortCounter {
    /// The cost by now.
    pub(crate) fn now(&self) -> Effort {
        Effort {
            calls: self.before.calls + self.calls.calls(),
            elapsed: self.before.elapsed + self.began.elapsed(),
        }
    }
}

/// A ledger that forgot something learns it again, and a person hears of it.
pub(crate) fn heal_ledger(account: &str, context: &Context) -> Result<(), JobError> {
    let healed = journal::heal_ledger(&context.state, account)?;
    if healed > 0 {
        let said = Problem::new(Code::LedgerHealed).with("count", healed.to_string());
        context.monitor.notice(&said);
    }
    Ok(())
}
