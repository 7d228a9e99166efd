//! A walk over the rows of a journal in source order, a batch at a time, so that memory does not grow with rows.
//!
//! Each batch begins behind the last row of the one before. The journal may be written between two batches: a row that
//! has left the set by then is not read, and no row is read twice.

use rusqlite::{ToSql, params};

use super::JournalError;
use super::rows::JournalRow;
use super::store::Journal;
use crate::model::RowNumber;

/// How many rows a batch has.
pub const BATCH_ROWS: usize = 1000;

/// Which rows of a journal are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowSet {
    /// All rows.
    All,
    /// All rows, without what is to be sent.
    Answers,
    /// The rows that have problems.
    WithProblems,
    /// The rows that have problems, and those that are on their way or in doubt without one.
    WithProblemsOrSending,
    /// The rows that are to be sent.
    Pending,
    /// The adds that may have happened.
    Doubtful,
    /// The rows whose customers this job has deleted or has found gone, without what is to be sent.
    Deleted,
}

impl RowSet {
    fn condition(self) -> &'static str {
        match self {
            Self::All | Self::Answers => "TRUE",
            Self::WithProblems => "problems IS NOT NULL",
            Self::WithProblemsOrSending => "(problems IS NOT NULL OR state = 7)",
            Self::Pending => "state = 0",
            Self::Doubtful => "state = 5 AND action = 1 AND sent_at IS NOT NULL",
            Self::Deleted => {
                "(state = 1 AND action = 3 OR state = 2 AND problems LIKE '%\"E539\"%')"
            }
        }
    }

    /// Whether what is to be sent is read too.
    fn has_records(self) -> bool {
        !matches!(self, Self::Answers | Self::Deleted)
    }
}

/// How far a walk has come.
#[derive(Debug)]
pub struct RowCursor {
    set: RowSet,
    after: i64,
}

impl RowCursor {
    /// A walk that begins before the first row of the set.
    pub fn over(set: RowSet) -> Self {
        Self { set, after: -1 }
    }

    /// A walk that begins behind a row.
    pub fn behind(set: RowSet, row: RowNumber) -> Self {
        Self {
            set,
            after: row.to_key(),
        }
    }

    /// Returns the next [`BATCH_ROWS`] rows of the set at most, and `None` behind its last row.
    pub fn next_batch(
        &mut self,
        journal: &Journal,
    ) -> Result<Option<Vec<JournalRow>>, JournalError> {
        self.next_rows(journal, BATCH_ROWS)
    }

    /// Returns the next `limit` rows of the set at most, and `None` behind its last row.
    pub fn next_rows(
        &mut self,
        journal: &Journal,
        limit: usize,
    ) -> Result<Option<Vec<JournalRow>>, JournalError> {
        let condition = format!(
            "{} AND row > ?1 ORDER BY row LIMIT ?2",
            self.set.condition()
        );
        let values: &[&dyn ToSql] = params![self.after, limit as i64];
        let rows = journal.select(self.set.has_records(), &condition, values)?;
        let Some(last) = rows.last() else {
            return Ok(None);
        };
        self.after = last.number.to_key();
        Ok(Some(rows))
    }
}
