//! How a row of the journal comes to another state: the only statements that change one.
//!
//! With the state go the row's checksum and the counts of rows by state and action. Both are worked out here and not by
//! functions and triggers in SQL: a statement that has these could fail half-way in SQLite's eyes, which then keeps a copy
//! of each page that the statement changes. The counts of a transaction are written with its end
//! ([`Journal::in_transaction`]), so they are never another state's than the rows.

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
/// All states.
const ANY: [i64; 8] = [0, 1, 2, 3, 4, 5, 6, SENDING];

/// Looks at rows before they are moved.
struct RowMover<'c>(CachedStatement<'c>);

impl<'c> RowMover<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let query =
            "SELECT state, action, customer, fingerprint, has_record FROM rows WHERE row = ?1";
        connection.prepare_cached(query).map(Self)
    }

    /// Counts a row as one of the state `to`, and returns its checksum there; `None` where no row of this number is in
    /// one of the states `from`. `customer` takes the place of the row's own.
    fn moved(
        &mut self,
        row: i64,
        from: &[i64],
        to: i64,
        customer: Option<&CustomerId>,
        counts: &mut CountChanges,
    ) -> rusqlite::Result<Option<i64>> {
        let mut rows = self.0.query([row])?;
        let Some(found) = rows.next()? else {
            return Ok(None);
        };
        let (state, action): (i64, i64) = (found.get(0)?, found.get(1)?);
        if !from.contains(&state) {
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

    /// Marks rows as sending since `now` (Unix milliseconds), and counts `seq` up. Runs in the caller's transaction.
    pub(super) fn mark_sending(
        &mut self,
        rows: &[RowNumber],
        now: i64,
    ) -> Result<(), JournalError> {
        let query = "UPDATE rows SET state = 7, sent_at = ?3, ended_at = NULL, checksum = ?2 WHERE row = ?1";
        let seq = self.seq + 1;
        self.move_rows(rows, &[PENDING], SENDING, query, Some(now))?;
        self.set_meta("seq", &seq.to_string())?;
        self.seq = seq;
        Ok(())
    }

    /// Makes rows pending again whose calls never left. Runs in the caller's transaction.
    pub(super) fn mark_pending(&mut self, rows: &[RowNumber]) -> Result<(), JournalError> {
        let query = "UPDATE rows SET state = 0, sent_at = NULL, checksum = ?2 WHERE row = ?1";
        self.move_rows(rows, &[SENDING], PENDING, query, None)
    }

    /// Makes rows pending again, whether they were on the way or in doubt. Runs in the caller's transaction.
    pub(super) fn mark_unsent(&mut self, rows: &[RowNumber]) -> Result<(), JournalError> {
        let query = "UPDATE rows SET state = 0, sent_at = NULL, ended_at = NULL,
                     problems = CASE WHEN state = 7 THEN problems END, checksum = ?2 WHERE row = ?1";
        self.move_rows(rows, &[UNKNOWN, SENDING], PENDING, query, None)
    }

    /// Makes rows pending that waited on another job. Runs in the caller's transaction.
    pub(super) fn mark_free(&mut self, rows: &[RowNumber]) -> Result<(), JournalError> {
        let query = "UPDATE rows SET state = 0, problems = NULL, twin = 0, wait_job = NULL, wait_row = NULL,
                     checksum = ?2 WHERE row = ?1";
        self.move_rows(rows, &ANY, PENDING, query, None)
    }

    /// Moves the rows that are in one of the states `from`. `query` changes one: it takes its number, its checksum, and
    /// `moment` where there is one.
    fn move_rows(
        &mut self,
        rows: &[RowNumber],
        from: &[i64],
        to: i64,
        query: &str,
        moment: Option<i64>,
    ) -> Result<(), JournalError> {
        let connection = &self.connection;
        let counts = &mut self.count_changes;
        let mut move_all = || {
            let mut mover = RowMover::new(connection)?;
            let mut change = connection.prepare_cached(query)?;
            for row in rows {
                let row = row.to_key();
                match (mover.moved(row, from, to, None, counts)?, moment) {
                    (None, _) => continue,
                    (Some(sum), Some(moment)) => change.execute(params![row, sum, moment])?,
                    (Some(sum), None) => change.execute(params![row, sum])?,
                };
            }
            Ok(())
        };
        move_all().map_err(|source| self.database_error(source))
    }

    /// Writes the outcomes of rows. Runs in the caller's transaction.
    pub(super) fn write_outcomes<'o>(
        &mut self,
        outcomes: impl IntoIterator<Item = &'o RowOutcome>,
    ) -> Result<(), JournalError> {
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
            let sum = mover.moved(row, &ANY, to, customer, counts);
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
