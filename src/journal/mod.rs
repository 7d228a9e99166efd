//! What was decided, sent and answered, so that it survives a kill at any moment.
//!
//! On disk, under the state folder:
//!
//! ```text
//! ledger.db                what any job of any account added, by the fingerprint of the source row
//! exports/<name>.lock      held while a process writes an export of that name
//! jobs/<job-id>/
//!   journal.db             the rows of the job: SQLite, schema in schema.rs
//!   journal.seq            the number of the last commit of intents, synced after it
//!   lock                   held while a process works on the job
//!   job.json, source.*     what the job was made from (written by `job`)
//!   spool.db               of an export that is not finished, or of an import that compares: the pages of the list
//! ```
//!
//! The protocol, which docs/design/journal.md states step by step: a row is committed as *sending*, and claimed in the
//! ledger, before its call leaves; its outcome is committed after, the ledger first. One thread, the
//! [`Recorder`], writes; everyone else reads.

mod baseline;
mod checksum;
mod claims;
mod codec;
mod database;
mod doubts;
mod folder;
mod heal;
mod images;
mod key_index;
mod ledger;
#[cfg(test)]
pub(crate) mod moment;
mod network;
mod presence;
mod recorder;
mod schema;
mod scratch;
mod spool;
mod status;
mod store;
mod touches;

use std::path::PathBuf;

pub use baseline::Baseline;
pub use claims::Again;
pub use folder::{JobFolder, JobLock, StateFolder};
pub use heal::heal_ledger;
pub use images::Images;
pub use key_index::KeyIndex;
pub use ledger::{Ledger, LedgerEntry, SourceRow};
pub use recorder::{OutcomeSender, Recorder};
pub use spool::{
    Age, Census, PackedPage, PassCounts, SINGLE_PAGE, SeenCounts, Spool, SpoolCustomer, SpoolPage,
    SpoolReader, StoredPage,
};
pub use status::{JobStatus, Note, Notes};
pub use store::{HeldRow, Journal, JournalCounts, JournalRow, RowState};
pub use touches::Touch;

use crate::model::{
    Action, CustomerId, Fact, Phrase, Problem, Record, RowNumber, RowOrigin, Saying, Status,
};

/// What the ledger knew of rows of one content when a customer of it was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRows {
    /// How many of them imports had added.
    pub imported: i64,
    /// Whether the one that was deleted is among them, and was not added again by an undo.
    pub is_imported: bool,
}

impl KnownRows {
    /// As the journal keeps it.
    fn to_number(self) -> i64 {
        self.imported * 2 + i64::from(self.is_imported)
    }

    /// The inverse.
    fn from_number(number: i64) -> Self {
        Self {
            imported: number / 2,
            is_imported: number % 2 == 1,
        }
    }
}

/// A row as it was decided, before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRow {
    /// Where it stands in the source.
    pub number: RowNumber,
    /// [`Status::Pending`] when it is to be sent, else what became of it at once.
    pub status: Status,
    /// What is to be done.
    pub action: Action,
    /// The customer it is about, where that is known.
    pub customer: Option<CustomerId>,
    /// Identifies the source's cells.
    pub fingerprint: [u8; 16],
    /// What is to be sent; for rows that are sent.
    pub record: Option<Record>,
    /// Why it is not sent, or what a person should know.
    pub problems: Vec<Problem>,
    /// Where the row stood in the first job that saw it, if it came from a result sheet.
    pub origin: Option<RowOrigin>,
    /// The row of another job that may have added it, while that is not known.
    pub waits_on: Option<RowOrigin>,
    /// Whether the row answers to one that another job has added: of equal rows, so many are not added.
    pub is_twin: bool,
    /// Whether the customer was found by a key.
    pub is_matched: bool,
    /// The customer as it is stored now, as JSON; for rows that change or delete it.
    pub before: Option<String>,
    /// Of a row that deletes: what the ledger knows of rows of equal content.
    pub known: Option<KnownRows>,
}

impl PlannedRow {
    /// A row that says nothing more: not to be sent.
    pub fn new(number: RowNumber, status: Status) -> Self {
        Self {
            number,
            status,
            action: Action::None,
            customer: None,
            fingerprint: [0; 16],
            record: None,
            problems: Vec::new(),
            origin: None,
            waits_on: None,
            is_twin: false,
            is_matched: false,
            before: None,
            known: None,
        }
    }
}

/// What became of a row that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// The row.
    pub number: RowNumber,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub status: Status,
    /// The customer's id, where a reply gave it.
    pub customer: Option<CustomerId>,
    /// What went wrong, or what a person should know.
    pub problem: Option<Problem>,
    /// The row of another job on which this one waits.
    pub waits_on: Option<RowOrigin>,
    /// When the attempt left at the earliest, in Unix milliseconds, where that is known better than by the group.
    pub sent_at: Option<i64>,
    /// When the attempt was over at the latest, in Unix milliseconds.
    pub ended_at: Option<i64>,
    /// Whether the row answers to one that another job has added.
    pub is_twin: bool,
    /// The customer as it was just before the write, where it was read then.
    pub before: Option<String>,
    /// The customer as the reply to a change has it.
    pub after: Option<String>,
    /// The digest of a new customer as the reply has it.
    pub digest: Option<i64>,
}

impl RowOutcome {
    /// An outcome that says nothing more.
    pub fn new(number: RowNumber, action: Action, status: Status) -> Self {
        Self {
            number,
            action,
            status,
            customer: None,
            problem: None,
            waits_on: None,
            sent_at: None,
            ended_at: None,
            is_twin: false,
            before: None,
            after: None,
            digest: None,
        }
    }
}

/// What a job has cost, over all its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effort {
    /// Calls, retries included.
    pub calls: u64,
    /// Time at work.
    pub elapsed: std::time::Duration,
}

/// What can go wrong with journal, ledger and state folder.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The database refused: disk full, read-only, damaged.
    #[error("{path}: {source}", path = .path.display())]
    Database {
        /// The database file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A file of the state folder could not be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The journal is older than the commit number beside it, or the other way round.
    #[error("{path} is at commit {journal}, its witness at {side}: one of them was lost or replaced", path = .path.display())]
    WentBack {
        /// The journal.
        path: PathBuf,
        /// Its own commit number.
        journal: i64,
        /// That of the side file or the ledger; -1 when it is missing or unreadable.
        side: i64,
    },
    /// What is read is not what was written.
    #[error("{path}: row {row} is damaged", path = .path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The row's number in the source.
        row: u32,
    },
    /// The file is no journal of this job, or of another version of ferry.
    #[error("{path} is not the journal of this job: {detail}", path = .path.display())]
    Foreign {
        /// The journal.
        path: PathBuf,
        /// What was found.
        detail: Fact,
    },
    /// A fact about the job says what ferry never writes.
    #[error("{path} says “{value}” for {what}, which means nothing", path = .path.display())]
    UnknownWord {
        /// The journal.
        path: PathBuf,
        /// The name of the fact.
        what: &'static str,
        /// What it says.
        value: String,
    },
    /// The journal has a row that the source does not have.
    #[error("{path}: row {row} is not in the source", path = .path.display())]
    WithoutSource {
        /// The journal.
        path: PathBuf,
        /// The row's number.
        row: u32,
    },
    /// A file that this process writes to is no longer the file of its name: deleted, moved or unmounted.
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
    /// What is wrong, for a message that says what could not be done.
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
