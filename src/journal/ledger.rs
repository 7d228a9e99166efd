//! The ledger: every source row that any job has added, or may have added.
//!
//! The ledger answers whether a row has been added before, for a workbook that was appended, saved anew, mapped
//! differently, or imported instead of resumed. Equal rows are counted: when other jobs have added a row twice, the
//! first two equal rows of a file are those, and a third is new. `claims.rs` puts rows into the ledger.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use super::JournalError;
use super::codec::origin_at;
use super::content::content_of;
use super::database::{open_existing, open_private, set_up};
use super::presence::Presence;
use super::rows::JournalRow;
use super::schema::LEDGER;
use crate::model::{CustomerId, JobId, Record, RowNumber, RowOrigin};

/// The number of no job; those of jobs are positive.
const NO_JOB: i64 = -1;

/// A row that a job has added, or may have added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The job that has added the row.
    pub job: JobId,
    /// The row's number in that job's source.
    pub row: RowNumber,
    /// The customer that the row became; `None` while it is not known whether the add happened.
    pub customer: Option<CustomerId>,
}

/// A row of the ledger's own job, that it has added or may have added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnRow {
    pub row: RowNumber,
    /// The customer that the row became; `None` while it is not known whether the add happened.
    pub customer: Option<CustomerId>,
    /// Whether the CRM answered with a customer that was there before.
    pub is_merged: bool,
}

impl OwnRow {
    pub(super) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let customer: Option<String> = row.get(1)?;
        Ok(Self {
            row: RowNumber::from_key(row.get(0)?),
            customer: customer.and_then(|id| CustomerId::parse(&id).ok()),
            is_merged: row.get(2)?,
        })
    }
}

/// The row in the ledger that became a given customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Identifies the cells of the row.
    pub fingerprint: [u8; 16],
    /// For a customer that an undo has added again: the row that was deleted first.
    pub origin: Option<RowOrigin>,
    /// Whether an undo has added the customer again.
    pub is_readded: bool,
}

/// The ledger of one account, seen from one job.
#[derive(Debug)]
pub struct Ledger {
    pub(super) connection: Connection,
    path: PathBuf,
    /// The number of the account.
    pub(super) account: i64,
    pub(super) job: i64,
    name: JobId,
    /// The files that the ledger writes to.
    files: [Presence; 2],
    /// Whether changes are part of one commit now.
    is_together: bool,
}

