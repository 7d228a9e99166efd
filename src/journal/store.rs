//! The journal of one job: opening it safely, and every read and write of its rows.
//!
//! What would go wrong if a journal were believed without a witness:
//!
//! 1. A job sends a group of rows.
//! 2. `journal.db` is put back from an older copy, or its last commit is lost.
//! 3. The job goes on with a journal that calls the group pending, and sends it again.
//!
//! So a commit that makes rows *sending* also counts up `seq`, and the same number is synced to `journal.seq` before
//! any call leaves. A journal is accepted only if its number is the side file's, or one ahead of it, where a crash came
//! between the two. Any other journal has lost something. It is refused, never repaired in silence.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rayon::prelude::*;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::clock::unix_milliseconds;
use super::codec::{EncodedRow, journal_row, selection};
use super::counts::{CountChanges, CountedRows, Effort};
use super::database::{
    check_owner, is_unmade, meta, open_existing, open_private, set_pragmas, set_up,
};
use super::error::JournalError;
use super::folder::JobFolder;
use super::image::Image;
use super::presence::Presence;
use super::record_text::FieldNumbers;
use super::rows::{HeldRow, JournalRow, KnownRows, PlannedRow, RowOutcome};
use super::schema::JOURNAL;
use crate::model::{Action, Code, CustomerId, Problem, RowNumber, Status, private_options};

fn committed_seq(connection: &Connection, path: &Path) -> Result<i64, JournalError> {
    let seq = meta(connection, "seq").map_err(|source| JournalError::Database {
        path: path.to_path_buf(),
        source,
    })?;
    Ok(seq.and_then(|text| text.parse().ok()).unwrap_or(-1))
}

/// The journal of one job.
#[derive(Debug)]
pub struct Journal {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    side: File,
    side_path: PathBuf,
    pub(super) seq: i64,
    /// The fields of its records, as far as they are known here.
    fields: RefCell<FieldNumbers>,
    /// What was counted last.
    pub(super) counted: RefCell<Option<CountedRows>>,
    /// What a transaction has changed and not yet counted.
    pub(super) count_changes: CountChanges,
    /// The files that the journal writes to.
    files: [Presence; 3],
}

/// Notes the files of a journal as they were just opened.
fn files_of(path: &Path, side_path: &Path) -> [Presence; 3] {
    [
        Presence::of(path),
        Presence::of_log(path),
        Presence::of(side_path),
    ]
}

