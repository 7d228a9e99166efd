//! The ledger: every source row that any job has added, or may have added.
//!
//! It answers *has this row been added before?* for a workbook that was appended, saved anew, mapped
//! differently or imported instead of resumed. A claim is taken in one transaction before the add leaves,
//! so two processes that import copies of one file cannot both add a row. Twins are counted: when other
//! jobs have added a row twice, the first two equal rows of a file are theirs, and a third is new.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::JournalError;
use super::database::set_up;
use super::schema::{LEDGER, VERSION};
use crate::model::{CustomerId, JobId, RowNumber, RowOrigin};

/// One row that was added, or may have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The job that did it.
    pub job: JobId,
    /// Its row there.
    pub row: RowNumber,
    /// The customer; `None` while it is not known whether the add happened.
    pub customer: Option<CustomerId>,
}

/// A row that asks to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub row: RowNumber,
    pub fingerprint: [u8; 16],
    pub origin: Option<RowOrigin>,
    /// Equal rows of this job that were skipped as already added.
    pub skipped_twins: u64,
    /// Add whatever other jobs did.
    pub again: bool,
}

/// The ledger of one account, seen from one job.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    account: String,
    job: i64,
}

impl Ledger {
    /// Opens the ledger, making it where it is missing, for a job of an account.
    pub fn open(path: &Path, account: &str, job: &JobId) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        };
        let connection = Connection::open(path).map_err(failed)?;
        connection
            .busy_timeout(Duration::from_secs(30))
            .map_err(failed)?;
        set_up(&connection, LEDGER, path)?;
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
        debug_assert_eq!(VERSION, 1, "a new version needs a migration");
        Ok(Self {
            connection,
            path: path.to_path_buf(),
            account: account.to_owned(),
            job: number,
        })
    }

    /// What other jobs of the account did with rows of this fingerprint, oldest first.
    pub fn others(&self, fingerprint: &[u8; 16]) -> Result<Vec<LedgerEntry>, JournalError> {
        others(&self.connection, &self.account, self.job, fingerprint)
            .map_err(|source| self.failed(source))
    }

    /// What a later job did with a row that first stood elsewhere.
    pub fn settled_origin(&self, origin: &RowOrigin) -> Result<Option<LedgerEntry>, JournalError> {
        let query = "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
                     WHERE adds.origin_job = ?1 AND adds.origin_row = ?2 AND adds.account = ?3 AND adds.job != ?4
                     ORDER BY adds.job DESC LIMIT 1";
        let find = || {
            let mut statement = self.connection.prepare_cached(query)?;
            let key = params![
                origin.job.as_str(),
                origin.row.to_key(),
                self.account,
                self.job
            ];
            statement.query_row(key, entry).optional()
        };
        find()
            .map(Option::flatten)
            .map_err(|source| self.failed(source))
    }

    /// What a row of a job became, as the ledger saw it.
    pub fn entry_of(
        &self,
        job: &JobId,
        row: RowNumber,
    ) -> Result<Option<LedgerEntry>, JournalError> {
        let query =
            "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
                     WHERE jobs.account = ?1 AND jobs.name = ?2 AND adds.row = ?3";
        let find = || {
            let mut statement = self.connection.prepare_cached(query)?;
            statement
                .query_row(params![self.account, job.as_str(), row.to_key()], entry)
                .optional()
        };
        find()
            .map(Option::flatten)
            .map_err(|source| self.failed(source))
    }

    /// Claims rows for this job. For each: `None` when it may be added, else what another job did.
    pub(super) fn claim(
        &mut self,
        claims: &[Claim],
    ) -> Result<Vec<Option<LedgerEntry>>, JournalError> {
        let (job, account) = (self.job, self.account.clone());
        self.in_transaction(|connection| {
            let mut insert = connection.prepare_cached(
                "INSERT OR IGNORE INTO adds(job, row, account, fingerprint, origin_job, origin_row) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            let mut denied_twins: std::collections::HashMap<[u8; 16], u64> = std::collections::HashMap::new();
            let mut answers = Vec::with_capacity(claims.len());
            for claim in claims {
                let denial = if claim.again {
                    None
                } else {
                    let denied = denied_twins.entry(claim.fingerprint).or_default();
                    let skipped = claim.skipped_twins + *denied;
                    let mut others = others(connection, &account, job, &claim.fingerprint)?;
                    if (others.len() as u64) > skipped {
                        *denied += 1;
                        Some(others.swap_remove(skipped as usize))
                    } else {
                        None
                    }
                };
                if denial.is_none() {
                    insert.execute(params![
                        job,
                        claim.row.to_key(),
                        account,
                        claim.fingerprint,
                        claim.origin.as_ref().map(|origin| origin.job.as_str()),
                        claim.origin.as_ref().map(|origin| origin.row.to_key()),
                    ])?;
                }
                answers.push(denial);
            }
            Ok(answers)
        })
    }

    /// Notes the outcome of claimed rows: the customer that was added, or that nothing was.
    pub(super) fn settle(
        &mut self,
        outcomes: &[(RowNumber, Option<CustomerId>)],
    ) -> Result<(), JournalError> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let job = self.job;
        self.in_transaction(|connection| {
            let mut added = connection
                .prepare_cached("UPDATE adds SET customer = ?3 WHERE job = ?1 AND row = ?2")?;
            let mut released =
                connection.prepare_cached("DELETE FROM adds WHERE job = ?1 AND row = ?2")?;
            for (row, customer) in outcomes {
                match customer {
                    Some(customer) => {
                        added.execute(params![job, row.to_key(), customer.as_str()])?
                    }
                    None => released.execute(params![job, row.to_key()])?,
                };
            }
            Ok(())
        })
    }

    fn in_transaction<T>(
        &mut self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
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

    fn failed(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Database {
            path: self.path.clone(),
            source,
        }
    }
}