impl Ledger {
    /// Opens the ledger for a job of an account, and makes it where it is missing.
    pub fn open(path: &Path, account: &str, job: &JobId) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        };
        let connection = open_private(path).map_err(failed)?;
        #[cfg(test)]
        let connection = super::moment::told(connection, path);
        connection
            .busy_timeout(Duration::from_secs(30))
            .map_err(failed)?;
        set_up(&connection, LEDGER, path)?;
        let named = "INSERT OR IGNORE INTO accounts(name) VALUES (?1)";
        connection.execute(named, [account]).map_err(failed)?;
        let query = "SELECT id FROM accounts WHERE name = ?1";
        let account = connection.query_row(query, [account], |row| row.get(0));
        let account: i64 = account.map_err(failed)?;
        connection
            .execute(
                "INSERT OR IGNORE INTO jobs(account, name) VALUES (?1, ?2)",
                params![account, job.as_str()],
            )
            .map_err(failed)?;
        let number = connection
            .query_row(
                "SELECT id FROM jobs WHERE account = ?1 AND name = ?2",
                params![account, job.as_str()],
                |row| row.get(0),
            )
            .map_err(failed)?;
        Ok(Self {
            connection,
            path: path.to_path_buf(),
            account,
            job: number,
            name: job.clone(),
            files: [Presence::of(path), Presence::of_log(path)],
            is_together: false,
        })
    }

    /// Opens the ledger of an account for looking only, seen from no job. `None` where no job of the account is in it.
    pub fn read(path: &Path, account: &str) -> Result<Option<Self>, JournalError> {
        if !path.is_file() {
            return Ok(None);
        }
        let failed = |source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        };
        // Not read-only: a reader of a WAL database after a crash must be allowed to recover it.
        let connection = open_existing(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set_up(&connection, LEDGER, path)?;
        let known = account_of(&connection, account).map_err(failed)?;
        Ok(known.map(|account| Self {
            connection,
            path: path.to_path_buf(),
            account,
            job: NO_JOB,
            name: JobId::from_parts("no", "job"),
            files: [Presence::of(path), Presence::of_log(path)],
            is_together: false,
        }))
    }

    /// Fails when the ledger's files are no longer those that the next run would find.
    pub(super) fn check_files(&self) -> Result<(), JournalError> {
        self.files.iter().try_for_each(Presence::require_same_file)
    }

    /// Holds what the ledger says as it is now, until the value is dropped: for many questions one after the other, each
    /// of which would lock the file for itself.
    pub fn snapshot(&self) -> Result<impl Drop, JournalError> {
        let begun = self.connection.unchecked_transaction();
        begun.map_err(|source| self.database_error(source))
    }

    /// Returns the job that this ledger was opened for.
    pub(super) fn name(&self) -> &JobId {
        &self.name
    }

    /// Returns whether any other job of the account has added a row, or may have.
    pub fn has_others(&self) -> Result<bool, JournalError> {
        has_others(&self.connection, self.account, self.job)
            .map_err(|source| self.database_error(source))
    }

    /// Returns what another job of the account did with a row of this fingerprint, leaving out the `skip` oldest rows.
    pub fn other(
        &self,
        fingerprint: &[u8; 16],
        skip: u64,
    ) -> Result<Option<LedgerEntry>, JournalError> {
        other(&self.connection, self.account, self.job, fingerprint, skip)
            .map_err(|source| self.database_error(source))
    }

    /// Returns what another job did with a row that came to it in a result sheet. `origin` is the row's first place.
    pub fn settled_origin(&self, origin: &RowOrigin) -> Result<Option<LedgerEntry>, JournalError> {
        settled_origin(&self.connection, self.account, self.job, origin)
            .map_err(|source| self.database_error(source))
    }

    /// Returns what a row of a job became, as far as the ledger knows.
    pub fn entry_of(
        &self,
        job: &JobId,
        row: RowNumber,
    ) -> Result<Option<LedgerEntry>, JournalError> {
        entry_of(&self.connection, self.account, job, row)
            .map_err(|source| self.database_error(source))
    }

    /// Returns whether any row of the account is known to have become this customer.
    pub fn knows(&self, customer: &CustomerId) -> Result<bool, JournalError> {
        let find = || {
            let query = "SELECT 1 FROM adds WHERE customer = ?1 AND account = ?2 LIMIT 1";
            let mut statement = self.connection.prepare_cached(query)?;
            statement.exists(params![customer.as_str(), self.account])
        };
        find().map_err(|source| self.database_error(source))
    }

    /// Returns whether a row of the account with the same content is in doubt.
    pub fn is_in_doubt(&self, record: &Record) -> Result<bool, JournalError> {
        let find = || {
            let query = "SELECT 1 FROM adds WHERE content = ?1 AND account = ?2 AND customer IS NULL LIMIT 1";
            let mut statement = self.connection.prepare_cached(query)?;
            statement.exists(params![content_of(Some(record), &self.name), self.account])
        };
        find().map_err(|source| self.database_error(source))
    }

    /// Returns the number of the last group of intents that this job has claimed.
    pub fn seq(&self) -> Result<i64, JournalError> {
        let query = "SELECT seq FROM jobs WHERE id = ?1";
        let seq = self
            .connection
            .query_row(query, params![self.job], |row| row.get(0));
        seq.map_err(|source| self.database_error(source))
    }

    /// Returns the number of the last group that a job of this name has claimed, in any account. 0 without a ledger.
    pub fn seq_of(path: &Path, job: &JobId) -> Result<i64, JournalError> {
        if !path.exists() {
            return Ok(0);
        }
        let query = "SELECT coalesce(max(seq), 0) FROM jobs WHERE name = ?1";
        let read = || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(30))?;
            // A crash may have come while the tables were made.
            let version = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            if connection.query_row("PRAGMA user_version", [], version)? == 0 {
                return Ok(0);
            }
            connection.query_row(query, params![job.as_str()], |row| row.get(0))
        };
        read().map_err(|source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        })
    }

    /// Returns the rows after a row that this job has added or may have added, in order.
    pub(super) fn own_after(&self, after: i64, limit: usize) -> Result<Vec<OwnRow>, JournalError> {
        let read = || {
            let query = "SELECT row, customer, merged FROM adds
                         WHERE job = ?1 AND row > ?2 ORDER BY row LIMIT ?3";
            let mut statement = self.connection.prepare_cached(query)?;
            let rows = statement.query_map(params![self.job, after, limit as i64], OwnRow::read)?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|source| self.database_error(source))
    }

    /// Returns what a row of this job became, as far as it is known.
    pub(super) fn own(&self, row: RowNumber) -> Result<Option<OwnRow>, JournalError> {
        let read = || {
            let query = "SELECT row, customer, merged FROM adds WHERE job = ?1 AND row = ?2";
            let mut statement = self.connection.prepare_cached(query)?;
            statement
                .query_row(params![self.job, row.to_key()], OwnRow::read)
                .optional()
        };
        read().map_err(|source| self.database_error(source))
    }

    /// Puts back what a lost or older ledger does not know of this job: rows with the customers that they became, or
    /// without one while that is not known. `seq` is put back too, unless the ledger knows a higher number.
    pub(super) fn restore(
        &mut self,
        rows: &[(JournalRow, Option<CustomerId>)],
        seq: i64,
        is_readded: bool,
    ) -> Result<(), JournalError> {
        let (job, account, name) = (self.job, self.account, self.name.clone());
        self.in_transaction(|connection| {
            let mut insert = connection.prepare_cached(
                "INSERT INTO adds(job, row, account, fingerprint, content, customer, origin_job, origin_row, readded, merged)
                 VALUES (?1, ?2, ?3, ?4, ?8, ?5, ?6, ?7, ?9, ?10)
                 ON CONFLICT(job, row) DO UPDATE SET customer = coalesce(excluded.customer, customer)",
            )?;
            for (row, customer) in rows {
                insert.execute(params![
                    job,
                    row.number.to_key(),
                    account,
                    row.fingerprint,
                    customer.as_ref().map(CustomerId::as_str),
                    row.origin.as_ref().map(|origin| origin.job.as_str()),
                    row.origin.as_ref().map(|origin| origin.row.to_key()),
                    content_of(row.record.as_ref(), &name),
                    is_readded,
                    row.is_merged(),
                ])?;
            }
            connection.execute("UPDATE jobs SET seq = max(seq, ?2) WHERE id = ?1", params![job, seq])
        })
        .map(|_| ())
    }

    /// Returns the row of the account that became a customer.
    pub fn source_of(&self, customer: &CustomerId) -> Result<Option<SourceRow>, JournalError> {
        let find = || {
            let query = "SELECT fingerprint, origin_job, origin_row, readded FROM adds
                         WHERE customer = ?1 AND account = ?2 LIMIT 1";
            let mut statement = self.connection.prepare_cached(query)?;
            statement
                .query_row(params![customer.as_str(), self.account], |row| {
                    let origin = origin_at(row, 1)?;
                    let is_readded = row.get(3)?;
                    Ok(SourceRow {
                        fingerprint: row.get(0)?,
                        // Only for what an undo has added: several rows may come from one row of a result sheet.
                        origin: origin.filter(|_| is_readded),
                        is_readded,
                    })
                })
                .optional()
        };
        find().map_err(|source| self.database_error(source))
    }

    /// Counts the rows with a fingerprint that imports have added to the account, or may have added.
    pub fn count_of(&self, fingerprint: &[u8; 16]) -> Result<i64, JournalError> {
        let count = || {
            let query =
                "SELECT count(*) FROM adds WHERE fingerprint = ?1 AND account = ?2 AND readded = 0";
            let mut statement = self.connection.prepare_cached(query)?;
            statement.query_row(params![fingerprint, self.account], |row| row.get(0))
        };
        count().map_err(|source| self.database_error(source))
    }

    /// Counts the same, and also what undos have added again of rows that jobs after `job` have deleted.
    pub fn count_since(&self, fingerprint: &[u8; 16], job: &JobId) -> Result<i64, JournalError> {
        let count = || {
            let query = "SELECT count(*) FROM adds WHERE fingerprint = ?1 AND account = ?2 AND (readded = 0 OR
                         (SELECT id FROM jobs WHERE name = adds.origin_job AND account = ?2) >
                         (SELECT id FROM jobs WHERE name = ?3 AND account = ?2))";
            let mut statement = self.connection.prepare_cached(query)?;
            let key = params![fingerprint, self.account, job.as_str()];
            statement.query_row(key, |row| row.get(0))
        };
        count().map_err(|source| self.database_error(source))
    }

    /// Forgets every row that jobs of an account have added: its customers are gone, all at once. Makes no ledger where
    /// there is none. Returns how many rows it knew.
    pub fn forget_account(path: &Path, account: &str) -> Result<usize, JournalError> {
        if !path.is_file() {
            return Ok(0);
        }
        let forget = || {
            let mut connection = open_private(path)?;
            connection.busy_timeout(Duration::from_secs(30))?;
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let Some(account) = account_of(&transaction, account)? else {
                return Ok(0);
            };
            let count = transaction.execute("DELETE FROM adds WHERE account = ?1", [account])?;
            transaction.execute("DELETE FROM touches WHERE account = ?1", [account])?;
            transaction.commit()?;
            Ok(count)
        };
        forget().map_err(|source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        })
    }

    /// Forgets rows whose customers were deleted, so that an import adds them again.
    pub fn forget(&mut self, customers: &[CustomerId]) -> Result<(), JournalError> {
        if customers.is_empty() {
            return Ok(());
        }
        let account = self.account;
        self.in_transaction(|connection| {
            let mut delete = connection
                .prepare_cached("DELETE FROM adds WHERE customer = ?1 AND account = ?2")?;
            customers
                .iter()
                .try_for_each(|id| delete.execute(params![id.as_str(), account]).map(|_| ()))
        })
    }

    pub(super) fn change_one(
        &self,
        statement: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<bool, JournalError> {
        let change = || self.connection.prepare_cached(statement)?.execute(values);
        change()
            .map(|changed| changed == 1)
            .map_err(|source| self.database_error(source))
    }

    /// Notes that a row in doubt became this customer, after somebody has found it in the CRM.
    pub fn resolve(
        &self,
        job: &JobId,
        row: RowNumber,
        customer: &CustomerId,
    ) -> Result<(), JournalError> {
        self.settle_doubt(
            "UPDATE adds SET customer = ?4 WHERE row = ?3 AND customer IS NULL
             AND job = (SELECT id FROM jobs WHERE account = ?1 AND name = ?2)",
            params![self.account, job.as_str(), row.to_key(), customer.as_str()],
        )
    }

    /// Forgets a row in doubt, after somebody has found that its customer is not in the CRM.
    pub fn release(&self, job: &JobId, row: RowNumber) -> Result<(), JournalError> {
        self.settle_doubt(
            "DELETE FROM adds WHERE row = ?3 AND customer IS NULL
             AND job = (SELECT id FROM jobs WHERE account = ?1 AND name = ?2)",
            params![self.account, job.as_str(), row.to_key()],
        )
    }

    fn settle_doubt(
        &self,
        statement: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<(), JournalError> {
        let settle = || self.connection.prepare_cached(statement)?.execute(values);
        settle()
            .map(|_| ())
            .map_err(|source| self.database_error(source))
    }

    /// Makes several changes in one commit. An error undoes them all.
    pub(super) fn together<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let run = |ledger: &Self, command| {
            let ran = ledger.connection.execute_batch(command);
            ran.map_err(|source| ledger.database_error(source))
        };
        run(self, "BEGIN IMMEDIATE")?;
        self.is_together = true;
        let worked = work(self);
        self.is_together = false;
        let committed = worked.and_then(|value| run(self, "COMMIT").map(|()| value));
        if committed.is_err() {
            // The transaction is void either way; the first error is the one to report.
            let _ = run(self, "ROLLBACK");
        }
        committed
    }

    /// Runs `work` in a transaction of its own, unless it is part of [`Ledger::together`].
    pub(super) fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        if self.is_together {
            return work(&self.connection).map_err(|source| self.database_error(source));
        }
        let path = &self.path;
        let failed = |source| JournalError::Database {
            path: path.clone(),
            source,
        };
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let value = work(&transaction).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(value)
    }

    pub(super) fn database_error(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Database {
            path: self.path.clone(),
            source,
        }
    }
}

