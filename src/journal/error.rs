//! What can go wrong with journal, ledger and state folder. Each variant asks for another action of the person.

use std::path::PathBuf;

use crate::model::{Fact, Phrase, Saying};

/// What can go wrong with journal, ledger and state folder.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database refused an operation: disk full, read-only, damaged.
    #[error("{path}: {source}", path = .path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// The error of SQLite.
        source: rusqlite::Error,
    },
    /// A file of the state folder could not be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The journal's commit number and its witness do not fit: one of them was lost or replaced.
    #[error("{path} is at commit {journal}, its witness at {side}: one of them was lost or replaced", path = .path.display())]
    WentBack {
        /// The journal.
        path: PathBuf,
        /// The commit number in the journal.
        journal: i64,
        /// The number in the side file or in the ledger; -1 when the side file is missing or unreadable.
        side: i64,
    },
    /// A row does not match its checksum.
    #[error("{path}: row {row} is damaged", path = .path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The row's number in the source.
        row: u32,
    },
    /// The file does not belong to this job, or was written by another version of ferry.
    #[error("{path} is not the journal of this job: {detail}", path = .path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What was found in the file.
        detail: Fact,
    },
    /// The journal has a word for a fact about the job that ferry never writes.
    #[error("{path} says “{value}” for {what}, which means nothing", path = .path.display())]
    UnknownWord {
        /// The journal.
        path: PathBuf,
        /// The name of the fact.
        what: &'static str,
        /// The word.
        value: String,
    },
    /// The journal has a row that the source does not have.
    #[error("{path}: row {row} is not in the source", path = .path.display())]
    WithoutSource {
        /// The journal.
        path: PathBuf,
        /// The row's number in the source.
        row: u32,
    },
    /// The name of a file that this process writes to now leads to no file, or to another: deleted, moved or unmounted.
    #[error("{path} is not there any more", path = .path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Another process holds the job.
    #[error("job {0} is in use by another process")]
    Busy(String),
    /// There is no such job.
    #[error("there is no job {0}")]
    NoSuchJob(String),
    /// The recorder stopped after an earlier failure.
    #[error("the journal stopped: {0}")]
    Stopped(String),
}

impl JournalError {
    /// Returns what is wrong, for a message that says what could not be done.
    pub fn detail(&self) -> Fact {
        let at = |path: &std::path::Path, cause: String| {
            Phrase::new(Saying::PathAndCause)
                .with("path", path.to_string_lossy())
                .with("cause", cause)
        };
        let phrase = match self {
            Self::Database { path, source } => at(path, source.to_string()),
            Self::File { path, source } => at(path, source.to_string()),
            Self::WentBack {
                path,
                journal,
                side,
            } => Phrase::new(Saying::WitnessDiffers)
                .with("path", path.to_string_lossy())
                .with("journal", journal.to_string())
                .with("side", side.to_string()),
            Self::Damaged { path, row } => Phrase::new(Saying::RowDamaged)
                .with("path", path.to_string_lossy())
                .with("row", row.to_string()),
            Self::WithoutSource { path, row } => Phrase::new(Saying::RowWithoutSource)
                .with("path", path.to_string_lossy())
                .with("row", row.to_string()),
            Self::UnknownWord { path, what, value } => Phrase::new(Saying::UnknownWord)
                .with("path", path.to_string_lossy())
                .with("what", *what)
                .with("value", value),
            Self::Foreign { path, detail } => Phrase::new(Saying::NotOfThisJob)
                .with("path", path.to_string_lossy())
                .with("cause", detail),
            Self::Stopped(cause) => Phrase::new(Saying::JournalStopped).with("cause", cause),
            Self::Gone { path } => return path.to_string_lossy().into(),
            Self::Busy(job) | Self::NoSuchJob(job) => return job.into(),
        };
        phrase.into()
    }
}