fn others(
    connection: &Connection,
    account: &str,
    job: i64,
    fingerprint: &[u8; 16],
) -> rusqlite::Result<Vec<LedgerEntry>> {
    let mut statement = connection.prepare_cached(
        "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
         WHERE adds.fingerprint = ?1 AND adds.account = ?2 AND adds.job != ?3 ORDER BY adds.job, adds.row",
    )?;
    let entries = statement.query_map(params![fingerprint, account, job], entry)?;
    entries.filter_map(Result::transpose).collect()
}

fn entry(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<LedgerEntry>> {
    let (job, number, customer): (String, i64, Option<String>) =
        (row.get(0)?, row.get(1)?, row.get(2)?);
    let customer = customer.and_then(|id| CustomerId::parse(&id).ok());
    Ok(JobId::parse(&job).ok().map(|job| LedgerEntry {
        job,
        row: RowNumber::from_key(number),
        customer,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(row: u32, print: u8) -> Claim {
        Claim {
            row: RowNumber::new(row),
            fingerprint: [print; 16],
            origin: None,
            skipped_twins: 0,
            again: false,
        }
    }

    fn job(name: &str) -> JobId {
        JobId::parse(name).expect("a name")
    }

    #[test]
    fn a_row_is_claimed_once_and_twins_are_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let mut first = Ledger::open(&path, "here", &job("one")).expect("a ledger");
        assert_eq!(
            first.claim(&[claim(2, 1), claim(3, 1)]).expect("claims"),
            [None, None]
        );
        let id = CustomerId::parse("685775343058800640").expect("an id");
        first
            .settle(&[(RowNumber::new(2), Some(id.clone()))])
            .expect("settled");

        let mut second = Ledger::open(&path, "here", &job("two")).expect("a ledger");
        let answers = second
            .claim(&[claim(2, 1), claim(3, 1), claim(4, 1), claim(5, 2)])
            .expect("claims");
        assert_eq!(
            answers[0].as_ref().and_then(|entry| entry.customer.clone()),
            Some(id)
        );
        assert_eq!(
            answers[1]
                .as_ref()
                .map(|entry| (entry.row, entry.customer.clone())),
            Some((RowNumber::new(3), None))
        );
        assert_eq!((&answers[2], &answers[3]), (&None, &None));

        let mut elsewhere = Ledger::open(&path, "there", &job("three")).expect("a ledger");
        assert_eq!(elsewhere.claim(&[claim(2, 1)]).expect("claims"), [None]);
    }

    #[test]
    fn what_was_refused_may_be_added_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let mut first = Ledger::open(&path, "here", &job("one")).expect("a ledger");
        first.claim(&[claim(2, 1)]).expect("claims");
        first
            .settle(&[(RowNumber::new(2), None)])
            .expect("released");
        let mut second = Ledger::open(&path, "here", &job("two")).expect("a ledger");
        assert_eq!(second.claim(&[claim(2, 1)]).expect("claims"), [None]);
    }

    #[test]
    fn origins_are_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let mut second = Ledger::open(&path, "here", &job("two")).expect("a ledger");
        let origin = RowOrigin {
            job: job("one"),
            row: RowNumber::new(17),
        };
        let mut from_result = claim(4, 9);
        from_result.origin = Some(origin.clone());
        second.claim(&[from_result]).expect("claims");
        let third = Ledger::open(&path, "here", &job("three")).expect("a ledger");
        let entry = third
            .settled_origin(&origin)
            .expect("a look")
            .expect("an entry");
        assert_eq!((entry.job, entry.row), (job("two"), RowNumber::new(4)));
    }
}
