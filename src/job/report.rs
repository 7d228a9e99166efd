//! The state of a job, and the result of its runs so far.

use std::path::PathBuf;
use std::time::Duration;

use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::examples::Examples;
use crate::job::spec::{EXPORT_OUTCOME, is_export};
use crate::journal::{JobFolder, JobStatus, Journal, JournalCounts, RowState};
use crate::lang::sheets::LEFT_ALONE;
use crate::model::{Action, JobId, JobKind, Status};

/// Returns whether `resume` has something to do: an export has no outcome yet, or another job is *open*. A job that a
/// process is working on counts too.
pub fn is_unfinished(folder: &JobFolder) -> Result<bool, JobError> {
    if is_export(folder) {
        return Ok(!folder.file(EXPORT_OUTCOME).is_file());
    }
    if !folder.file("journal.db").is_file() {
        return Ok(false);
    }
    Ok(Journal::read(folder)?.status()? == JobStatus::Open)
}

/// Returns when a job wrote last, in Unix milliseconds; `None` for a job that has written nothing.
pub fn last_written(folder: &JobFolder) -> Result<Option<i64>, JobError> {
    Ok(Journal::read(folder)?.last_written()?)
}

/// The result of a job's runs so far.
#[derive(Debug, Clone)]
pub struct Report {
    /// The job.
    pub job: JobId,
    /// The kind of the job.
    pub kind: JobKind,
    /// The command that was run, as `--json` names it: that of the kind, or `plan`, `apply`.
    pub command: &'static str,
    /// The numbers of its rows.
    pub counts: JournalCounts,
    /// Calls of all its runs, retries included.
    pub calls: u64,
    /// Time of all its runs.
    pub elapsed: Duration,
    /// The path of the result sheet that was written last; `None` when this run could not write one.
    pub result: Option<PathBuf>,
    /// Why the last run ended.
    pub end: End,
    /// Whether `--strict` held every row back.
    pub held_back: bool,
    /// Rows that are done except for fields that somebody has changed since.
    pub left_alone: u64,
    /// Rows that are united with a row above. They count as skipped: their customer is that of the row above.
    pub united: u64,
    /// Invalid rows that were left alone because somebody has changed or added something since.
    pub kept: u64,
    /// Problems of rows that are not done, for the terminal; none until [`Report::with_examples`].
    pub examples: Examples,
}

impl Report {
    /// Returns the report with every pending row counted as done, as `ferry plan` shows it.
    #[must_use]
    pub fn as_if_done(mut self) -> Self {
        let mut rows = std::collections::BTreeMap::new();
        for ((state, action), count) in self.counts.rows {
            let state = match state {
                RowState::At(Status::Pending) => RowState::At(Status::Ok),
                other => other,
            };
            *rows.entry((state, action)).or_default() += count;
        }
        self.counts.rows = rows;
        self
    }

    /// Returns the report with the problems of rows that are not done. Reading them takes long where there are many.
    pub fn with_examples(self, journal: &Journal) -> Result<Self, JobError> {
        Ok(Self {
            examples: Examples::of(journal)?,
            ..self
        })
    }

    /// Returns the job whose rows in doubt the report counts: the job itself, or for an undo the job that is taken
    /// back.
    pub fn doubts_of(&self) -> &JobId {
        self.kind.undoes().unwrap_or(&self.job)
    }

    /// Returns how many rows of an action are done.
    pub fn done(&self, action: Action) -> u64 {
        self.counts
            .sum(|state, its| state == RowState::At(Status::Ok) && its == action)
    }

    /// Returns how many rows have a status.
    pub fn status(&self, status: Status) -> u64 {
        self.counts.status(status)
    }

    /// Returns the exit code of product.md. Where several apply: 7, then 3 (held back by `--strict`), 5, 6, 4, 9.
    pub fn exit_code(&self) -> u8 {
        let some = |status| self.status(status) > 0;
        match self.end {
            End::Refused(_) => 7,
            _ if self.held_back => 3,
            End::Stopped | End::Limited | End::TooManyErrors | End::Unreachable(_) => 5,
            End::Finished if some(Status::Unknown) => 6,
            End::Finished if some(Status::Invalid) || some(Status::Failed) => 4,
            End::Finished if self.left_alone > 0 => 4,
            End::Finished if self.counts.total() == self.status(Status::Skipped) => 9,
            End::Finished => 0,
        }
    }
}

/// Reads how a job stands from its journal, for those who only look: its rows are not read.
pub fn glance_at(
    folder: &JobFolder,
    journal: &Journal,
    kind: &JobKind,
) -> Result<Report, JobError> {
    // An import may have any number of rows with problems.
    let kept = if kind.takes_away() {
        left_alone_rows(journal)?
    } else {
        0
    };
    let counts = journal.kept_counts()?;
    report(folder, journal, kind, End::Finished, counts, kept)
}

fn left_alone_rows(journal: &Journal) -> Result<u64, JobError> {
    Ok(journal.rows_with(Status::Invalid, &LEFT_ALONE)?)
}

/// Reads how a job stands from its journal.
pub fn report_of(
    folder: &JobFolder,
    journal: &Journal,
    kind: &JobKind,
    end: End,
) -> Result<Report, JobError> {
    let kept = left_alone_rows(journal)?;
    report(folder, journal, kind, end, journal.counts()?, kept)
}

fn report(
    folder: &JobFolder,
    journal: &Journal,
    kind: &JobKind,
    end: End,
    counts: JournalCounts,
    kept: u64,
) -> Result<Report, JobError> {
    let (effort, notes) = (journal.effort()?, journal.notes()?);
    Ok(Report {
        job: folder.id().clone(),
        command: kind.command(),
        kind: kind.clone(),
        counts,
        calls: effort.calls,
        elapsed: effort.elapsed,
        result: notes.result,
        end,
        held_back: notes.is_held_back,
        left_alone: notes.left_alone_rows,
        united: notes.united_rows,
        kept,
        examples: Examples::default(),
    })
}