/// Returns the number of an account; `None` where no job of it is in the ledger.
fn account_of(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    let query = "SELECT id FROM accounts WHERE name = ?1";
    connection
        .query_row(query, [name], |row| row.get(0))
        .optional()
}

/// Returns whether any other job of the account has added a row, or may have.
pub(super) fn has_others(
    connection: &Connection,
    account: i64,
    job: i64,
) -> rusqlite::Result<bool> {
    let query = "SELECT 1 FROM jobs WHERE account = ?1 AND id != ?2
                 AND EXISTS (SELECT 1 FROM adds WHERE adds.job = jobs.id) LIMIT 1";
    connection
        .prepare_cached(query)?
        .exists(params![account, job])
}

pub(super) fn other(
    connection: &Connection,
    account: i64,
    job: i64,
    fingerprint: &[u8; 16],
    skip: u64,
) -> rusqlite::Result<Option<LedgerEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
         WHERE adds.fingerprint = ?1 AND adds.account = ?2 AND adds.job != ?3 ORDER BY adds.job, adds.row",
    )?;
    let mut rows = statement.query(params![fingerprint, account, job])?;
    for _ in 0..skip {
        if rows.next()?.is_none() {
            return Ok(None);
        }
    }
    rows.next()?.map_or(Ok(None), entry)
}

