//! `ferry resume`: the second half of a job alone.

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

/// Goes on with a stopped job.
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
        // Nothing of it is sent any more; what is in doubt is looked up.
        doubts::look_up_held(&mut job, options.timing(), context)?;
        let end = End::Finished;
        return results::answer(Ended { job, end }, context);
    }
    job.journal.recover(&job.ledger)?;
    job.journal.note(Note::Unconfirmed(false))?;
    job.confirm()?;
    // Hours may have passed: what somebody has changed or added meanwhile is not written over.
    if job.spec.kind == JobKind::Import && job.spec.options.mode != Mode::Add {
        job.journal.note(Note::Guarded)?;
    }
    if job.spec.kind == JobKind::Delete {
        removal::copy_again(&mut job, options.concurrency, context)?;
    }
    let ended = send::run(job, options, context)?;
    results::answer(ended, context)
}

/// What is left to be done of a job.
pub fn preview_of(
    folder: &JobFolder,
    options: &SendOptions,
    context: &Context,
) -> Result<Preview, JobError> {
    let (spec, journal) = (JobSpec::load(folder)?, Journal::read(folder)?);
    preview(&spec, &journal, options.limit, context)
}

/// What would happen with a job that `--max-errors` stopped before anybody was asked; `None` for any other.
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
