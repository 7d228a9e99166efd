//! How a job stands: its state, its counts, and what a run of it came to.

use std::path::PathBuf;
use std::time::Duration;

use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::spec::{EXPORT_OUTCOME, is_export};
use crate::journal::{JobFolder, JobStatus, Journal, JournalCounts, RowState};
use crate::model::{Action, JobId, JobKind, Problem, RowNumber, Status};

/// Whether a job has rows that wait to be sent, or an export its file to be written, or is being worked on.
pub fn is_unfinished(folder: &JobFolder) -> Result<bool, JobError> {
    if is_export(folder) {
        return Ok(!folder.file(EXPORT_OUTCOME).is_file());
    }
    if !folder.file("journal.db").is_file() {
        return Ok(false);
    }
    Ok(Journal::read(folder)?.status()? == JobStatus::Open)
}

/// When a job wrote last, in Unix milliseconds; `None` for one that has written nothing.
pub fn last_written(folder: &JobFolder) -> Result<Option<i64>, JobError> {
    Ok(Journal::read(folder)?.last_written()?)
}

/// What a job came to so far.
#[derive(Debug, Clone)]
pub struct Report {
    /// The job.
    pub job: JobId,
    /// What it is for.
    pub kind: JobKind,
    /// The command that was run, as `--json` names it: that of the kind, or `plan`, `apply`.
    pub command: &'static str,
    /// Its rows.
    pub counts: JournalCounts,
    /// Calls of all its runs, retries included.
    pub calls: u64,
    /// Time of all its runs.
    pub elapsed: Duration,
    /// Where the result sheet was written last; `None` when this run could not write it.
    pub result: Option<PathBuf>,
    /// Why the last run ended.
    pub end: End,
    /// `--strict` held everything back.
    pub held_back: bool,
    /// Rows that are done but for fields that somebody has changed since.
    pub left_alone: u64,
    /// The first problems of rows that were not done as wished, for the terminal.
    pub examples: Vec<(RowNumber, Problem)>,
}

/// How many rows are looked through for examples.
const EXAMPLE_ROWS: usize = 5;

impl Report {
    /// What the report would be if everything that is pending were done.
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

    /// The job whose rows in doubt it speaks of: its own, or of an undo that of the job that is taken back.
    pub fn doubts_of(&self) -> &JobId {
        self.kind.undoes().unwrap_or(&self.job)
    }

    /// Rows of an action that are done.
    pub fn done(&self, action: Action) -> u64 {
        self.counts
            .sum(|state, its| state == RowState::At(Status::Ok) && its == action)
    }

    /// Rows of a status.
    pub fn status(&self, status: Status) -> u64 {
        self.counts.status(status)
    }

    /// The exit code of product.md: 7, 5, 6, 4 in this order where several apply.
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

/// How a job stands according to its journal.
pub fn report_of(
    folder: &JobFolder,
    journal: &Journal,
    kind: &JobKind,
    end: End,
) -> Result<Report, JobError> {
    let (effort, notes) = (journal.effort()?, journal.notes()?);
    Ok(Report {
        job: folder.id().clone(),
        command: kind.command(),
        kind: kind.clone(),
        counts: journal.counts()?,
        calls: effort.calls,
        elapsed: effort.elapsed,
        result: notes.result,
        end,
        held_back: notes.is_held_back,
        left_alone: notes.left_alone_rows,
        examples: examples(journal)?,
    })
}

fn examples(journal: &Journal) -> Result<Vec<(RowNumber, Problem)>, JobError> {
    let rows = journal.wrong_rows(EXAMPLE_ROWS)?;
    let problems = rows.into_iter().flat_map(|row| {
        row.problems
            .into_iter()
            .map(move |problem| (row.number, problem))
    });
    Ok(problems.collect())
}
