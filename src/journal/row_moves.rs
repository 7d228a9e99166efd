//! How a row of the journal comes to another state: the only statements that change one.
//!
//! With the state go the row's checksum and the counts of rows by state and action. Both are worked out here and not by
//! functions and triggers in SQL: a statement that has these could fail half-way in SQLite's eyes, which then keeps a copy
//! of each page that the statement changes. The counts are written at the end of the transaction
//! ([`Journal::in_transaction`]), so on disk they are always those of the rows.

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, params};

use super::checksum::checksum;
use super::codec::problems_json;
use super::counts::CountChanges;
use super::error::JournalError;
use super::image::Image;
use super::rows::RowOutcome;
use super::schema::SENDING;
use super::store::Journal;
use crate::model::{CustomerId, RowNumber, Status};

/// The state of a row that was not sent yet.
const PENDING: i64 = Status::Pending.number();
/// The state of a row of which nobody knows what became of it.
const UNKNOWN: i64 = Status::Unknown.number();

/// Looks at rows that are about to change their state.
struct RowMover<'c>(CachedStatement<'c>);

impl<'c> RowMover<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let query =
            "SELECT state, action, customer, fingerprint, has_record FROM rows WHERE row = ?1";
        connection.prepare_cached(query).map(Self)
    }

    /// Counts a row as one of the state `to`, and returns the checksum that it has there; `None` where no row of this
    /// number is in one of the states `from`, or in any state without these. `customer` takes the place of the row's own.
    fn count_move(
        &mut self,
        row: i64,
        from: Option<&[i64]>,
        to: i64,
        customer: Option<&CustomerId>,
        counts: &mut CountChanges,
    ) -> rusqlite::Result<Option<i64>> {
        let mut rows = self.0.query([row])?;
        let Some(found) = rows.next()? else {
            return Ok(None);
        };
        let (state, action): (i64, i64) = (found.get(0)?, found.get(1)?);
        if from.is_some_and(|from| !from.contains(&state)) {
            return Ok(None);
        }
        counts.add(state, action, -1);
        counts.add(to, action, 1);
        let customer = match customer {
            Some(customer) => ValueRef::Text(customer.as_str().as_bytes()),
            None => found.get_ref(2)?,
        };
        let numbers = [row, to, action].map(ValueRef::Integer);
        let others = [customer, found.get_ref(3)?, found.get_ref(4)?];
        Ok(Some(checksum(numbers.into_iter().chain(others))))
    }
}

impl Journal {
    /// Writes the counts of what the transaction has changed.
    pub(super) fn write_counts(&mut self) -> Result<(), JournalError> {
        let changes = std::mem::take(&mut self.count_changes);
        let write = || {
            let count = "UPDATE counts SET rows = rows + ?2 WHERE kind = ?1";
            let mut count = self.connection.prepare_cached(count)?;
            let mut changes = changes.0.into_iter().filter(|(_, rows)| *rows != 0);
            changes.try_for_each(|(kind, rows)| count.execute(params![kind, rows]).map(drop))
        };
        write().map_err(|source| self.database_error(source))
    }

    /// Marks rows as sending since `now` (Unix milliseconds), and counts `seq` up. Only within
    /// [`Journal::in_transaction`], as all that follows.
    pub(super) fn mark_sending(
        &mut self,
        rows: &[RowNumber],
        now: i64,
    ) -> Result<(), JournalError> {
        let seq = self.seq + 1;
        let rest = "sent_at = ?4, ended_at = NULL";
        self.move_rows(rows, Some(&[PENDING]), SENDING, rest, Some(now))?;
        self.set_meta("seq", &seq.to_string())?;
        self.seq = seq;
        Ok(())
    }

    /// Makes rows pending again whose calls never left.
    pub(super) fn mark_pending(&mut self, rows: &[RowNumber]) -> Result<(), JournalError> {
        self.move_rows(rows, Some(&[SENDING]), PENDING, "sent_at = ?4", None)
    }

    /// Makes rows pending again, whether they were on the way or in doubt.
    pub(super) fn mark_unsent(&mut self, rows: &[RowNumber]) -> Result<(), JournalError> {
        let rest =
            "sent_at = ?4, ended_at = NULL, problems = CASE WHEN state = 7 THEN problems END";
        self.move_rows(rows, Some(&[UNKNOWN, SENDING]), PENDING, rest, None)
    }

