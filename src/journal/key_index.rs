//! The stored customers by the values of their keys, on disk: an upsert of any size needs no memory for them.
//!
//! It is made for one plan and deleted after it, so nothing here survives a crash, and nothing need.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::JournalError;
use crate::model::CustomerId;

const TABLES: &str = "CREATE TABLE keys(value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(value, id)) WITHOUT ROWID;";

/// More customers of one value than so many are not named.
const MOST_CUSTOMERS: i64 = 20;

/// Customers by key. The file is deleted when this is dropped.
#[derive(Debug)]
pub struct KeyIndex {
    /// Closed before the file is deleted.
    connection: Option<Connection>,
    path: PathBuf,
}

impl KeyIndex {
    /// Makes an empty one; whatever is there goes.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        };
        // It may be left over from a run that was killed.
        let _ = std::fs::remove_file(path);
        let connection = Connection::open(path).map_err(failed)?;
        connection
            .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            .and_then(|()| connection.execute_batch(TABLES))
            .map_err(failed)?;
        Ok(Self {
            connection: Some(connection),
            path: path.to_path_buf(),
        })
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        let failed = |source| JournalError::Database {
            path: self.path.clone(),
            source,
        };
        match &self.connection {
            Some(connection) => work(connection).map_err(failed),
            None => Err(failed(rusqlite::Error::InvalidQuery)),
        }
    }

    /// Adds customers with the values of their keys.
    pub fn add(&mut self, customers: &[(CustomerId, Vec<String>)]) -> Result<(), JournalError> {
        self.run(|connection| {
            connection.execute_batch("BEGIN")?;
            let mut insert = connection
                .prepare_cached("INSERT OR IGNORE INTO keys(value, id) VALUES (?1, ?2)")?;
            for (id, values) in customers {
                for value in values {
                    insert.execute(params![value, id.as_str()])?;
                }
            }
            drop(insert);
            connection.execute_batch("COMMIT")
        })
    }

    /// The customers that have a value, at most 20.
    pub fn find(&self, value: &str) -> Result<Vec<CustomerId>, JournalError> {
        self.run(|connection| {
            let query = "SELECT id FROM keys WHERE value = ?1 ORDER BY id LIMIT ?2";
            let mut statement = connection.prepare_cached(query)?;
            let ids = statement.query_map(params![value, MOST_CUSTOMERS], |row| row.get(0))?;
            let ids = ids.collect::<rusqlite::Result<Vec<String>>>()?;
            Ok(ids
                .iter()
                .filter_map(|id| CustomerId::parse(id).ok())
                .collect())
        })
    }
}

impl Drop for KeyIndex {
    fn drop(&mut self) {
        drop(self.connection.take());
        // It is of no use any more.
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_customer_of_a_value_is_found_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.db");
        let mut index = KeyIndex::create(&path).unwrap();
        let id = |text: &str| CustomerId::parse(text).unwrap();
        let customers = [
            (
                id("685775343058800641"),
                vec!["a".to_owned(), "b".to_owned()],
            ),
            (id("685775343058800640"), vec!["a".to_owned()]),
        ];
        index.add(&customers).unwrap();
        index.add(&customers).unwrap();
        let found = index.find("a").unwrap();
        assert_eq!(found, [id("685775343058800640"), id("685775343058800641")]);
        assert_eq!(index.find("b").unwrap(), [id("685775343058800641")]);
        assert!(index.find("c").unwrap().is_empty());
        drop(index);
        assert!(!path.exists());
    }
}
