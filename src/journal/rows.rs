//! A row of the journal: as it is decided, blocked, stored and settled.

use crate::model::{Action, CustomerId, Problem, Record, RowNumber, RowOrigin, Status};

/// What the ledger knew about rows of one content when a customer with that content was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownRows {
    /// How many of these rows imports had added.
    pub imported: i64,
    /// Whether the deleted customer is one of them, and not one that an undo had added again.
    pub is_imported: bool,
}

impl KnownRows {
    /// Packs both facts into the number that the journal keeps.
    pub(super) fn to_number(self) -> i64 {
        self.imported * 2 + i64::from(self.is_imported)
    }

    /// Unpacks what [`Self::to_number`] packed.
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
    /// Where the row stands in the source.
    pub number: RowNumber,
    /// [`Status::Pending`] when the row is to be sent, else how it ended at once.
    pub status: Status,
    /// What is to be done with the customer.
    pub action: Action,
    /// The customer of the row, where it is known.
    pub customer: Option<CustomerId>,
    /// Identifies the cells of the source row.
    pub fingerprint: [u8; 16],
    /// What is to be sent; of an invalid row at most the customer's name, for people.
    pub record: Option<Record>,
    /// Why the row is not sent, or what a person should know.
    pub problems: Vec<Problem>,
    /// Where the row stood in the first job that saw it, if it came from a result sheet.
    pub origin: Option<RowOrigin>,
    /// The row of another job that may have added this one, while that is not known.
    pub waits_on: Option<RowOrigin>,
    /// Whether the row stands for one that another job has added, and is therefore not added itself.
    pub is_twin: bool,
    /// Whether the customer was found by a key.
    pub is_matched: bool,
    /// The customer as it is stored now, as JSON; for rows that change or delete it.
    pub before: Option<String>,
    /// For a row that deletes: what the ledger knows about rows of equal content.
    pub known: Option<KnownRows>,
}

impl PlannedRow {
    /// Makes a row that is not to be sent, without any further facts.
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

/// How a row ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowOutcome {
    /// Where the row stands in the source.
    pub number: RowNumber,
    /// What was done.
    pub action: Action,
    /// The status of the row now.
    pub status: Status,
    /// The customer's id, where a reply gave it.
    pub customer: Option<CustomerId>,
    /// What went wrong, or what a person should know.
    pub problem: Option<Problem>,
    /// The row of another job that this one waits on.
    pub waits_on: Option<RowOrigin>,
    /// When the call left at the earliest, in Unix milliseconds, where that is known better than from its group.
    pub sent_at: Option<i64>,
    /// When the call was over at the latest, in Unix milliseconds.
    pub ended_at: Option<i64>,
    /// Whether the row stands for one that another job has added.
    pub is_twin: bool,
    /// The customer as it was just before the write, where it was read then.
    pub before: Option<String>,
    /// The customer as the reply to a change has it.
    pub after: Option<String>,
    /// The digest of a new customer, as the reply has it.
    pub digest: Option<i64>,
}

impl RowOutcome {
    /// Makes an outcome without any further facts.
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

/// The state of a row in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowState {
    /// The row's call may be on its way, or was when the process died.
    Sending,
    /// Any other state.
    At(Status),
}

impl RowState {
    /// Returns the status for people. A row on its way is pending while a process works on the job, else in doubt.
    pub fn status(self, is_running: bool) -> Status {
        match self {
            Self::At(status) => status,
            Self::Sending if is_running => Status::Pending,
            Self::Sending => Status::Unknown,
        }
    }
}

/// A row as the journal stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Where the row stands in the source.
    pub number: RowNumber,
    /// How far the row is.
    pub state: RowState,
    /// What is, or was, to be done with the customer.
    pub action: Action,
    /// The customer of the row, where it is known.
    pub customer: Option<CustomerId>,
    /// Identifies the cells of the source row.
    pub fingerprint: [u8; 16],
    /// What is to be sent; `None` also where the query left records out.
    pub record: Option<Record>,
    /// Every problem of the row.
    pub problems: Vec<Problem>,
    /// When the last call of the row left, in Unix milliseconds.
    pub sent_at: Option<i64>,
    /// When that call was over at the latest, in Unix milliseconds.
    pub ended_at: Option<i64>,
    /// Where the row stood in the first job that saw it, if it came from a result sheet.
    pub origin: Option<RowOrigin>,
    /// The row of another job that may have added this one, while that is not known.
    pub waits_on: Option<RowOrigin>,
    /// Whether the customer was found by a key.
    pub is_matched: bool,
    /// The digest of a new customer, as the reply has it.
    pub digest: Option<i64>,
    /// For a row that deletes: what the ledger knew about rows of equal content at that time.
    pub known: Option<KnownRows>,
}

impl JournalRow {
    /// Returns whether the CRM has answered the row's add with a customer that is not this row's.
    pub fn is_merged(&self) -> bool {
        self.problems.iter().any(|problem| problem.code.is_merge())
    }
}

/// A planned row that the guard blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// Where the row stands in the source.
    pub number: RowNumber,
    /// The status that the row gets instead of being sent.
    pub status: Status,
    /// Why the row is blocked.
    pub problem: Option<Problem>,
    /// The customer that is there already.
    pub customer: Option<CustomerId>,
}