    /// Makes rows pending that waited on another job.
    pub(super) fn mark_free(&mut self, rows: &[RowNumber]) -> Result<(), JournalError> {
        let rest = "sent_at = coalesce(?4, sent_at), problems = NULL, twin = 0, wait_job = NULL, wait_row = NULL";
        self.move_rows(rows, None, PENDING, rest, None)
    }

    /// Moves the rows that are in one of the states `from`, or all of them, to the state `to`. `rest` sets what else
    /// changes; `?4` is `moment` there.
    fn move_rows(
        &mut self,
        rows: &[RowNumber],
        from: Option<&[i64]>,
        to: i64,
        rest: &str,
        moment: Option<i64>,
    ) -> Result<(), JournalError> {
        debug_assert!(!self.connection.is_autocommit(), "counts would be apart");
        let connection = &self.connection;
        let counts = &mut self.count_changes;
        let query = format!("UPDATE rows SET state = ?2, checksum = ?3, {rest} WHERE row = ?1");
        let mut move_all = || {
            let mut mover = RowMover::new(connection)?;
            let mut change = connection.prepare_cached(&query)?;
            for row in rows {
                let row = row.to_key();
                if let Some(sum) = mover.count_move(row, from, to, None, counts)? {
                    change.execute(params![row, to, sum, moment])?;
                }
            }
            Ok(())
        };
        move_all().map_err(|source| self.database_error(source))
    }

