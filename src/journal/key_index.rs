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

    /// Gives `take` each value that several customers have, with all of them: once for each customer, the customers of a
    /// value one after the other.
    pub fn for_each_shared<E: From<JournalError>>(
        &self,
        mut take: impl FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failure = None;
        self.0.run(|connection| {
            // The table is in this order, so nothing is sorted.
            let mut statement =
                connection.prepare("SELECT value, id FROM keys ORDER BY value, id")?;
            let mut rows = statement.query([])?;
            let mut first: Option<(String, String)> = None;
            let mut is_shared = false;
            while let Some(row) = rows.next()? {
                let (value, id) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
                let taken = match &first {
                    Some((known, its)) if known == value => {
                        let opened = if is_shared { Ok(()) } else { take(known, its) };
                        is_shared = true;
                        opened.and_then(|()| take(value, id))
                    }
                    _ => {
                        first = Some((value.to_owned(), id.to_owned()));
                        is_shared = false;
                        Ok(())
                    }
                };
                if let Err(error) = taken {
                    failure = Some(error);
                    break;
                }
            }
            Ok(())
        })?;
        failure.map_or(Ok(()), Err)
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
        let mut shared = Vec::new();
        let read: Result<(), JournalError> = index.for_each_shared(|value, id| {
            shared.push(format!("{value} {id}"));
            Ok(())
        });
        read.unwrap();
        assert_eq!(shared, ["a 685775343058800640", "a 685775343058800641"]);
        drop(index);
        assert!(!path.exists());
    }
}
