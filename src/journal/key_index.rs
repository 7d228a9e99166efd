//! The stored customers by the values of their keys, on disk, so that an upsert of any size needs no memory for them.

use std::path::Path;

use rusqlite::params;

use super::JournalError;
use super::scratch::Scratch;
use crate::model::CustomerId;

const TABLES: &str = "CREATE TABLE keys(value TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(value, id)) WITHOUT ROWID;";

/// The most customers that a look-up of one value returns.
const MOST_CUSTOMERS: i64 = 20;

/// Customers by key. Dropping the value deletes its file.
#[derive(Debug)]
pub struct KeyIndex(Scratch);

impl KeyIndex {
    /// Makes an empty index. An older file at `path` is deleted.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        Scratch::create(path, TABLES).map(Self)
    }

    /// Adds customers with the values of their keys. Customers that are there already stay there once.
    pub fn add(&mut self, customers: &[(CustomerId, Vec<String>)]) -> Result<(), JournalError> {
        self.0.run(|connection| {
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

    /// Returns the customers that have a value, at most 20, in the order of their ids.
    pub fn find(&self, value: &str) -> Result<Vec<CustomerId>, JournalError> {
        self.0.run(|connection| {
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
