//! Customers that undos of deletes have added again, each in the place of one that was deleted.
//!
//! Such a row of the ledger names the row of the delete that took the first of these customers away. By that place it
//! is added once, however often deletes are taken back.

use rusqlite::{Connection, OptionalExtension, params};

use super::JournalError;
use super::codec::origin_at;
use super::ledger::{Ledger, LedgerEntry, entry};
use crate::model::RowOrigin;

/// A row that an undo has added again, or may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaddedRow {
    /// The undo's row, and the customer that it became.
    pub entry: LedgerEntry,
    /// The row that deleted the first customer in this place.
    pub origin: RowOrigin,
}

impl Ledger {
    /// Returns the rows with a fingerprint that undos have added again, or may have, oldest first.
    pub fn readded_like(&self, fingerprint: &[u8; 16]) -> Result<Vec<ReaddedRow>, JournalError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT jobs.name, adds.row, adds.customer, adds.origin_job, adds.origin_row
                 FROM adds JOIN jobs ON jobs.id = adds.job
                 WHERE adds.fingerprint = ?1 AND adds.account = ?2 AND adds.readded = 1
                 AND adds.origin_job IS NOT NULL AND adds.origin_row IS NOT NULL ORDER BY adds.job, adds.row",
            )?;
            let rows = statement.query_map(params![fingerprint, self.account], |row| {
                let pair = entry(row)?.zip(origin_at(row, 3)?);
                Ok(pair.map(|(entry, origin)| ReaddedRow { entry, origin }))
            })?;
            rows.filter_map(Result::transpose)
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|source| self.database_error(source))
    }
}

/// Returns what an undo has added again for the row that was deleted first.
pub(super) fn readded(
    connection: &Connection,
    account: i64,
    job: i64,
    origin: &RowOrigin,
) -> rusqlite::Result<Option<LedgerEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
         WHERE adds.origin_job = ?1 AND adds.origin_row = ?2 AND adds.account = ?3 AND adds.job != ?4
         AND adds.readded = 1 LIMIT 1",
    )?;
    let key = params![origin.job.as_str(), origin.row.to_key(), account, job];
    statement
        .query_row(key, entry)
        .optional()
        .map(Option::flatten)
}
