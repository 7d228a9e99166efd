//! Reads the rows of a source, each with its answer from the journal.
//!
//! Both streams are in row order and meet here. A source row that the job left out (of an undo) has no row in the
//! journal. A journal row that the source does not have is damage, and an error: if it were skipped in silence, its
//! outcome would stand in no sheet.

use std::vec;

use crate::job::error::JobError;
use crate::job::spec::SheetPlan;
use crate::journal::{Journal, JournalError, JournalRow, RowCursor, RowSet};
use crate::model::{Code, Row, RowNumber};
use crate::source::rows::SourceRows;
use crate::table::Workbook;

/// A row of the source with its answer.
pub(crate) struct AnsweredRow {
    /// The row as it stands in the source.
    pub row: Row,
    /// What became of the row, or of the row above that carries its values; `None` where the journal has no such row.
    pub answer: Option<JournalRow>,
}

/// The rows of a source in step with those of its journal.
pub(crate) struct AnsweredRows<'a> {
    rows: SourceRows<'a>,
    journal: &'a Journal,
    answers: RowCursor,
    batch: vec::IntoIter<JournalRow>,
    next: Option<JournalRow>,
    has_ended: bool,
    /// The answer of the last row that was not united with one above it.
    leader: Option<JournalRow>,
}

impl<'a> AnsweredRows<'a> {
    /// Begins with the first row. `set` is [`RowSet::All`] where records are needed, else [`RowSet::Answers`].
    pub(crate) fn new(
        workbook: &'a Workbook,
        sheets: &'a [SheetPlan],
        journal: &'a Journal,
        set: RowSet,
    ) -> Self {
        Self {
            rows: SourceRows::new(workbook, sheets),
            journal,
            answers: RowCursor::over(set),
            batch: Vec::new().into_iter(),
            next: None,
            has_ended: false,
            leader: None,
        }
    }

    /// Returns the next row of the source, and `None` behind the last. Fails at a journal row that the source does not
    /// have.
    pub(crate) fn read_row(&mut self) -> Result<Option<AnsweredRow>, JobError> {
        self.fill()?;
        let Some(row) = self.rows.read_row()? else {
            return match &self.next {
                Some(left) => Err(self.without_source(left.number)),
                None => Ok(None),
            };
        };
        let mut answer = match &self.next {
            Some(next) if next.number < row.number => {
                return Err(self.without_source(next.number));
            }
            Some(next) if next.number == row.number => self.next.take(),
            _ => None,
        };
        match (&mut answer, &self.leader) {
            // Rows that are united into one customer share its answer. The first of them stands just above.
            (Some(answer), Some(leader)) if is_merged(answer) => share(answer, leader),
            _ => self.leader.clone_from(&answer),
        }
        Ok(Some(AnsweredRow { row, answer }))
    }

    /// Reads the next journal row, unless it was read already.
    fn fill(&mut self) -> Result<(), JobError> {
        if self.next.is_none() {
            self.next = self.batch.next();
        }
        if self.next.is_none() && !self.has_ended {
            let rows = self.answers.next_batch(self.journal)?;
            self.has_ended = rows.is_none();
            self.batch = rows.unwrap_or_default().into_iter();
            self.next = self.batch.next();
        }
        Ok(())
    }

    fn without_source(&self, number: RowNumber) -> JobError {
        JobError::Journal(JournalError::WithoutSource {
            path: self.journal.path().to_path_buf(),
            row: number.row,
        })
    }
}

/// Whether a row was united with one above it, which carries its values.
fn is_merged(answer: &JournalRow) -> bool {
    united_with(answer).is_some()
}

/// Returns the number of the row above that a row is united with; `None` for a row that stands for itself.
pub(crate) fn united_with(answer: &JournalRow) -> Option<&str> {
    let mut problems = answer.problems.iter();
    let merged = problems.find(|problem| problem.code == Code::MergedInto)?;
    Some(merged.fact("row"))
}

/// Gives a row the answer of the row that carries its values.
fn share(answer: &mut JournalRow, leader: &JournalRow) {
    answer.state = leader.state;
    answer.action = leader.action;
    answer.customer.clone_from(&leader.customer);
    answer.sent_at = leader.sent_at;
    answer.problems.extend(leader.problems.iter().cloned());
}
