//! How a job stands: its state, its counts, and what a run of it came to.

use std::path::PathBuf;
use std::time::Duration;

use super::{End, JobError, JobSpec, export_state, is_export};
use crate::journal::{JobFolder, Journal, JournalCounts, RowState};
use crate::model::{Action, JobId, Problem, RowNumber, Status};

/// The journal's note on rows that are done but for fields that somebody has changed since.
pub(super) const LEFT_ALONE: &str = "left_alone";

/// Where a job stands as a whole: the `state` of its journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It was never decided completely; nothing was sent.
    Planning,
    /// Decided by `ferry plan`; nobody has said yes.
    Planned,
    /// Decided, and not every row has its answer.
    Open,
    /// Every row has its answer.
    Finished,
}

impl JobState {
    /// The name in the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Finished => "finished",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Planning, Self::Planned, Self::Open, Self::Finished];
        all.into_iter().find(|state| state.as_str() == text)
    }
}

/// The state that a journal names. A word that means nothing is an error and no state: one of them is discarded.
pub fn job_state(journal: &Journal) -> Result<JobState, JobError> {
    let text = journal.meta("state")?;
    match &text {
        // Its making was cut short.
        None if journal.counts()?.total() == 0 => Ok(JobState::Planning),
        text => {
            let text = text.as_deref().unwrap_or_default();
            JobState::parse(text).ok_or_else(|| journal.unknown_word("state", text).into())
        }
    }
}

/// Whether a job has rows that wait to be sent, or an export its file to be written, or is being worked on.
pub fn is_unfinished(folder: &JobFolder) -> Result<bool, JobError> {
    if is_export(folder) {
        return Ok(export_state(folder)?.outcome.is_none());
    }
    if !folder.file("journal.db").is_file() {
        return Ok(false);
    }
    let journal = Journal::read(folder)?;
    Ok(job_state(&journal)? == JobState::Open)
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
    /// The command that made it.
    pub command: String,
    /// The job whose rows in doubt it speaks of: its own, or of an undo that of the job that is taken back.
    pub doubts_of: JobId,
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
    command: &str,
    end: End,
) -> Result<Report, JobError> {
    let effort = journal.effort()?;
    Ok(Report {
        job: folder.id().clone(),
        command: command.to_owned(),
        doubts_of: JobSpec::load(folder)
            .ok()
            .and_then(|spec| spec.undoes)
            .unwrap_or_else(|| folder.id().clone()),
        counts: journal.counts()?,
        calls: effort.calls,
        elapsed: effort.elapsed,
        result: journal.meta("result")?.map(PathBuf::from),
        end,
        held_back: journal.meta("held_back")?.is_some(),
        left_alone: journal
            .meta(LEFT_ALONE)?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0),
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
