//! Claims: a row is claimed in the ledger before its add leaves. After that the claim is settled, given up or adopted.
//!
//! What would go wrong if looking and claiming were two steps:
//!
//! 1. Two processes import copies of one file.
//! 2. Both look into the ledger, and neither finds the row.
//! 3. Both add the row, and the customer is there twice.
//!
//! So each change is one transaction that looks and writes. The second process finds the claim of the first, and no
//! customer is taken for two rows.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::JournalError;
use super::ledger::{
    Ledger, LedgerEntry, OwnRow, entry, entry_of, has_others, other, settled_origin,
};
use super::readded::readded;
use crate::model::{CustomerId, RowNumber, RowOrigin};

/// A request to add a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub row: RowNumber,
    pub fingerprint: [u8; 16],
    /// The hash of what is sent, without the job's stamp.
    pub content: [u8; 16],
    pub origin: Option<RowOrigin>,
    /// How many equal rows of this job were skipped as already added.
    pub skipped_twins: u64,
    /// Whether the row is added although other jobs have added an equal one.
    pub repeat: RepeatPolicy,
}

/// Which rows a job adds although other jobs have added them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RepeatPolicy {
    /// No row.
    #[default]
    Never,
    /// Rows of equal content, but each row of their origin once: an undo adds again what a job has deleted.
    OncePerOrigin,
    /// Every row.
    Always,
}

/// The ledger's answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClaimAnswer {
    /// The row is claimed for this job now.
    Granted,
    /// Another job has added an equal row, or may have.
    Taken(LedgerEntry),
    /// Another job has added this very row, or may have, whatever its cells were at that time.
    Settled(LedgerEntry),
    /// This job itself has added the row, or may have. Its journal does not know that, so it went back in time.
    Own(Option<OwnRow>),
}

