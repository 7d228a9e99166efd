//! `ferry resume`: goes on with a job that was stopped or killed, and looks up the rows in doubt of one that is over.
//!
//! The race, in order:
//!
//! 1. A process commits rows as *sending*, and some of their calls leave.
//! 2. The process is killed.
//! 3. The rows are taken for *pending* and sent again: customers are stored twice.
//!
//! So the journal recovers first, beside the ledger: a row that may have been sent is `unknown` until it was looked up,
//! and only an update that may be repeated is pending again. The job is locked all the while, so two processes never
//! work on it.

use crate::job::context::Context;
use crate::job::end::{End, Ended};
use crate::job::error::JobError;
use crate::job::open_job::OpenJob;
use crate::job::options::SendOptions;
use crate::job::report::Report;
use crate::job::spec::{JobSpec, Mode};
use crate::journal::{JobFolder, JobStatus, Journal, Note};
use crate::model::JobKind;
use crate::plan::preview::{Preview, preview};
use crate::plan::removal;
use crate::reconcile::doubts;
use crate::results::result as results;
use crate::send::run as send;
use crate::source::copy;

/// Goes on with a job, and writes its result sheet. Fails when another process works on the job, when it has nothing
/// left to do, or when its rows are not decided or not confirmed as a plan.
pub fn resume(
    folder: &JobFolder,
    options: &SendOptions,
    context: &Context,
) -> Result<Report, JobError> {
    let mut job = OpenJob::open(folder, context)?;
    match job.journal.status()? {
        JobStatus::Finished if !job.journal.has_doubts()? => {
            return Err(JobError::Finished(folder.id().clone()));
        }
        JobStatus::Planning => return Err(JobError::Undecided(folder.id().clone())),
        JobStatus::Planned => return Err(JobError::IsAPlan(folder.id().clone())),
        JobStatus::Finished | JobStatus::Open => {}
    }
    copy::verify(folder, &job.spec.source)?;
    if job.journal.notes()?.undone_by.is_some() {
        // A job that was taken back sends nothing any more. Its rows in doubt are looked up.
        doubts::look_up_held(&mut job, options.timing(), context)?;
        let end = End::Finished;
        return results::answer(Ended { job, end }, context);
    }
    job.journal.recover(&job.ledger)?;
    job.journal.note(Note::Unconfirmed(false))?;
    job.confirm()?;
    // Hours may have passed, and a colleague may have changed or added customers meanwhile.
    if job.spec.kind == JobKind::Import && job.spec.options.mode != Mode::Add {
        job.journal.note(Note::Guarded)?;
    }
    if job.spec.kind == JobKind::Delete {
        removal::look_again(&mut job, options.concurrency, context)?;
    }
    let ended = send::run(job, options, context)?;
    results::answer(ended, context)
}

/// Returns what is left to be done of a job.
pub fn preview_of(
    folder: &JobFolder,
    options: &SendOptions,
    context: &Context,
) -> Result<Preview, JobError> {
    let (spec, journal) = (JobSpec::load(folder)?, Journal::read(folder)?);
    preview(&spec, &journal, options.limit, context)
}

/// Returns what resuming would do, for a job that `--max-errors` stopped before anybody confirmed it; `None` for any
/// other job.
pub fn unconfirmed(
    folder: &JobFolder,
    options: &SendOptions,
    context: &Context,
) -> Result<Option<Preview>, JobError> {
    if !Journal::read(folder)?.notes()?.is_unconfirmed {
        return Ok(None);
    }
    preview_of(folder, options, context).map(Some)
}