    /// Writes the outcomes of rows.
    pub(super) fn write_outcomes<'o>(
        &mut self,
        outcomes: impl IntoIterator<Item = &'o RowOutcome>,
    ) -> Result<(), JournalError> {
        debug_assert!(!self.connection.is_autocommit(), "counts would be apart");
        let failed = |source| JournalError::Database {
            path: self.path.clone(),
            source,
        };
        let mut mover = RowMover::new(&self.connection).map_err(failed)?;
        let change = "UPDATE rows SET state = ?2, customer = coalesce(?3, customer),
                      problems = coalesce(?4, CASE WHEN ?2 = 1 AND state = 7 THEN problems END), wait_job = ?5, wait_row = ?6,
                      ended_at = coalesce(?7, ended_at), sent_at = coalesce(?8, sent_at),
                      twin = CASE WHEN ?9 THEN 1 ELSE twin END, digest = coalesce(?10, digest), checksum = ?11 WHERE row = ?1";
        let mut change = self.connection.prepare_cached(change).map_err(failed)?;
        for outcome in outcomes {
            let mut status = outcome.status;
            // The first call was made before a crash. A second one that finds nothing to change finds this row's own work.
            if status == Status::Unchanged && self.images(outcome.number)?.is_repeated {
                status = Status::Ok;
            }
            let (row, to) = (outcome.number.to_key(), status.number());
            let customer = outcome.customer.as_ref();
            let counts = &mut self.count_changes;
            let sum = mover.count_move(row, None, to, customer, counts);
            let Some(sum) = sum.map_err(failed)? else {
                continue;
            };
            let problems = problems_json(outcome.problem.as_slice()).map_err(failed)?;
            let waits_on = outcome.waits_on.as_ref();
            let outcome_values = params![
                row,
                to,
                customer.map(CustomerId::as_str),
                problems,
                waits_on.map(|origin| origin.job.as_str()),
                waits_on.map(|origin| origin.row.to_key()),
                outcome.ended_at,
                outcome.sent_at,
                outcome.is_twin,
                outcome.digest,
                sum,
            ];
            change.execute(outcome_values).map_err(failed)?;
            for (image, line) in [
                (Image::Sent, &outcome.before),
                (Image::Answered, &outcome.after),
            ] {
                if let Some(line) = line {
                    self.keep_image(outcome.number, image, line)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::folder::{JobFolder, StateFolder};
    use super::super::rows::{PlannedRow, RowState};
    use super::*;
    use crate::model::{Action, JobId, Problem, Record};

    fn journal() -> (Journal, JobFolder, tempfile::TempDir) {
        let root = tempfile::tempdir().unwrap();
        let state = StateFolder::open(root.path()).unwrap();
        let id = JobId::parse("20261130-120000-moves").unwrap();
        let (folder, _lock) = state.create_job(&id).unwrap();
        let mut journal = Journal::create(&folder, "account").unwrap();
        let rows: Vec<PlannedRow> = (2..10)
            .map(|number| PlannedRow {
                action: Action::Add,
                record: Some(Record::default()),
                ..PlannedRow::new(RowNumber::new(number), Status::Pending)
            })
            .collect();
        journal.plan(&rows).unwrap();
        (journal, folder, root)
    }

    fn numbers(rows: impl IntoIterator<Item = u32>) -> Vec<RowNumber> {
        rows.into_iter().map(RowNumber::new).collect()
    }

    /// Checks that the counts are those of the rows, and that each row is read back whole.
    fn require_whole(journal: &Journal, expected: &[(RowState, u64)]) {
        let counts = journal.counts().unwrap();
        assert_eq!(counts, journal.kept_counts().unwrap());
        for (state, count) in expected {
            assert_eq!(counts.sum(|at, _| at == *state), *count, "{state:?}");
        }
        assert_eq!(counts.total(), 8);
        assert_eq!(journal.rows_where("TRUE", &[]).unwrap().len(), 8);
    }

    #[test]
    fn rows_are_counted_and_whole_wherever_they_move() {
        let (mut journal, _folder, _root) = journal();
        let at = RowState::At;
        let id = CustomerId::parse("685775343058800640").unwrap();
        require_whole(&journal, &[(at(Status::Pending), 8)]);
        let sent = numbers(2..8);
        // Row 99 is not there, and row 2 is sending already when it comes again.
        let twice = numbers([2, 99]);
        let moved: Result<(), JournalError> = journal.in_transaction(|journal| {
            journal.mark_sending(&sent, 1)?;
            journal.mark_sending(&twice, 2)
        });
        moved.unwrap();
        require_whole(
            &journal,
            &[(at(Status::Pending), 2), (RowState::Sending, 6)],
        );
        let outcome = |row, status| RowOutcome {
            customer: (status == Status::Ok).then(|| id.clone()),
            problem: (status != Status::Ok).then(|| Problem::new(crate::model::Code::Refused)),
            ..RowOutcome::new(RowNumber::new(row), Action::Add, status)
        };
        let outcomes = [
            outcome(2, Status::Ok),
            outcome(3, Status::Unknown),
            outcome(4, Status::Failed),
            // What is said last counts.
            outcome(4, Status::Skipped),
        ];
        let written: Result<(), JournalError> = journal.in_transaction(|journal| {
            journal.write_outcomes(&outcomes)?;
            journal.mark_pending(&numbers([5, 2]))
        });
        written.unwrap();
        let after = [
            (at(Status::Pending), 3),
            (at(Status::Ok), 1),
            (at(Status::Unknown), 1),
            (at(Status::Skipped), 1),
            (RowState::Sending, 2),
        ];
        require_whole(&journal, &after);
        let ended: Result<(), JournalError> = journal.in_transaction(|journal| {
            journal.mark_unsent(&numbers([2, 3, 6]))?;
            journal.mark_free(&numbers([4]))
        });
        ended.unwrap();
        let after = [
            (at(Status::Pending), 6),
            (at(Status::Ok), 1),
            (RowState::Sending, 1),
        ];
        require_whole(&journal, &after);
        assert_eq!(
            journal.row(RowNumber::new(2)).unwrap().unwrap().customer,
            Some(id)
        );
        journal.clear().unwrap();
        assert_eq!(journal.kept_counts().unwrap().total(), 0);
    }

    #[test]
    fn what_is_taken_back_is_not_counted() {
        let (mut journal, folder, _root) = journal();
        let taken_back: Result<(), JournalError> = journal.in_transaction(|journal| {
            journal.mark_sending(&numbers(2..5), 1)?;
            Err(JournalError::Stopped("a test".to_owned()))
        });
        assert!(taken_back.is_err());
        let moved: Result<(), JournalError> =
            journal.in_transaction(|journal| journal.mark_sending(&numbers([9]), 1));
        moved.unwrap();
        let after = [(RowState::At(Status::Pending), 7), (RowState::Sending, 1)];
        require_whole(&journal, &after);
        require_whole(&Journal::read(&folder).unwrap(), &after);
    }
}
