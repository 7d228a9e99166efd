//! The pages that a list brought, on disk. A stopped export goes on where it was, and a customer is found by its `_id`
//! without holding all customers in memory.
//!
//! ```text
//! pages   a page as it was received: its customers as JSON lines, compressed
//! seen    where the latest copy of each customer stands, in which passes it was seen, and how old it is
//! ```
//!
//! A page and what it says about its customers are one transaction, so a page is there with all that follows from
//! it, or not at all. SQLite keeps no checksums. The compressed lines carry one of zlib. The noted numbers of a page,
//! which decide about columns and completeness, carry one of ferry's.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};

use super::JournalError;
use super::checksum::checksum;
use super::database::{meta, open_private};
use crate::model::{CustomerId, Saying};

/// The version of the tables, in `PRAGMA user_version`.
const VERSION: i64 = 2;

const TABLES: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pages(
    id INTEGER PRIMARY KEY,
    pass INTEGER NOT NULL,
    page INTEGER NOT NULL,
    count INTEGER NOT NULL,
    customers INTEGER NOT NULL,
    repeats INTEGER NOT NULL,
    is_short INTEGER NOT NULL,
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    checksum INTEGER NOT NULL,
    UNIQUE(pass, page)
);
CREATE TABLE seen(
    id TEXT PRIMARY KEY,
    page INTEGER NOT NULL,
    line INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    age INTEGER NOT NULL,
    month TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
";

/// The page number under which customers stand that were read one by one.
pub const SINGLE_PAGE: u32 = 0;

/// Whether a customer was there when the list began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    /// The customer was created before the list began.
    Before = 0,
    /// The clocks do not tell whether the customer was created before or since.
    Unsure = 1,
    /// The customer was created since.
    Since = 2,
}

/// A page as it was received.
#[derive(Debug, Clone)]
pub struct SpoolPage {
    /// The pass over the list, from 1.
    pub pass: u32,
    /// The page, from 1; [`SINGLE_PAGE`] for customers that were read one by one.
    pub page: u32,
    /// How many customers there are, as the server counted them with this page.
    pub count: u64,
    /// Whether the page held fewer customers than it should.
    pub is_short: bool,
    /// What the caller wants to know about the page without reading it again.
    pub digest: String,
    /// The customers in the server's order.
    pub customers: Vec<SpoolCustomer>,
}

/// A customer of a page.
#[derive(Debug, Clone)]
pub struct SpoolCustomer {
    /// The customer's id.
    pub id: CustomerId,
    /// Whether the customer was there when the list began.
    pub age: Age,
    /// The month in which the customer was created, `yyyy-MM`; empty when it is not known.
    pub month: String,
    /// The whole customer as JSON, on one line.
    pub line: String,
}

/// A page with its lines compressed. The thread that received the page compresses it.
#[derive(Debug, Clone)]
pub struct PackedPage {
    /// The page, its customers without their lines.
    page: SpoolPage,
    body: Vec<u8>,
}

impl SpoolPage {
    /// Compresses the lines of the page.
    pub fn pack(mut self) -> std::io::Result<PackedPage> {
        let body = deflate(&self.customers)?;
        for customer in &mut self.customers {
            customer.line = String::new();
        }
        Ok(PackedPage { page: self, body })
    }
}

/// The pages of one pass, or of all passes, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PassCounts {
    /// Pages that were received.
    pub pages: u64,
    /// Customers on these pages.
    pub customers: u64,
    /// Customers that the same pass had brought before.
    pub repeats: u64,
    /// Pages that held fewer customers than they should.
    pub short_pages: u64,
    /// The lowest count of customers that the server gave.
    pub least: u64,
    /// The highest count of customers that the server gave.
    pub most: u64,
}

/// The customers that were seen, counted by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeenCounts {
    /// Customers created before the list began, including those that are gone.
    pub before: u64,
    /// Customers whose age the clocks do not tell, including those that are gone.
    pub unsure: u64,
    /// Customers created since, including those that are gone.
    pub since: u64,
    /// Customers of any age that are gone.
    pub gone: u64,
    /// Customers created since that are gone.
    pub since_gone: u64,
}

impl SeenCounts {
    /// Counts the customers that are still there.
    pub fn living(&self) -> u64 {
        self.before + self.unsure + self.since - self.gone
    }
}

