//! A row in the journal: as it was decided, as it is held, as it is kept, and what became of it.

use crate::model::{Action, CustomerId, Problem, Record, RowNumber, RowOrigin, Status};

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
    pub(super) fn to_number(self) -> i64 {
        self.imported * 2 + i64::from(self.is_imported)
    }

    /// The inverse.
    pub(super) fn from_number(number: i64) -> Self {
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

/// Where a row stands, in the journal's own terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowState {
    /// Its call may be on the way, or was when the process died.
    Sending,
    /// Anything else.
    At(Status),
}

/// A row as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Where it stands in the source.
    pub number: RowNumber,
    /// What became of it.
    pub state: RowState,
    /// What is, or was, to be done.
    pub action: Action,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// Identifies the source's cells.
    pub fingerprint: [u8; 16],
    /// What is to be sent.
    pub record: Option<Record>,
    /// Everything to say about it.
    pub problems: Vec<Problem>,
    /// When its last attempt left, in Unix milliseconds.
    pub sent_at: Option<i64>,
    /// When that attempt was over at the latest, in Unix milliseconds.
    pub ended_at: Option<i64>,
    /// Where it first stood.
    pub origin: Option<RowOrigin>,
    /// The row of another job that may have added it, while that is not known.
    pub waits_on: Option<RowOrigin>,
    /// Whether the customer was found by a key.
    pub is_matched: bool,
    /// The digest of a new customer as the reply has it.
    pub digest: Option<i64>,
    /// Of a row that deletes: what the ledger knew of rows of equal content then.
    pub known: Option<KnownRows>,
}

impl JournalRow {
    /// Whether the CRM has answered its add with a customer that is not this row's.
    pub fn is_merged(&self) -> bool {
        self.problems.iter().any(|problem| problem.code.is_merge())
    }
}

/// A row that is not sent although it was to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// The row.
    pub number: RowNumber,
    /// What it is instead.
    pub status: Status,
    /// Why.
    pub problem: Option<Problem>,
    /// The customer that is there instead.
    pub customer: Option<CustomerId>,
}
