//! A file whose job is not finished is not taken up anew.

use std::path::Path;

use crate::job::account::Account;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::report::is_unfinished;
use crate::job::spec::{JobSpec, SourceSpec};
use crate::journal::{JobFolder, JobStatus, Journal, JournalError, Ledger};

/// A file whose job is unfinished is not imported anew: rows of that job may be on their way.
pub(crate) fn refuse_unfinished(
    source: &SourceSpec,
    account: &Account,
    folder: &JobFolder,
    context: &Context,
) -> Result<(), JobError> {
    for job in context.state.jobs()? {
        if job.id() == folder.id() || discard_undecided(&job, &context.state.ledger_path())? {
            continue;
        }
        let Ok(spec) = JobSpec::load(&job) else {
            continue;
        };
        let same_path = spec.source.path == source.path && source.path.as_os_str() != "-";
        let same_file = spec.source.sha256 == source.sha256 || same_path;
        if spec.account.key == account.key && same_file && is_unfinished(&job)? {
            // A job that another process works on is busy, not waiting.
            drop(job.lock()?);
            return Err(JobError::Unfinished {
                job: job.id().clone(),
            });
        }
    }
    Ok(())
}

/// A run that died before it had decided anything has sent nothing: its folder goes. A folder that lost its
/// journal later is left as it is; one whose rows the ledger knows to have been claimed was put back from an older
/// copy, and nothing is imported until somebody has looked.
fn discard_undecided(job: &JobFolder, ledger: &Path) -> Result<bool, JobError> {
    // A plan whose refresh was cut short can be refreshed again.
    let is_undecided = Journal::read(job).is_ok_and(|journal| {
        let is_planning = matches!(journal.status(), Ok(JobStatus::Planning));
        is_planning && journal.notes().is_ok_and(|notes| !notes.is_plan)
    });
    let undecided = is_undecided || (!job.file("job.json").exists() && Journal::is_unmade(job));
    let Some(lock) = undecided.then(|| job.lock().ok()).flatten() else {
        return Ok(false);
    };
    let claimed = Ledger::seq_of(ledger, job.id())?;
    if claimed > 0 {
        return Err(JobError::Journal(JournalError::WentBack {
            path: job.file("journal.db"),
            journal: 0,
            side: claimed,
        }));
    }
    Ok(job.clone().discard(lock).is_ok())
}