/// A count of all customers that were seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Census {
    /// The customers by age.
    pub counts: SeenCounts,
    /// The customers that are still there, by the month of their creation (`yyyy-MM`), in order.
    pub months: Vec<(String, u64)>,
}

/// A page as it is read back, with the numbers of the lines that count; `None` where all count.
#[derive(Debug, Clone)]
pub struct StoredPage {
    body: Vec<u8>,
    lines: Option<BTreeSet<u32>>,
}

impl StoredPage {
    /// Returns all lines of the page, also those that do not count. Fails when the page is damaged.
    pub fn text(&self) -> Result<String, std::io::Error> {
        inflate(&self.body)
    }

    /// Returns those lines of the page's `text` that are the latest copy of a customer who is still there.
    pub fn lines<'t>(&'t self, text: &'t str) -> impl Iterator<Item = &'t str> {
        let lines = text.lines().zip(0..);
        let counts = |line: u32| {
            let living = self.lines.as_ref();
            living.is_none_or(|lines| lines.contains(&line))
        };
        lines
            .filter(move |(_, number)| counts(*number))
            .map(|(line, _)| line)
    }
}

/// The pages of one list on disk.
#[derive(Debug)]
pub struct Spool {
    connection: Connection,
    path: PathBuf,
    /// The pages that were read last, for look-ups: customers of a sheet mostly stand together in the list too.
    recent: Vec<(i64, Vec<String>)>,
    /// The last census, until the spool changes.
    census: OnceCell<Census>,
}

/// How many pages are kept for look-ups.
const RECENT_PAGES: usize = 8;