pub(super) fn entry_of(
    connection: &Connection,
    account: i64,
    job: &JobId,
    row: RowNumber,
) -> rusqlite::Result<Option<LedgerEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
         WHERE jobs.account = ?1 AND jobs.name = ?2 AND adds.row = ?3",
    )?;
    statement
        .query_row(params![account, job.as_str(), row.to_key()], entry)
        .optional()
        .map(Option::flatten)
}

pub(super) fn settled_origin(
    connection: &Connection,
    account: i64,
    job: i64,
    origin: &RowOrigin,
) -> rusqlite::Result<Option<LedgerEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
         WHERE adds.origin_job = ?1 AND adds.origin_row = ?2 AND adds.account = ?3 AND adds.job != ?4
         ORDER BY adds.job DESC LIMIT 1",
    )?;
    let key = params![origin.job.as_str(), origin.row.to_key(), account, job];
    statement
        .query_row(key, entry)
        .optional()
        .map(Option::flatten)
}

pub(super) fn entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<LedgerEntry>> {
    let (job, number, customer): (String, i64, Option<String>) =
        (row.get(0)?, row.get(1)?, row.get(2)?);
    let customer = customer.and_then(|id| CustomerId::parse(&id).ok());
    Ok(JobId::parse(&job).ok().map(|job| LedgerEntry {
        job,
        row: RowNumber::from_key(number),
        customer,
    }))
}