impl Journal {
    /// Makes the journal of a new job.
    pub fn create(folder: &JobFolder, account: &str) -> Result<Self, JournalError> {
        let path = folder.file("journal.db");
        let connection = open_private(&path).map_err(|source| JournalError::Database {
            path: path.clone(),
            source,
        })?;
        #[cfg(test)]
        let connection = super::moment::told(connection, &path);
        set_up(&connection, JOURNAL, &path)?;
        let side_path = folder.file("journal.seq");
        let side = private_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&side_path)
            .map_err(|source| JournalError::File {
                path: side_path.clone(),
                source,
            })?;
        let mut journal = Self {
            connection,
            files: files_of(&path, &side_path),
            path,
            side,
            side_path,
            seq: 0,
            fields: RefCell::default(),
            counted: RefCell::default(),
            count_changes: CountChanges::default(),
        };
        journal.set_meta("job", folder.id().as_str())?;
        journal.set_meta("account", account)?;
        journal.set_meta("seq", "0")?;
        journal.set_meta("created_ms", &unix_milliseconds().to_string())?;
        journal.write_side()?;
        Ok(journal)
    }

    /// Opens the journal of a job to go on with it. Fails unless the journal is whole.
    pub fn open(folder: &JobFolder) -> Result<Self, JournalError> {
        let path = folder.file("journal.db");
        let side_path = folder.file("journal.seq");
        let connection = open_existing(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set_pragmas(&connection).map_err(|source| JournalError::Database {
            path: path.clone(),
            source,
        })?;
        check_owner(&connection, &path, folder.id())?;
        let side_file = File::options().read(true).write(true).open(&side_path);
        let (side_seq, side_file) = match side_file {
            Ok(mut file) => {
                let mut text = String::new();
                let read = file
                    .read_to_string(&mut text)
                    .ok()
                    .and_then(|_| text.trim().parse::<i64>().ok());
                (read.unwrap_or(-1), Some(file))
            }
            Err(_) => (-1, None),
        };
        let seq = committed_seq(&connection, &path)?;
        let (Some(side), true) = (side_file, seq == side_seq || seq == side_seq + 1) else {
            return Err(JournalError::WentBack {
                path,
                journal: seq,
                side: side_seq,
            });
        };
        let mut journal = Self {
            connection,
            files: files_of(&path, &side_path),
            path,
            side,
            side_path,
            seq,
            fields: RefCell::default(),
            counted: RefCell::default(),
            count_changes: CountChanges::default(),
        };
        if journal.seq != side_seq {
            journal.write_side()?;
        }
        Ok(journal)
    }

    /// Returns whether a job's journal was never made, or its making was cut short. Then nothing was decided.
    pub fn is_unmade(folder: &JobFolder) -> bool {
        let side = std::fs::metadata(folder.file("journal.seq"));
        side.map_or(true, |side| side.len() == 0) && is_unmade(&folder.file("journal.db"))
    }

    /// Opens the journal of a job for reading, also while another process writes it.
    pub fn read(folder: &JobFolder) -> Result<Self, JournalError> {
        let path = folder.file("journal.db");
        let side_path = folder.file("journal.seq");
        // Not read-only: a reader of a WAL database after a crash must be allowed to recover it.
        let connection = open_existing(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        check_owner(&connection, &path, folder.id())?;
        // Who only reads mostly walks over all rows, and has no use for SQLite's usual 2 MB of pages read before. A
        // failure costs memory only.
        let _ = connection.pragma_update(None, "cache_size", -512);
        let committed = committed_seq(&connection, &path)?;
        let side = File::open(&side_path).map_err(|source| JournalError::File {
            path: side_path.clone(),
            source,
        })?;
        Ok(Self {
            connection,
            files: files_of(&path, &side_path),
            path,
            side,
            side_path,
            seq: committed,
            fields: RefCell::default(),
            counted: RefCell::default(),
            count_changes: CountChanges::default(),
        })
    }

    /// Returns the account whose customers the job writes: base URL and appid, or the embedded CRM.
    pub fn account(&self) -> Result<Option<String>, JournalError> {
        self.meta("account")
    }

    /// Returns when the journal was made, in Unix milliseconds; 0 where that is not known.
    pub(super) fn created_ms(&self) -> Result<i64, JournalError> {
        let created = self.meta("created_ms")?;
        Ok(created.and_then(|text| text.parse().ok()).unwrap_or(0))
    }

    /// Returns a fact about the job as a whole.
    pub(super) fn meta(&self, key: &str) -> Result<Option<String>, JournalError> {
        meta(&self.connection, key).map_err(|source| self.database_error(source))
    }

    /// Returns every fact about the job as a whole.
    pub(super) fn all_meta(&self) -> Result<BTreeMap<String, String>, JournalError> {
        let read = || {
            let mut statement = self.connection.prepare("SELECT key, value FROM meta")?;
            let facts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            facts.collect::<Result<BTreeMap<String, String>, rusqlite::Error>>()
        };
        read().map_err(|source| self.database_error(source))
    }

    /// Sets a fact about the job as a whole.
    pub(super) fn set_meta(&mut self, key: &str, value: &str) -> Result<(), JournalError> {
        let set = || {
            let mut statement = self
                .connection
                .prepare_cached("INSERT OR REPLACE INTO meta(key, value) VALUES (?1, ?2)")?;
            statement.execute(params![key, value])
        };
        set()
            .map(|_| ())
            .map_err(|source| self.database_error(source))
    }

    /// Forgets every row of a plan that was cut short, of which nothing was sent.
    pub fn clear(&mut self) -> Result<(), JournalError> {
        let clear = "DELETE FROM rows; DELETE FROM records; UPDATE counts SET rows = 0; DELETE FROM seen; DELETE FROM images;";
        self.in_transaction(|journal| {
            let cleared = journal.connection.execute_batch(clear);
            cleared.map_err(|source| journal.database_error(source))
        })
    }

    /// Runs `work` in one transaction. An error of `work` rolls the transaction back.
    pub fn in_transaction<T, E: From<JournalError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|source| self.database_error(source))?;
        let worked = work(self).and_then(|value| {
            self.write_counts()?;
            Ok(value)
        });
        let value = match worked {
            Ok(value) => value,
            Err(error) => {
                // The transaction is void either way; the first error is the one to report.
                let _ = self.connection.execute_batch("ROLLBACK");
                self.count_changes = CountChanges::default();
                return Err(error);
            }
        };
        self.connection
            .execute_batch("COMMIT")
            .map_err(|source| self.database_error(source))?;
        Ok(value)
    }

    /// Says whether each commit is on disk before it is reported, which is the default. What was committed without that
    /// is on disk with the next commit that is: they are in one log.
    pub fn sync_commits(&mut self, is_synced: bool) -> Result<(), JournalError> {
        let level = if is_synced { "FULL" } else { "NORMAL" };
        let set = self.connection.pragma_update(None, "synchronous", level);
        set.map_err(|source| self.database_error(source))
    }

    /// Adds decided rows, in a transaction of their own unless there is one.
    pub fn plan(&mut self, rows: &[PlannedRow]) -> Result<(), JournalError> {
        if rows.is_empty() {
            return Ok(());
        }
        if !self.connection.is_autocommit() {
            return self.add_rows(rows);
        }
        self.in_transaction(|journal| journal.add_rows(rows))
    }

    fn add_rows(&mut self, rows: &[PlannedRow]) -> Result<(), JournalError> {
        self.insert_rows(rows)
            .map_err(|source| self.database_error(source))?;
        for row in rows {
            if let Some(before) = &row.before {
                self.keep_image(row.number, Image::Planned, before)?;
            }
        }
        Ok(())
    }

    fn insert_rows(&mut self, rows: &[PlannedRow]) -> rusqlite::Result<()> {
        self.know_fields()?;
        let records = rows.iter().filter_map(|row| row.record.as_ref());
        let mut fields = self.fields.borrow_mut();
        fields.note(records, &self.connection)?;
        let fields = &*fields;
        let encoded = rows.par_iter().with_min_len(64);
        let encoded: Vec<EncodedRow> = encoded
            .map(|row| EncodedRow::of(row, fields))
            .collect::<rusqlite::Result<_>>()?;
        let mut insert_row = self.connection.prepare_cached(
            "INSERT INTO rows(row, state, action, customer, fingerprint, checksum, problems, origin_job, origin_row, twin,
                              wait_job, wait_row, matched, known, has_record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?;
        let mut insert_record = self
            .connection
            .prepare_cached("INSERT INTO records(row, record, checksum) VALUES (?1, ?2, ?3)")?;
        for (row, encoded) in rows.iter().zip(encoded) {
            let number = row.number.to_key();
            insert_row.execute(params![
                number,
                row.status.number(),
                row.action.number(),
                row.customer.as_ref().map(CustomerId::as_str),
                row.fingerprint,
                encoded.checksum,
                encoded.problems,
                row.origin.as_ref().map(|origin| origin.job.as_str()),
                row.origin.as_ref().map(|origin| origin.row.to_key()),
                row.is_twin,
                row.waits_on.as_ref().map(|origin| origin.job.as_str()),
                row.waits_on.as_ref().map(|origin| origin.row.to_key()),
                row.is_matched,
                row.known.map(KnownRows::to_number),
                encoded.record.is_some(),
            ])?;
            if let Some((record, checksum)) = encoded.record {
                insert_record.execute(params![number, record, checksum])?;
            }
            let (state, action) = (row.status.number(), row.action.number());
            self.count_changes.add(state, action, 1);
        }
        Ok(())
    }

    /// Reads the fields of the records again where there are more of them than were known here, and says whether there
    /// were.
    fn know_fields(&self) -> rusqlite::Result<bool> {
        let query = "SELECT count(*) FROM fields";
        let mut statement = self.connection.prepare_cached(query)?;
        let count: i64 = statement.query_row([], |row| row.get(0))?;
        let has_more = self.fields.borrow().len() as i64 != count;
        if has_more {
            self.fields.replace(FieldNumbers::load(&self.connection)?);
        }
        Ok(has_more)
    }

    /// Returns the earlier row that has a value which no two rows may have.
    pub fn seen(&self, value: &str) -> Result<Option<RowNumber>, JournalError> {
        let find = || {
            let mut find = self
                .connection
                .prepare_cached("SELECT row FROM seen WHERE value = ?1")?;
            find.query_row(params![value], |row| row.get(0)).optional()
        };
        find()
            .map(|key: Option<i64>| key.map(RowNumber::from_key))
            .map_err(|source| self.database_error(source))
    }

    /// Notes that a row has a value which no two rows may have (an `_id`, a key). Returns the earlier row that has it.
    pub fn see(&mut self, value: &str, row: RowNumber) -> Result<Option<RowNumber>, JournalError> {
        let see = || {
            let mut insert = self
                .connection
                .prepare_cached("INSERT OR IGNORE INTO seen(value, row) VALUES (?1, ?2)")?;
            if insert.execute(params![value, row.to_key()])? == 1 {
                return Ok(None);
            }
            let mut find = self
                .connection
                .prepare_cached("SELECT row FROM seen WHERE value = ?1")?;
            find.query_row(params![value], |row| row.get(0)).map(Some)
        };
        see()
            .map(|key: Option<i64>| key.map(RowNumber::from_key))
            .map_err(|source| self.database_error(source))
    }

    /// Returns whether any row stands for one that another job has added.
    pub(super) fn has_twins(&self) -> Result<bool, JournalError> {
        let query = "SELECT EXISTS (SELECT 1 FROM rows WHERE twin = 1)";
        let found = self.connection.query_row(query, [], |row| row.get(0));
        found.map_err(|source| self.database_error(source))
    }

    /// Counts the rows of this fingerprint that stand for rows which other jobs have added.
    pub fn skipped_twins(&self, fingerprint: &[u8; 16]) -> Result<u64, JournalError> {
        let count = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT count(*) FROM rows WHERE twin = 1 AND fingerprint = ?1")?;
            statement.query_row(params![fingerprint], |row| row.get::<_, i64>(0))
        };
        count()
            .map(|count| count as u64)
            .map_err(|source| self.database_error(source))
    }

    /// Counts the rows whose add the CRM has answered with a customer that is not theirs.
    pub fn merged_rows(&self) -> Result<u64, JournalError> {
        let query = "SELECT count(*) FROM rows WHERE state = 1 AND problems IS NOT NULL
                     AND (instr(problems, ?1) > 0 OR instr(problems, ?2) > 0)";
        let quoted = |code: Code| format!("\"{code}\"");
        let key = params![quoted(Code::MergedByServer), quoted(Code::SameCustomer)];
        let count = self
            .connection
            .query_row(query, key, |row| row.get::<_, i64>(0));
        count
            .map(|count| count as u64)
            .map_err(|source| self.database_error(source))
    }

    /// Counts the rows of a status that have a problem of one of these codes.
    pub fn rows_with(&self, status: Status, codes: &[Code]) -> Result<u64, JournalError> {
        let count = || {
            let query = "SELECT problems FROM rows WHERE problems IS NOT NULL AND state = ?1";
            let mut statement = self.connection.prepare_cached(query)?;
            let mut rows = statement.query([status.number()])?;
            let quoted: Vec<String> = codes.iter().map(|code| format!("\"{code}\"")).collect();
            let mut count = 0;
            while let Some(row) = rows.next()? {
                let problems = row.get_ref(0)?.as_str()?;
                count += u64::from(quoted.iter().any(|code| problems.contains(code)));
            }
            Ok(count)
        };
        count().map_err(|source| self.database_error(source))
    }

    /// Counts the rows that are united with a row above.
    pub fn united_rows(&self) -> Result<u64, JournalError> {
        let query =
            "SELECT count(*) FROM rows WHERE problems IS NOT NULL AND instr(problems, ?1) > 0";
        let code = format!("\"{}\"", Code::MergedInto);
        let count = self
            .connection
            .query_row(query, [code], |row| row.get::<_, i64>(0));
        count
            .map(|count| count as u64)
            .map_err(|source| self.database_error(source))
    }

    /// Returns the customers that several rows change, or have changed, with those rows in order.
    pub fn shared_customers(&self) -> Result<BTreeMap<CustomerId, Vec<RowNumber>>, JournalError> {
        let read = || {
            let query = "SELECT customer, row FROM rows WHERE customer IN (
                             SELECT customer FROM rows WHERE state NOT IN (3, 6) AND action > 0 AND customer IS NOT NULL
                             GROUP BY customer HAVING count(*) > 1)
                         AND state NOT IN (3, 6) AND action > 0 ORDER BY row";
            let mut statement = self.connection.prepare_cached(query)?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut shared: BTreeMap<CustomerId, Vec<RowNumber>> = BTreeMap::new();
        for (customer, row) in read().map_err(|source| self.database_error(source))? {
            if let Ok(id) = CustomerId::parse(&customer) {
                shared.entry(id).or_default().push(RowNumber::from_key(row));
            }
        }
        Ok(shared)
    }

    /// Returns when the latest write that succeeded left, in Unix milliseconds; `None` where none has.
    pub fn last_written(&self) -> Result<Option<i64>, JournalError> {
        let query = "SELECT max(sent_at) FROM rows WHERE state = 1 AND action > 0";
        let last = self.connection.query_row(query, [], |row| row.get(0));
        last.map_err(|source| self.database_error(source))
    }

    /// Settles all pending rows as skipped: the job was taken back, so they are not sent any more.
    pub fn abandon(&mut self, problem: &Problem) -> Result<(), JournalError> {
        self.in_transaction(|journal| {
            loop {
                let rows = journal.select(false, "state = 0 ORDER BY row LIMIT 1000", &[])?;
                if rows.is_empty() {
                    return Ok(());
                }
                let skipped = |row: &JournalRow| RowOutcome {
                    problem: Some(problem.clone()),
                    ..RowOutcome::new(row.number, Action::None, Status::Skipped)
                };
                let outcomes: Vec<RowOutcome> = rows.iter().map(skipped).collect();
                journal.write_outcomes(&outcomes)?;
            }
        })
    }

    /// Settles rows that need not be sent any more, before any of them is on its way.
    pub fn hold(&mut self, rows: &[HeldRow]) -> Result<(), JournalError> {
        let held = |row: &HeldRow| RowOutcome {
            problem: row.problem.clone(),
            customer: row.customer.clone(),
            ..RowOutcome::new(row.number, Action::None, row.status)
        };
        let outcomes: Vec<RowOutcome> = rows.iter().map(held).collect();
        self.in_transaction(|journal| journal.write_outcomes(&outcomes))
    }

    /// Returns one row.
    pub fn row(&self, number: RowNumber) -> Result<Option<JournalRow>, JournalError> {
        Ok(self.rows_where("row = ?1", params![number.to_key()])?.pop())
    }

    /// Syncs `seq` to the side file. Runs after the transaction that counted it up.
    pub(super) fn write_side(&mut self) -> Result<(), JournalError> {
        #[cfg(test)]
        super::moment::at(&self.side_path);
        let text = format!("{:020}\n", self.seq);
        let mut write = || {
            self.side.seek(SeekFrom::Start(0))?;
            self.side.write_all(text.as_bytes())?;
            self.side.sync_data()
        };
        write().map_err(|source| JournalError::File {
            path: self.side_path.clone(),
            source,
        })
    }

    /// Fails when the journal's files are no longer those that the next run would find.
    pub(super) fn check_files(&self) -> Result<(), JournalError> {
        self.files.iter().try_for_each(Presence::require_same_file)
    }

    /// Returns the number of the last group of intents.
    pub fn seq(&self) -> i64 {
        self.seq
    }

    /// Notes what the job has cost so far.
    pub fn set_effort(&mut self, effort: Effort) -> Result<(), JournalError> {
        self.set_meta("calls", &effort.calls.to_string())?;
        self.set_meta("elapsed_ms", &effort.elapsed.as_millis().to_string())
    }

    /// Returns what the job has cost so far.
    pub fn effort(&self) -> Result<Effort, JournalError> {
        let number = |key: &'static str| -> Result<u64, JournalError> {
            let read = |text: String| text.parse().map_err(|_| self.unknown_word(key, &text));
            Ok(self.meta(key)?.map(read).transpose()?.unwrap_or(0))
        };
        Ok(Effort {
            calls: number("calls")?,
            elapsed: Duration::from_millis(number("elapsed_ms")?),
        })
    }

    /// Makes the error of a fact whose value ferry never writes.
    pub fn unknown_word(&self, what: &'static str, value: &str) -> JournalError {
        JournalError::UnknownWord {
            path: self.path.clone(),
            what,
            value: value.to_owned(),
        }
    }

    /// Returns the path of the journal's database.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn rows_where(
        &self,
        condition: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<JournalRow>, JournalError> {
        self.select(true, condition, values)
    }

    /// Reads the rows that meet a condition, with what is to be sent or without it.
    pub(super) fn select(
        &self,
        with_record: bool,
        condition: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<JournalRow>, JournalError> {
        let query = format!("{} WHERE {condition}", selection(with_record));
        let read = || {
            let fields = self.fields.borrow();
            let mut statement = self.connection.prepare_cached(&query)?;
            let rows = statement.query_map(values, |row| journal_row(row, with_record, &fields))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        // Another process may have added fields since they were read here; no number ever changes its field.
        let rows = read().or_else(|error| match self.know_fields() {
            Ok(true) => read(),
            _ => Err(error),
        });
        rows.map_err(|source| self.database_error(source))?
            .into_iter()
            .map(|(row, is_whole)| if is_whole { Ok(row) } else { Err(row.number) })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|number| JournalError::Damaged {
                path: self.path.clone(),
                row: number.row,
            })
    }

    pub(super) fn database_error(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Database {
            path: self.path.clone(),
            source,
        }
    }
}