impl Ledger {
    /// Takes a customer for a row of this job. Succeeds if the row already has this customer.
    ///
    /// Otherwise fails if another row of the account has the customer. It also fails if a row of another job with equal
    /// content is in doubt: the customer may be that row's.
    pub(super) fn adopt(
        &self,
        row: RowNumber,
        customer: &CustomerId,
    ) -> Result<bool, JournalError> {
        self.change_one(
            "UPDATE adds SET customer = ?3 WHERE job = ?1 AND row = ?2 AND (customer = ?3 OR customer IS NULL
             AND NOT EXISTS (SELECT 1 FROM adds AS other WHERE other.customer = ?3 AND other.account = ?4)
             AND NOT EXISTS (SELECT 1 FROM adds AS other WHERE other.content = adds.content
                             AND other.account = ?4 AND other.job != ?1 AND other.customer IS NULL))",
            params![self.job, row.to_key(), customer.as_str(), self.account],
        )
    }

    /// Gives up the claims of rows of this job. Returns the rows without a customer, which may be sent again. These
    /// include rows whose claims were given up before: a crash may have come between the ledger and the journal.
    pub(super) fn give_up(&mut self, rows: &[RowNumber]) -> Result<Vec<RowNumber>, JournalError> {
        let job = self.job;
        self.in_transaction(|connection| {
            let mut delete = connection.prepare_cached(
                "DELETE FROM adds WHERE job = ?1 AND row = ?2 AND customer IS NULL",
            )?;
            let mut known =
                connection.prepare_cached("SELECT 1 FROM adds WHERE job = ?1 AND row = ?2")?;
            let mut free = Vec::with_capacity(rows.len());
            for row in rows {
                let key = params![job, row.to_key()];
                delete.execute(key)?;
                if !known.exists(key)? {
                    free.push(*row);
                }
            }
            Ok(free)
        })
    }

    /// Claims rows for this job, as its group of intents number `seq`. Returns an answer for each row.
    pub(super) fn claim(
        &mut self,
        claims: &[Claim],
        seq: i64,
    ) -> Result<Vec<ClaimAnswer>, JournalError> {
        let (job, account, name) = (self.job, self.account, self.name().clone());
        self.in_transaction(|connection| {
            connection
                .prepare_cached("UPDATE jobs SET seq = ?2 WHERE id = ?1")?
                .execute(params![job, seq])?;
            let mut own = connection
                .prepare_cached("SELECT row, customer, merged FROM adds WHERE job = ?1 AND row = ?2")?;
            let mut insert = connection.prepare_cached(
                "INSERT INTO adds(job, row, account, fingerprint, origin_job, origin_row, content, readded)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            let rows = claims.iter().map(|claim| claim.row.to_key());
            let (first, last) = (rows.clone().min(), rows.max());
            let has_own = connection
                .prepare_cached("SELECT 1 FROM adds WHERE job = ?1 AND row BETWEEN ?2 AND ?3 LIMIT 1")?
                .exists(params![job, first, last])?;
            let has_others = has_others(connection, account, job)?;
            let mut denied: HashMap<[u8; 16], u64> = HashMap::new();
            let mut answers = Vec::with_capacity(claims.len());
            for claim in claims {
                let key = params![job, claim.row.to_key()];
                if has_own && let Some(own) = own.query_row(key, OwnRow::read).optional()? {
                    answers.push(ClaimAnswer::Own(Some(own)));
                    continue;
                }
                if claim.repeat == RepeatPolicy::OncePerOrigin {
                    let taken = match &claim.origin {
                        Some(origin) => readded(connection, account, job, origin)?,
                        None => None,
                    };
                    if let Some(entry) = taken {
                        answers.push(ClaimAnswer::Settled(entry));
                        continue;
                    }
                }
                if has_others && claim.repeat == RepeatPolicy::Never {
                    let twins = denied.entry(claim.fingerprint).or_default();
                    let skip = claim.skipped_twins + *twins;
                    if let Some(entry) = other(connection, account, job, &claim.fingerprint, skip)?
                    {
                        *twins += 1;
                        answers.push(ClaimAnswer::Taken(entry));
                        continue;
                    }
                    let this = RowOrigin {
                        job: name.clone(),
                        row: claim.row,
                    };
                    let mut taken = settled_origin(connection, account, job, &this)?;
                    if let (None, Some(origin)) = (&taken, &claim.origin) {
                        taken = settled_origin(connection, account, job, origin)?;
                        // The job that the row comes from may have gone on with it since this job was planned.
                        if taken.is_none() {
                            taken = entry_of(connection, account, &origin.job, origin.row)?;
                        }
                    }
                    if let Some(entry) = taken {
                        answers.push(ClaimAnswer::Settled(entry));
                        continue;
                    }
                }
                insert.execute(params![
                    job,
                    claim.row.to_key(),
                    account,
                    claim.fingerprint,
                    claim.origin.as_ref().map(|origin| origin.job.as_str()),
                    claim.origin.as_ref().map(|origin| origin.row.to_key()),
                    claim.content,
                    claim.repeat == RepeatPolicy::OncePerOrigin,
                ])?;
                answers.push(ClaimAnswer::Granted);
            }
            Ok(answers)
        })
    }

    /// Notes the outcomes of claimed rows. Returns, for each, the other row that became the same customer.
    pub(super) fn note_outcomes(
        &mut self,
        outcomes: &[Settled],
    ) -> Result<Vec<Option<LedgerEntry>>, JournalError> {
        if outcomes.is_empty() {
            return Ok(Vec::new());
        }
        let (job, account) = (self.job, self.account);
        self.in_transaction(|connection| {
            let mut added = connection.prepare_cached(
                "UPDATE adds SET customer = ?3, merged = ?4 WHERE job = ?1 AND row = ?2",
            )?;
            let mut released = connection.prepare_cached(
                "DELETE FROM adds WHERE job = ?1 AND row = ?2 AND customer IS NULL",
            )?;
            let mut others = Vec::with_capacity(outcomes.len());
            for settled in outcomes {
                let row = settled.row.to_key();
                let mut other = None;
                match &settled.customer {
                    Some(customer) => {
                        other = other_of(connection, account, job, row, customer)?;
                        let is_merged = settled.is_merged || other.is_some();
                        added.execute(params![job, row, customer.as_str(), is_merged])?
                    }
                    None => released.execute(params![job, row])?,
                };
                others.push(other);
            }
            Ok(others)
        })
    }
}