impl Spool {
    /// Opens a spool, and makes it where it is missing.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        };
        let connection = open_private(path).map_err(failed)?;
        let set_up = || {
            connection.busy_timeout(std::time::Duration::from_secs(30))?;
            connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
            connection
                .execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 500; PRAGMA cache_size = -1000;")?;
            let version = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            if version == 0 {
                connection.execute_batch(&format!(
                    "BEGIN IMMEDIATE;{TABLES}PRAGMA user_version = {VERSION};COMMIT;"
                ))?;
                return Ok(VERSION);
            }
            Ok::<i64, rusqlite::Error>(version)
        };
        match set_up().map_err(failed)? {
            VERSION => Ok(Self {
                connection,
                path: path.to_path_buf(),
                recent: Vec::new(),
                census: OnceCell::new(),
            }),
            _ => Err(JournalError::Foreign {
                path: path.to_path_buf(),
                detail: Saying::OtherJobOrVersion.into(),
            }),
        }
    }

    fn database_error(&self, source: rusqlite::Error) -> JournalError {
        JournalError::Database {
            path: self.path.clone(),
            source,
        }
    }

    /// Makes the error of a spool that holds what ferry does not write.
    pub fn damaged(&self, source: std::io::Error) -> JournalError {
        JournalError::File {
            path: self.path.clone(),
            source,
        }
    }

    /// Returns a fact about the spool as a whole.
    pub fn meta(&self, key: &str) -> Result<Option<String>, JournalError> {
        meta(&self.connection, key).map_err(|source| self.database_error(source))
    }

    /// Returns a number among the facts about the spool as a whole. Anything else in its place is an error.
    pub fn number(&self, key: &'static str) -> Result<Option<u64>, JournalError> {
        let read = |text: String| text.parse().map_err(|_| self.unknown_word(key, &text));
        self.meta(key)?.map(read).transpose()
    }

    /// Makes the error of a fact that has a value which ferry never writes.
    pub fn unknown_word(&self, what: &'static str, value: &str) -> JournalError {
        JournalError::UnknownWord {
            path: self.path.clone(),
            what,
            value: value.to_owned(),
        }
    }

    /// Sets a fact about the spool as a whole.
    pub fn set_meta(&mut self, key: &str, value: &str) -> Result<(), JournalError> {
        let set = "INSERT OR REPLACE INTO meta(key, value) VALUES (?1, ?2)";
        let set = self.connection.execute(set, params![key, value]);
        set.map(|_| ())
            .map_err(|source| self.database_error(source))
    }

    /// Forgets every page.
    pub fn clear(&mut self) -> Result<(), JournalError> {
        self.census.take();
        let cleared = self
            .connection
            .execute_batch("BEGIN; DELETE FROM pages; DELETE FROM seen; COMMIT;");
        cleared.map_err(|source| self.database_error(source))
    }

    /// Stores pages, all of them or none. A page that is stored already is left as it is.
    pub fn add(&mut self, pages: &[PackedPage]) -> Result<(), JournalError> {
        self.census.take();
        let add = || {
            let transaction = self.connection.unchecked_transaction()?;
            for page in pages {
                add_page(&self.connection, page)?;
            }
            transaction.commit()
        };
        add().map_err(|source| self.database_error(source))
    }

    /// Returns the numbers of the stored pages of a pass.
    pub fn pages(&self, pass: u32) -> Result<BTreeSet<u32>, JournalError> {
        let read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT page FROM pages WHERE pass = ?1 AND page > 0")?;
            let pages = statement.query_map([pass], |row| row.get(0))?;
            pages.collect::<rusqlite::Result<_>>()
        };
        read().map_err(|source| self.database_error(source))
    }

    /// Counts the pages of a pass; those of all passes for `None`.
    pub fn counts(&self, pass: Option<u32>) -> Result<PassCounts, JournalError> {
        let read = || {
            self.connection.query_row(
                "SELECT count(*), coalesce(sum(customers), 0), coalesce(sum(repeats), 0), coalesce(sum(is_short), 0),
                        coalesce(min(count), 0), coalesce(max(count), 0)
                 FROM pages WHERE page > 0 AND (?1 IS NULL OR pass = ?1)",
                [pass],
                |row| {
                    Ok(PassCounts {
                        pages: unsigned(row.get(0)?),
                        customers: unsigned(row.get(1)?),
                        repeats: unsigned(row.get(2)?),
                        short_pages: unsigned(row.get(3)?),
                        least: unsigned(row.get(4)?),
                        most: unsigned(row.get(5)?),
                    })
                },
            )
        };
        read().map_err(|source| self.database_error(source))
    }

    /// Returns the server's count of customers with the page of a pass that was stored last; 0 without a page.
    pub fn last_count(&self, pass: u32) -> Result<u64, JournalError> {
        let count = "SELECT count FROM pages WHERE pass = ?1 AND page > 0 ORDER BY id DESC LIMIT 1";
        let count = self.connection.query_row(count, [pass], |row| row.get(0));
        let count = count
            .optional()
            .map_err(|source| self.database_error(source))?;
        Ok(count.map_or(0, unsigned))
    }

    /// Counts all customers that were seen, in one go. SQL does not count them: its `GROUP BY` would sort them in
    /// memory.
    pub fn census(&self) -> Result<Census, JournalError> {
        if let Some(census) = self.census.get() {
            return Ok(census.clone());
        }
        let (mut counts, mut months) = (SeenCounts::default(), BTreeMap::<String, u64>::new());
        let mut read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT age, gone, month FROM seen")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let gone = u64::from(row.get::<_, bool>(1)?);
                match row.get::<_, i64>(0)? {
                    0 => counts.before += 1,
                    1 => counts.unsure += 1,
                    _ => {
                        counts.since += 1;
                        counts.since_gone += gone;
                    }
                }
                counts.gone += gone;
                let month = row.get_ref(2)?.as_str()?;
                if gone == 0 {
                    match months.get_mut(month) {
                        Some(count) => *count += 1,
                        None => drop(months.insert(month.to_owned(), 1)),
                    }
                }
            }
            Ok(())
        };
        read().map_err(|source| self.database_error(source))?;
        let census = Census {
            counts,
            months: months.into_iter().collect(),
        };
        Ok(self.census.get_or_init(|| census).clone())
    }

    /// Counts the customers that were seen by age.
    pub fn seen(&self) -> Result<SeenCounts, JournalError> {
        Ok(self.census()?.counts)
    }

    /// Counts the customers that only this pass has brought and that were not created since the list began.
    pub fn only_in(&self, pass: u32) -> Result<u64, JournalError> {
        let count = "SELECT count(*) FROM seen WHERE passes = ?1 AND age < 2 AND gone = 0";
        let count = self
            .connection
            .query_row(count, [1_i64 << (pass - 1)], |row| row.get(0));
        count
            .map(unsigned)
            .map_err(|source| self.database_error(source))
    }

    /// Counts the customers that earlier passes have brought and this one has not.
    pub fn missing_in(&self, pass: u32) -> Result<u64, JournalError> {
        let count = "SELECT count(*) FROM seen WHERE passes & ?1 = 0 AND gone = 0";
        let count = self
            .connection
            .query_row(count, [1_i64 << (pass - 1)], |row| row.get(0));
        count
            .map(unsigned)
            .map_err(|source| self.database_error(source))
    }

    /// Returns at most `limit` customers that earlier passes have brought and this one has not.
    pub fn missing_ids(&self, pass: u32, limit: u64) -> Result<Vec<CustomerId>, JournalError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT id FROM seen WHERE passes & ?1 = 0 AND gone = 0 LIMIT ?2",
            )?;
            let ids = statement.query_map(params![1_i64 << (pass - 1), limit as i64], |row| {
                row.get::<_, String>(0)
            })?;
            ids.collect::<rusqlite::Result<Vec<String>>>()
        };
        let ids = read().map_err(|source| self.database_error(source))?;
        Ok(ids
            .into_iter()
            .filter_map(|id| CustomerId::parse(&id).ok())
            .collect())
    }

    /// Notes that a customer is gone.
    pub fn mark_gone(&mut self, id: &CustomerId) -> Result<(), JournalError> {
        self.census.take();
        let mark = "UPDATE seen SET gone = 1 WHERE id = ?1";
        let mark = self.connection.execute(mark, [id.as_str()]);
        mark.map(|_| ())
            .map_err(|source| self.database_error(source))
    }

    /// Gives `take` the digest of each page, also of pages without a line that counts. Fails when what is noted of a
    /// page is damaged.
    pub fn digests(&self, mut take: impl FnMut(&str)) -> Result<(), JournalError> {
        let mut read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT id, pass, page, count, customers, repeats, is_short, digest, checksum FROM pages",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let noted: Vec<_> = (0..8)
                    .map(|column| row.get_ref(column))
                    .collect::<rusqlite::Result<_>>()?;
                if checksum(noted) != row.get::<_, i64>(8)? {
                    return Ok(Some(row.get::<_, i64>(2)?));
                }
                take(row.get_ref(7)?.as_str()?);
            }
            Ok(None)
        };
        match read().map_err(|source| self.database_error(source))? {
            None => Ok(()),
            Some(page) => {
                let detail = format!("what was noted of page {page} is not what was written");
                Err(self.damaged(std::io::Error::new(std::io::ErrorKind::InvalidData, detail)))
            }
        }
    }

    /// Makes a reader of the pages, in the order of the passes and then of the server. `living` is the number of
    /// customers that are still there.
    pub fn reader(&self, living: u64) -> Result<SpoolReader<'_>, JournalError> {
        let prepare = || {
            let customers = self.connection.query_row(
                "SELECT coalesce(sum(customers), 0) FROM pages",
                [],
                |row| row.get(0),
            )?;
            // Then every line is the latest copy, and no page need be asked which of its lines count.
            let is_plain = unsigned(customers) == living;
            if !is_plain {
                self.connection
                    .execute_batch("CREATE INDEX IF NOT EXISTS seen_by_page ON seen(page)")?;
            }
            Ok(is_plain)
        };
        Ok(SpoolReader {
            is_plain: prepare().map_err(|source| self.database_error(source))?,
            spool: self,
            after: (0, -1),
        })
    }

    /// Returns the latest copy of a customer as JSON.
    pub fn find(&mut self, id: &CustomerId) -> Result<Option<String>, JournalError> {
        let place = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT page, line FROM seen WHERE id = ?1 AND gone = 0")?;
            statement
                .query_row([id.as_str()], |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()
        };
        let Some((page, line)) = place().map_err(|source| self.database_error(source))? else {
            return Ok(None);
        };
        if !self.recent.iter().any(|(known, _)| *known == page) {
            let body: Vec<u8> = self
                .connection
                .prepare_cached("SELECT body FROM pages WHERE id = ?1")
                .and_then(|mut statement| statement.query_row([page], |row| row.get(0)))
                .map_err(|source| self.database_error(source))?;
            let text = inflate(&body).map_err(|source| self.damaged(source))?;
            self.recent.truncate(RECENT_PAGES - 1);
            let lines = text.lines().map(str::to_owned).collect();
            self.recent.insert(0, (page, lines));
        }
        let lines = self.recent.iter().find(|(known, _)| *known == page);
        let line = lines.and_then(|(_, lines)| lines.get(line as usize));
        Ok(line.cloned())
    }
}

