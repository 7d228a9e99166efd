//! The rows of an older export by `_id`, on disk, and the differences that were found: two exports of any size are
//! compared in flat memory.

use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::JournalError;
use super::scratch::Scratch;

const TABLES: &str = "
CREATE TABLE rows(id TEXT PRIMARY KEY, cells TEXT NOT NULL, met INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE changes(number INTEGER PRIMARY KEY, text TEXT NOT NULL);
";

/// How many changes one transaction holds.
const BATCH_ROWS: u32 = 10_000;

/// The rows to compare with. Dropping the value deletes its file.
#[derive(Debug)]
pub struct Baseline {
    rows: Scratch,
    uncommitted: u32,
}

impl Baseline {
    /// Makes an empty baseline. An older file at `path` is deleted.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let rows = Scratch::create(path, TABLES)?;
        rows.run(|connection| connection.execute_batch("BEGIN"))?;
        Ok(Self {
            rows,
            uncommitted: 0,
        })
    }

    fn changed(&mut self) -> Result<(), JournalError> {
        self.uncommitted += 1;
        if self.uncommitted >= BATCH_ROWS {
            self.uncommitted = 0;
            self.rows
                .run(|connection| connection.execute_batch("COMMIT; BEGIN"))?;
        }
        Ok(())
    }

    /// Adds a row. Returns false when the id has one already.
    pub fn insert(&mut self, id: &str, cells: &str) -> Result<bool, JournalError> {
        let added = self.rows.run(|connection| {
            let insert = "INSERT OR IGNORE INTO rows(id, cells) VALUES (?1, ?2)";
            connection
                .prepare_cached(insert)?
                .execute(params![id, cells])
        })?;
        self.changed()?;
        Ok(added > 0)
    }

    /// Returns the cells of the row with this id, and marks the row as met.
    pub fn meet(&mut self, id: &str) -> Result<Option<String>, JournalError> {
        let cells = self.rows.run(|connection| {
            let find = "SELECT cells FROM rows WHERE id = ?1";
            let cells = connection
                .prepare_cached(find)?
                .query_row([id], |row| row.get(0))
                .optional()?;
            if cells.is_some() {
                let meet = "UPDATE rows SET met = 1 WHERE id = ?1";
                connection.prepare_cached(meet)?.execute([id])?;
            }
            Ok(cells)
        })?;
        self.changed()?;
        Ok(cells)
    }

    /// Returns the rows with a greater id than `after` that were not met, at most `limit`: each id with its cells.
    pub fn missed_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(String, String)>, JournalError> {
        self.rows.run(|connection| {
            let query = "SELECT id, cells FROM rows WHERE met = 0 AND id > ?1 ORDER BY id LIMIT ?2";
            let mut statement = connection.prepare_cached(query)?;
            let rows =
                statement.query_map(params![after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
    }

    /// Stores a difference.
    pub fn note(&mut self, text: &str) -> Result<(), JournalError> {
        self.rows.run(|connection| {
            let note = "INSERT INTO changes(text) VALUES (?1)";
            connection.prepare_cached(note)?.execute([text])
        })?;
        self.changed()
    }

    /// Gives `take` the stored differences, in order.
    pub fn for_each_note<E: From<JournalError>>(
        &self,
        mut take: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failure = None;
        self.rows.run(|connection| {
            let mut statement = connection.prepare("SELECT text FROM changes ORDER BY number")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if let Err(error) = take(row.get_ref(0)?.as_str()?) {
                    failure = Some(error);
                    break;
                }
            }
            Ok(())
        })?;
        failure.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_met_is_missed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("baseline.db");
        let mut baseline = Baseline::create(&path).expect("an empty one");
        assert!(baseline.insert("1", "a").expect("added"));
        assert!(baseline.insert("2", "b").expect("added"));
        assert!(!baseline.insert("2", "c").expect("not added"));
        assert_eq!(baseline.meet("2").expect("read"), Some("b".to_owned()));
        assert_eq!(baseline.meet("3").expect("read"), None);
        baseline.note("x").expect("noted");
        let missed = baseline.missed_after("", 10).expect("read");
        assert_eq!(missed, [("1".to_owned(), "a".to_owned())]);
        assert!(baseline.missed_after("1", 10).expect("read").is_empty());
        drop(baseline);
        assert!(!path.exists());
    }
}
