//! Counts the rows of a journal.
//!
//! A job asks for its counts ten times, and counting a million rows reads all of them. So what was counted is kept as
//! long as the database says that nobody has changed anything, be it this connection or another one.

use std::collections::BTreeMap;

use super::codec::row_state;
use super::counts::{CountedRows, JournalCounts};
use super::database::rest;
use super::error::JournalError;
use super::store::Journal;
use crate::model::Action;

impl Journal {
    /// Counts the rows by state and action. SQL does not count them: its `GROUP BY` would sort every row in memory. What
    /// was counted is kept while nobody changes anything.
    pub fn counts(&self) -> Result<JournalCounts, JournalError> {
        let changes = self.changes()?;
        if let Some(counted) = &*self.counted.borrow()
            && Some(counted.changes) == changes
        {
            return Ok(counted.counts.clone());
        }
        let counts = self.summed("SELECT state, action, 1 FROM rows")?;
        // That has read every row, and the pages that are kept now are only the last ones.
        rest(&self.connection);
        let counted = changes.map(|changes| CountedRows {
            changes,
            counts: counts.clone(),
        });
        self.counted.replace(counted);
        Ok(counts)
    }

    /// Returns how many rows of any table this connection has changed, and a number that changes when another one
    /// commits. `None` within a transaction, whose changes may be taken back.
    fn changes(&self) -> Result<Option<(i64, i64)>, JournalError> {
        if !self.connection.is_autocommit() {
            return Ok(None);
        }
        let query = "SELECT total_changes(), data_version FROM pragma_data_version";
        let changes = || {
            let mut statement = self.connection.prepare_cached(query)?;
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        };
        changes()
            .map(Some)
            .map_err(|source| self.database_error(source))
    }

    /// Returns how many rows there are by state and action, as the journal has kept count. However many rows there are,
    /// that takes no time; so it is for those who look at a job. [`Journal::counts`] counts the rows themselves. Changes of
    /// a transaction that has not ended are not in it.
    pub fn kept_counts(&self) -> Result<JournalCounts, JournalError> {
        self.summed("SELECT kind / 16, kind % 16, rows FROM counts WHERE rows > 0")
    }

    fn summed(&self, query: &str) -> Result<JournalCounts, JournalError> {
        let count = || {
            let mut statement = self.connection.prepare_cached(query)?;
            let mut rows = statement.query([])?;
            let mut counted: BTreeMap<(i64, i64), u64> = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let count: i64 = row.get(2)?;
                *counted.entry((row.get(0)?, row.get(1)?)).or_default() += count as u64;
            }
            Ok(counted)
        };
        let mut counts = JournalCounts::default();
        for ((state, action), count) in count().map_err(|source| self.database_error(source))? {
            let action = Action::from_number(action).unwrap_or(Action::None);
            counts.rows.insert((row_state(state), action), count);
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::folder::StateFolder;
    use super::super::rows::PlannedRow;
    use super::*;
    use crate::model::{JobId, RowNumber, Status};

    fn row(number: u32, status: Status) -> PlannedRow {
        PlannedRow::new(RowNumber::new(number), status)
    }

    #[test]
    fn what_anybody_changes_is_counted_again() {
        let state = tempfile::tempdir().unwrap();
        let state = StateFolder::open(state.path()).unwrap();
        let id = JobId::parse("20261130-120000-counts").unwrap();
        let (folder, _lock) = state.create_job(&id).unwrap();
        let mut journal = Journal::create(&folder, "account").unwrap();
        let pending = |journal: &Journal| journal.counts().unwrap().status(Status::Pending);
        assert_eq!(pending(&journal), 0);
        journal.plan(&[row(2, Status::Pending)]).unwrap();
        assert_eq!(pending(&journal), 1);

        let mut other = Journal::read(&folder).unwrap();
        assert_eq!(pending(&other), 1);
        other.plan(&[row(3, Status::Pending)]).unwrap();
        assert_eq!((pending(&journal), pending(&other)), (2, 2));

        // What a transaction has seen and taken back is not kept.
        let taken_back = journal.in_transaction(|journal| {
            journal.plan(&[row(4, Status::Pending)])?;
            assert_eq!(pending(journal), 3);
            Err::<(), _>(journal.unknown_word("a test", "word"))
        });
        assert!(taken_back.is_err());
        assert_eq!(pending(&journal), 2);

        // While nobody changes anything, the rows are not read.
        assert!(journal.changes().unwrap().is_some());
        assert_eq!(journal.changes().unwrap(), journal.changes().unwrap());
        let counted = journal.counted.take().unwrap();
        journal.counted.replace(Some(CountedRows {
            counts: JournalCounts::default(),
            ..counted
        }));
        assert_eq!(pending(&journal), 0);
        journal.plan(&[row(5, Status::Pending)]).unwrap();
        assert_eq!(pending(&journal), 3);
        journal.clear().unwrap();
        assert_eq!(pending(&journal), 0);
    }
}