/// Reads the pages of a spool in order.
pub struct SpoolReader<'a> {
    spool: &'a Spool,
    is_plain: bool,
    /// Pass and page of the last page that was read.
    after: (i64, i64),
}

impl SpoolReader<'_> {
    /// Returns the next pages, at most so many; none at the end.
    pub fn read(&mut self, pages: usize) -> Result<Vec<StoredPage>, JournalError> {
        let mut read = || {
            let mut statement = self.spool.connection.prepare_cached(
                "SELECT id, pass, page, body FROM pages WHERE (pass, page) > (?1, ?2) ORDER BY pass, page LIMIT ?3",
            )?;
            let mut rows = statement.query(params![self.after.0, self.after.1, pages as i64])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                self.after = (row.get(1)?, row.get(2)?);
                let lines = if self.is_plain {
                    None
                } else {
                    Some(living_lines(&self.spool.connection, row.get(0)?)?)
                };
                found.push(StoredPage {
                    body: row.get(3)?,
                    lines,
                });
            }
            Ok(found)
        };
        read().map_err(|source| self.spool.database_error(source))
    }

    /// Makes the error of a page that cannot be read.
    pub fn damaged(&self, source: std::io::Error) -> JournalError {
        self.spool.damaged(source)
    }
}

fn living_lines(connection: &Connection, page: i64) -> rusqlite::Result<BTreeSet<u32>> {
    let mut statement =
        connection.prepare_cached("SELECT line FROM seen WHERE page = ?1 AND gone = 0")?;
    let lines = statement.query_map([page], |row| row.get(0))?;
    lines.collect()
}

