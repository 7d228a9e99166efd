//! The pipelines, one file per kind of job; each reads like its numbered steps.

mod apply;
mod births;
mod carry_out;
mod check;
mod delete;
mod diff;
mod error_limit;
mod export;
mod find_all;
mod guard;
mod import;
mod incoming;
mod keys;
mod listing;
mod lists;
mod lookup;
mod map;
mod merge;
mod plan;
mod planned;
mod propose;
mod reconcile;
mod report;
mod results;
mod rows;
mod run_settings;
mod seconds;
mod sheets;
mod shown;
mod source;
mod spec;
mod stamp;
mod stored;
mod stored_customer;
mod tally;
mod template;
#[cfg(test)]
mod tests;
mod twice;
mod undo;
mod verify;
mod way_back;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use crate::mapping::HeaderRows;
pub use apply::ApplyOptions;
pub use check::{CheckReport, CheckRequest, check_file};
pub use delete::{DeleteRequest, delete};
pub use diff::{Change, ChangeCounts, ChangeKind, DiffReport, DiffRequest, diff};
pub use error_limit::{ErrorLimit, MaxErrors};
pub use export::{
    ExportFormat, ExportOutcome, ExportReport, ExportRequest, ExportState, Filter, Headers,
    ListFacts, Manifest, ManifestColumn, UnknownPlaceholder, Where, export, export_state,
    filled_in, is_export, resume_export,
};
pub use import::{ImportRequest, Preview, import, preview_of, resume, unconfirmed};
pub use keys::Key;
pub use map::{add_owners, load_mapping};
pub use planned::{ApplyRequest, PlanReport, apply_plan, plan_file, planned_job};
pub use propose::{ProposeReport, ProposeRequest, propose};
pub use report::{JobState, Report, is_unfinished, job_state, last_written, report_of};
pub use results::{ResultOptions, ShownChange, write_result};
pub use run_settings::RunSettings;
pub use sheets::FERRY_SHEET;
pub use spec::{
    Account, BlankKey, ImportOptions, JobSpec, Mode, OnMatch, SPEC_VERSION, SheetOptions,
    SheetPlan, SourceSpec, stem_of,
};
pub use stored_customer::Unreadable;
pub use tally::CallCounter;
pub use template::{TemplateReport, TemplateRequest, template};
pub use undo::{RowsOfSheet, UndoReport, UndoRequest, rows_of_result, undo};
pub use verify::{VerifyReport, VerifyRequest, verify};

use crate::crm::{CallError, Clock, Crm, Pace, ServerClock};
use crate::journal::{JournalError, StateFolder};
use crate::lang::Lang;
use crate::model::{Fact, JobId, Phrase, Problem, Saying, Stop};
use crate::table::TableError;

/// What every job that talks to the CRM works with.
pub struct Context {
    /// Where jobs are kept.
    pub state: StateFolder,
    /// The CRM, with pace and retries around it.
    pub crm: Arc<dyn Crm>,
    /// The pace that the CRM's calls keep.
    pub pace: Arc<Pace>,
    /// Who watches, and counts the calls.
    pub monitor: Arc<CallCounter>,
    /// Asks the job to stop.
    pub stop: Stop,
    /// How far the CRM's clock is from ours.
    pub server_clock: Arc<ServerClock>,
    /// Tells the time and sleeps.
    pub clock: Arc<dyn Clock>,
    /// The language of what this run writes.
    pub lang: Lang,
}

/// Why a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Every row has its answer.
    Finished,
    /// Somebody asked to stop; the job can be resumed.
    Stopped,
    /// The trial's number of rows was sent; the job can be resumed.
    Limited,
    /// More rows are wrong than `--max-errors` allows; the job can be resumed.
    TooManyErrors,
    /// The CRM could not be reached, or stayed busy; the job can be resumed.
    Unreachable(CallError),
    /// The CRM refuses the account; the job can be resumed once that is mended.
    Refused(CallError),
}

impl End {
    /// A call failed in a way that no other row would fare better.
    fn of(error: CallError) -> Self {
        if error.class.is_fatal() {
            Self::Refused(error)
        } else {
            Self::Unreachable(error)
        }
    }
}

/// What keeps a job from going on.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The source cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// Journal, ledger or state folder.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The source is readable and cannot be used: every reason at once.
    #[error("the source cannot be used")]
    Input(Vec<Problem>),
    /// A call outside the rows failed, such as reading the field list.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A file of the job's folder could not be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// `job.json` is not what it should be.
    #[error("{path}: {detail}", path = .path.display())]
    Spec {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: Fact,
    },
    /// The copy of the source in the job's folder is not the one that was made.
    #[error("{path}: {detail}", path = .path.display())]
    CopyChanged {
        /// The copy.
        path: PathBuf,
        /// How it differs.
        detail: Fact,
    },
    /// The same file belongs to a job that is not finished.
    #[error("job {job} is not finished")]
    Unfinished {
        /// That job.
        job: JobId,
    },
    /// The job to resume is finished.
    #[error("job {0} is finished")]
    Finished(JobId),
    /// The job was interrupted before it had decided anything.
    #[error("job {0} was interrupted before anything was decided or sent")]
    Undecided(JobId),
    /// The job is a plan that nobody has applied.
    #[error("job {0} is a plan that was not applied")]
    IsAPlan(JobId),
    /// The job is no plan that could be applied.
    #[error("job {0} is not a plan")]
    NotAPlan(JobId),
    /// Somebody asked to stop before anything was sent.
    #[error("stopped before anything was sent")]
    StoppedInPlan,
    /// The target cannot be written; known before anything was asked for.
    #[error("the target cannot be written")]
    Output(Problem),
    /// The file could not be written although everything for it is there: the job can be resumed.
    #[error("{path} could not be written", path = .path.display())]
    ExportUnwritten {
        /// The file.
        path: PathBuf,
        /// What the system said.
        detail: Fact,
        /// The job.
        job: JobId,
    },
    /// Another process writes the same export.
    #[error("{0} is being exported by another process")]
    ExportBusy(String),
    /// The person said no.
    #[error("not confirmed")]
    Declined,
    /// What was asked for is refused before anything is made.
    #[error("refused")]
    Usage(Problem),
    /// What was kept of a stored customer cannot be read back.
    #[error("a stored customer cannot be read back: {0}")]
    UnreadableCustomer(Unreadable),
    /// The job has written nothing.
    #[error("job {0} has written nothing")]
    NothingWritten(JobId),
    /// Nobody is there to be asked.
    #[error("writing to {host} is not confirmed")]
    Unconfirmed {
        /// The host that would be written to.
        host: String,
    },
}

impl JobError {
    fn spec(path: &Path, detail: impl Into<Fact>) -> Self {
        Self::Spec {
            path: path.to_path_buf(),
            detail: detail.into(),
        }
    }

    /// What is wrong, for a message that says what could not be done.
    pub fn detail(&self) -> Fact {
        let of = |path: &Path, cause: Fact| {
            Phrase::new(Saying::PathAndCause)
                .with("path", path.to_string_lossy())
                .with("cause", cause)
                .into()
        };
        match self {
            Self::Table(error) => error.detail(),
            Self::Journal(error) => error.detail(),
            Self::Call(error) => error.message.clone(),
            Self::File { path, source } => of(path, source.to_string().into()),
            Self::Spec { path, detail } | Self::CopyChanged { path, detail } => {
                of(path, detail.clone())
            }
            Self::UnreadableCustomer(error) => error.to_string().into(),
            _ => self.to_string().into(),
        }
    }
}
