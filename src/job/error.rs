//! Errors that keep a job from going on.

use std::path::{Path, PathBuf};

use crate::crm::CallError;
use crate::journal::JournalError;
use crate::model::{Fact, JobId, Phrase, Problem, Saying};
use crate::stored::customer::Unreadable;
use crate::table::TableError;

/// An error that keeps a job from going on.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The source cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The journal, the ledger or the state folder cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The source is readable and cannot be used; holds every reason at once.
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
        /// What the system says.
        source: std::io::Error,
    },
    /// `job.json` is not what it should be.
    #[error("{path}: {detail}", path = .path.display())]
    Spec {
        /// The file.
        path: PathBuf,
        /// The fault that was found.
        detail: Fact,
    },
    /// The copy of the source in the job's folder was changed after it was made.
    #[error("{path}: {detail}", path = .path.display())]
    CopyChanged {
        /// The copy.
        path: PathBuf,
        /// The difference.
        detail: Fact,
    },
    /// The same file belongs to a job that is not finished.
    #[error("job {job} is not finished")]
    Unfinished {
        /// The unfinished job.
        job: JobId,
    },
    /// The job to resume is finished.
    #[error("job {0} is finished")]
    Finished(JobId),
    /// The job was interrupted before every row was decided.
    #[error("job {0} was interrupted before anything was decided or sent")]
    Undecided(JobId),
    /// The job is a plan that nobody has applied.
    #[error("job {0} is a plan that was not applied")]
    IsAPlan(JobId),
    /// The job is no plan that could be applied.
    #[error("job {0} is not a plan")]
    NotAPlan(JobId),
    /// Somebody asked to stop before anything was sent or written.
    #[error("stopped before anything was sent")]
    StoppedInPlan,
    /// The target cannot be written. Found before the first call.
    #[error("the target cannot be written")]
    Output(Problem),
    /// The file could not be written although everything for it is on the disk. The job can be resumed.
    #[error("{path} could not be written", path = .path.display())]
    ExportUnwritten {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: Fact,
        /// The job.
        job: JobId,
    },
    /// Another process writes the same export. Holds the target's name.
    #[error("{0} is being exported by another process")]
    ExportBusy(String),
    /// The person answered no.
    #[error("not confirmed")]
    Declined,
    /// The request is refused before anything is made.
    #[error("refused")]
    Usage(Problem),
    /// The record of a stored customer in the job's folder cannot be read back.
    #[error("a stored customer cannot be read back: {0}")]
    UnreadableCustomer(Unreadable),
    /// The job has written nothing.
    #[error("job {0} has written nothing")]
    NothingWritten(JobId),
    /// A confirmation is needed, and no person can be asked.
    #[error("writing to {host} is not confirmed")]
    Unconfirmed {
        /// The host that would be written to.
        host: String,
    },
}

impl JobError {
    pub(crate) fn spec(path: &Path, detail: impl Into<Fact>) -> Self {
        Self::Spec {
            path: path.to_path_buf(),
            detail: detail.into(),
        }
    }

    /// Names, in an error of the table, the person's file in place of the job's copy of it.
    pub(crate) fn about(self, path: &Path) -> Self {
        match self {
            Self::Table(error) => Self::Table(error.about(path)),
            other => other,
        }
    }

    /// Returns the cause, for a message that says what could not be done.
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

impl From<Unreadable> for JobError {
    fn from(error: Unreadable) -> Self {
        Self::UnreadableCustomer(error)
    }
}