fn add_page(
    connection: &Connection,
    PackedPage { page, body }: &PackedPage,
) -> rusqlite::Result<()> {
    let mut is_there =
        connection.prepare_cached("SELECT 1 FROM pages WHERE pass = ?1 AND page = ?2")?;
    if page.page != SINGLE_PAGE && is_there.exists(params![page.pass, page.page])? {
        return Ok(());
    }
    let mut next = connection.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM pages")?;
    let id: i64 = next.query_row([], |row| row.get(0))?;
    // Customers that were read one by one have pages of their own, numbered downwards.
    let number = if page.page == SINGLE_PAGE {
        let mut least = connection.prepare_cached(
            "SELECT min(0, coalesce(min(page), 0) - 1) FROM pages WHERE pass = ?1",
        )?;
        least.query_row([page.pass], |row| row.get::<_, i64>(0))?
    } else {
        i64::from(page.page)
    };
    let bit = 1_i64 << (page.pass - 1);
    let mut repeats = 0;
    let mut passes = connection.prepare_cached("SELECT passes FROM seen WHERE id = ?1")?;
    let mut see = connection.prepare_cached(
        "INSERT INTO seen(id, page, line, passes, age, month) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT(id) DO UPDATE SET page = ?2, line = ?3, passes = passes | ?4, age = min(age, ?5), gone = 0",
    )?;
    for (customer, line) in page.customers.iter().zip(0_i64..) {
        let id_text = customer.id.as_str();
        let before: Option<i64> = passes.query_row([id_text], |row| row.get(0)).optional()?;
        repeats += i64::from(before.is_some_and(|before| before & bit != 0));
        see.execute(params![
            id_text,
            id,
            line,
            bit,
            customer.age as i64,
            customer.month
        ])?;
    }
    let mut insert = connection.prepare_cached(
        "INSERT INTO pages(id, pass, page, count, customers, repeats, is_short, digest, body, checksum)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let numbers = [
        id,
        i64::from(page.pass),
        number,
        page.count as i64,
        page.customers.len() as i64,
        repeats,
        i64::from(page.is_short),
    ];
    let noted = numbers.into_iter().map(ValueRef::Integer);
    let sum = checksum(noted.chain([ValueRef::Text(page.digest.as_bytes())]));
    let [id, pass, number, count, customers, repeats, is_short] = numbers;
    insert.execute(params![
        id,
        pass,
        number,
        count,
        customers,
        repeats,
        is_short,
        page.digest,
        body,
        sum
    ])?;
    Ok(())
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

fn deflate(customers: &[SpoolCustomer]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    for customer in customers {
        encoder.write_all(customer.line.as_bytes())?;
        encoder.write_all(b"\n")?;
    }
    encoder.finish()
}

fn inflate(body: &[u8]) -> std::io::Result<String> {
    let mut text = String::new();
    ZlibDecoder::new(body).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests;
