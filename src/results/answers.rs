//! The journal's rows in step with the source's, a batch at a time.
//!
//! A row of the journal that the source does not have is damage: left out, it would be a row without an answer.

use crate::job::error::JobError;
use crate::journal::{Journal, JournalError, JournalRow};
use crate::model::RowNumber;

/// The journal's rows in step with the source's.
pub(crate) struct Answers<'a> {
    journal: &'a Journal,
    with_records: bool,
    batch: std::vec::IntoIter<JournalRow>,
    next: Option<JournalRow>,
    after: i64,
    ended: bool,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(journal: &'a Journal) -> Self {
        Self {
            journal,
            with_records: false,
            batch: Vec::new().into_iter(),
            next: None,
            after: -1,
            ended: false,
        }
    }

    /// The same with what is to be sent.
    pub(crate) fn with_records(mut self) -> Self {
        self.with_records = true;
        self
    }

    /// The answer of a row; every row of the source must be asked for, in order.
    pub(crate) fn of(&mut self, number: RowNumber) -> Result<Option<JournalRow>, JobError> {
        if self.next.is_none() && !self.advance()? {
            return Ok(None);
        }
        match &self.next {
            Some(row) if row.number == number => Ok(self.next.take()),
            Some(row) if row.number < number => Err(self.without_source(row.number)),
            _ => Ok(None),
        }
    }

    /// Makes sure that no row is left after the last of the source.
    pub(crate) fn finish(mut self) -> Result<(), JobError> {
        if self.next.is_none() {
            self.advance()?;
        }
        let left = self.next.as_ref().map(|row| row.number);
        left.map_or(Ok(()), |number| Err(self.without_source(number)))
    }

    fn without_source(&self, number: RowNumber) -> JobError {
        JobError::Journal(JournalError::WithoutSource {
            path: self.journal.path().to_path_buf(),
            row: number.row,
        })
    }

    fn advance(&mut self) -> Result<bool, JobError> {
        if let Some(row) = self.batch.next() {
            self.next = Some(row);
            return Ok(true);
        }
        if self.ended {
            return Ok(false);
        }
        let rows = if self.with_records {
            self.journal.rows_after(self.after, BATCH_ROWS)?
        } else {
            self.journal.answers_after(self.after, BATCH_ROWS)?
        };
        self.ended = rows.len() < BATCH_ROWS;
        if let Some(last) = rows.last() {
            self.after = last.number.to_key();
        }
        self.batch = rows.into_iter();
        self.next = self.batch.next();
        Ok(self.next.is_some())
    }
}

/// How many journal rows are read at a time.
pub(crate) const BATCH_ROWS: usize = 1000;