/// The outcome of a claimed row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    pub row: RowNumber,
    /// The customer that the CRM answered with; `None` when nothing was added.
    pub customer: Option<CustomerId>,
    /// Whether that customer was there before.
    pub is_merged: bool,
}

/// Returns another row that became the same customer.
fn other_of(
    connection: &Connection,
    account: i64,
    job: i64,
    row: i64,
    customer: &CustomerId,
) -> rusqlite::Result<Option<LedgerEntry>> {
    let key = params![customer.as_str(), account, job, row];
    // Nearly no customer is another row's too, and to see that costs less than to put rows in order.
    let mut known = connection.prepare_cached(
        "SELECT 1 FROM adds WHERE customer = ?1 AND account = ?2 AND NOT (job = ?3 AND row = ?4)",
    )?;
    if !known.exists(key)? {
        return Ok(None);
    }
    let mut statement = connection.prepare_cached(
        "SELECT jobs.name, adds.row, adds.customer FROM adds JOIN jobs ON jobs.id = adds.job
         WHERE adds.customer = ?1 AND adds.account = ?2 AND NOT (adds.job = ?3 AND adds.row = ?4)
         ORDER BY adds.merged, adds.job, adds.row LIMIT 1",
    )?;
    statement
        .query_row(key, entry)
        .optional()
        .map(Option::flatten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::JobId;

    fn claim(row: u32, print: u8) -> Claim {
        Claim {
            row: RowNumber::new(row),
            fingerprint: [print; 16],
            content: [print; 16],
            origin: None,
            skipped_twins: 0,
            repeat: RepeatPolicy::Never,
        }
    }

    fn job(name: &str) -> JobId {
        JobId::parse(name).expect("a name")
    }

    fn settled(row: u32, customer: Option<&CustomerId>) -> Settled {
        Settled {
            row: RowNumber::new(row),
            customer: customer.cloned(),
            is_merged: false,
        }
    }

    #[test]
    fn two_rows_with_one_customer_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let open = |name| Ledger::open(&path, "here", &job(name)).expect("a ledger");
        let (mut first, mut second) = (open("one"), open("two"));
        first.claim(&[claim(2, 1), claim(3, 2)], 1).expect("claims");
        second.claim(&[claim(2, 3)], 1).expect("claims");
        let id = CustomerId::parse("685775343058800640").expect("an id");
        let earlier = LedgerEntry {
            job: job("one"),
            row: RowNumber::new(2),
            customer: Some(id.clone()),
        };
        let seen = first.note_outcomes(&[settled(2, Some(&id)), settled(3, Some(&id))]);
        assert_eq!(seen.expect("settled"), [None, Some(earlier.clone())]);
        let seen = second.note_outcomes(&[settled(2, Some(&id))]);
        assert_eq!(seen.expect("settled"), [Some(earlier)]);
        let own = |ledger: &Ledger, row| ledger.own(RowNumber::new(row)).expect("a look");
        let is_merged = |row: Option<crate::journal::ledger::OwnRow>| row.expect("a row").is_merged;
        assert!(!is_merged(own(&first, 2)));
        assert!(is_merged(own(&first, 3)) && is_merged(own(&second, 2)));
    }

    #[test]
    fn a_row_is_claimed_once_and_twins_are_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let open = |account, name| Ledger::open(&path, account, &job(name)).expect("a ledger");
        let mut first = open("here", "one");
        let granted = [ClaimAnswer::Granted, ClaimAnswer::Granted];
        assert_eq!(
            first.claim(&[claim(2, 1), claim(3, 1)], 1).expect("claims"),
            granted
        );
        let id = CustomerId::parse("685775343058800640").expect("an id");
        first
            .note_outcomes(&[settled(2, Some(&id))])
            .expect("settled");
        assert_eq!(first.seq().expect("a number"), 1);

        let mut second = open("here", "two");
        let rows = [claim(2, 1), claim(3, 1), claim(4, 1), claim(5, 2)];
        let taken = |row, customer| {
            ClaimAnswer::Taken(LedgerEntry {
                job: job("one"),
                row: RowNumber::new(row),
                customer,
            })
        };
        assert_eq!(
            second.claim(&rows, 1).expect("claims"),
            [
                taken(2, Some(id.clone())),
                taken(3, None),
                ClaimAnswer::Granted,
                ClaimAnswer::Granted
            ]
        );
        assert_eq!(
            open("there", "three")
                .claim(&[claim(2, 1)], 1)
                .expect("claims"),
            [ClaimAnswer::Granted]
        );
        let again = open("here", "one")
            .claim(&[claim(2, 1), claim(3, 1)], 2)
            .expect("claims");
        let own = |row, customer| {
            ClaimAnswer::Own(Some(OwnRow {
                row: RowNumber::new(row),
                customer,
                is_merged: false,
            }))
        };
        assert_eq!(again, [own(2, Some(id)), own(3, None)]);
    }

    /// A person has said which customer the row became; a row of another job with equal content is still in doubt.
    #[test]
    fn what_a_row_is_known_to_be_is_not_taken_for_another_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let open = |name| Ledger::open(&path, "here", &job(name)).expect("a ledger");
        let (mut first, mut second) = (open("one"), open("two"));
        let row = RowNumber::new(2);
        first.claim(&[claim(2, 1)], 1).expect("claims");
        let other = Claim {
            fingerprint: [2; 16],
            ..claim(2, 1)
        };
        assert_eq!(
            second.claim(&[other], 1).expect("claims"),
            [ClaimAnswer::Granted]
        );
        let id = CustomerId::parse("685775343058800640").expect("an id");
        assert!(!first.adopt(row, &id).expect("a look"));
        second.resolve(&job("one"), row, &id).expect("resolved");
        assert!(first.adopt(row, &id).expect("a look"));
        assert!(!second.adopt(row, &id).expect("a look"));
    }

    #[test]
    fn what_was_refused_may_be_added_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let mut first = Ledger::open(&path, "here", &job("one")).expect("a ledger");
        first.claim(&[claim(2, 1)], 1).expect("claims");
        first.note_outcomes(&[settled(2, None)]).expect("released");
        let mut second = Ledger::open(&path, "here", &job("two")).expect("a ledger");
        assert_eq!(
            second.claim(&[claim(2, 1)], 1).expect("claims"),
            [ClaimAnswer::Granted]
        );
    }

    #[test]
    fn one_origin_is_claimed_once_however_its_cells_were_edited() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ledger.db");
        let origin = RowOrigin {
            job: job("one"),
            row: RowNumber::new(17),
        };
        let edited = |row, print| Claim {
            origin: Some(origin.clone()),
            ..claim(row, print)
        };
        let mut second = Ledger::open(&path, "here", &job("two")).expect("a ledger");
        assert_eq!(
            second.claim(&[edited(4, 9)], 1).expect("claims"),
            [ClaimAnswer::Granted]
        );
        let mut third = Ledger::open(&path, "here", &job("three")).expect("a ledger");
        let entry = third
            .settled_origin(&origin)
            .expect("a look")
            .expect("an entry");
        assert_eq!((&entry.job, entry.row), (&job("two"), RowNumber::new(4)));
        assert_eq!(
            third.claim(&[edited(4, 8)], 1).expect("claims"),
            [ClaimAnswer::Settled(entry)]
        );
        // The job that the row comes from has added it itself by now.
        let mut first = Ledger::open(&path, "here", &job("one")).expect("a ledger");
        let other = RowOrigin {
            row: RowNumber::new(18),
            ..origin.clone()
        };
        assert_eq!(
            first.claim(&[claim(18, 7)], 1).expect("claims"),
            [ClaimAnswer::Granted]
        );
        let mended = Claim {
            origin: Some(other.clone()),
            ..claim(5, 6)
        };
        let entry = third.entry_of(&other.job, other.row).expect("a look");
        assert_eq!(
            third.claim(&[mended], 2).expect("claims"),
            [ClaimAnswer::Settled(entry.expect("an entry"))]
        );
    }
}
