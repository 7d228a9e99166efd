//! Refuses to import a file again while a job of the same file is not finished.
//!
//! Rows of that job may be on their way, and their outcome is not known yet. So the error names the job, which must be
//! resumed first. Two files are the same if path or content is, in the same account.

use std::path::Path;

use crate::job::account::Account;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::report::is_unfinished;
use crate::job::spec::{JobSpec, SourceSpec};
use crate::journal::{JobFolder, JobStatus, Journal, JournalError, Ledger};

/// Fails when the file belongs to an unfinished job, whose rows may be on their way. Removes jobs that died before they
/// decided anything.
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
        if spec.account.key != account.key {
            continue;
        }
        let is_unfinished = is_unfinished(&job);
        // The path of a job that is over may lead to a drive that is no longer there, so it is not looked at.
        let same_file = !matches!(is_unfinished, Ok(false)) && spec.source.is_same_file(source);
        if same_file && is_unfinished? {
            // A job that another process works on is reported as busy, not as waiting for `resume`.
            drop(job.lock()?);
            return Err(JobError::Unfinished {
                job: job.id().clone(),
            });
        }
    }
    Ok(())
}

/// Removes a job that died before it had decided anything, and so has sent nothing. A folder that lost its journal
/// later is left as it is. Fails when the ledger knows rows of the job: its folder was put back from an older copy, and
/// a person must look before anything is imported.
fn discard_undecided(job: &JobFolder, ledger: &Path) -> Result<bool, JobError> {
    // A plan whose refresh was cut short stays: it can be refreshed again.
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
