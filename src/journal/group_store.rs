//! Groups of customers that are held twice, on disk: a sheet is written from it, and a screen shows a few of its groups,
//! without all members being in memory.

use std::ops::Range;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::JournalError;
use super::database::{meta, open_private};

const TABLES: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE members(
    grp INTEGER NOT NULL,
    created TEXT NOT NULL,
    id TEXT NOT NULL,
    keys INTEGER NOT NULL,
    cells TEXT NOT NULL,
    PRIMARY KEY(grp, created, id)
) WITHOUT ROWID;
";

/// The key of what is noted of all groups.
const FACTS: &str = "facts";

/// A customer of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupMember {
    /// The group, from 1.
    pub group: u64,
    /// When the customer was created; members come in the order of this text, then of their ids.
    pub created: String,
    /// The customer's id.
    pub id: String,
    /// The keys that the customer shares with another member, a bit each.
    pub keys: u64,
    /// The customer's cells, in whatever form the caller reads back.
    pub cells: String,
}

/// Groups of customers. Unlike a scratch database the file stays until somebody deletes it.
#[derive(Debug)]
pub struct GroupStore {
    connection: Connection,
    path: PathBuf,
}

impl GroupStore {
    /// Makes an empty store. An older file at `path` is deleted.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        // A search that was killed may have left the file.
        let _ = std::fs::remove_file(path);
        let store = Self::open(path)?;
        // Nobody reads a store that was not written to its end, so it need not survive a crash.
        store.run(|connection| {
            connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
            connection.execute_batch(TABLES)
        })?;
        Ok(store)
    }

    /// Opens a store that was written.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let connection = open_private(path).map_err(|source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        })?;
        let path = path.to_path_buf();
        Ok(Self { connection, path })
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, JournalError> {
        work(&self.connection).map_err(|source| JournalError::Database {
            path: self.path.clone(),
            source,
        })
    }

    /// Adds members, in any order.
    pub fn add(&mut self, members: &[GroupMember]) -> Result<(), JournalError> {
        self.run(|connection| {
            connection.execute_batch("BEGIN")?;
            let mut insert =
                connection.prepare_cached("INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for member in members {
                let (group, keys) = (member.group as i64, member.keys as i64);
                insert.execute(params![
                    group,
                    member.created,
                    member.id,
                    keys,
                    member.cells
                ])?;
            }
            drop(insert);
            connection.execute_batch("COMMIT")
        })
    }

    /// Gives `take` the members of these groups, group after group, the oldest first.
    pub fn for_each<E: From<JournalError>>(
        &self,
        groups: Range<u64>,
        mut take: impl FnMut(&GroupMember) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failure = None;
        self.run(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT grp, created, id, keys, cells FROM members WHERE grp >= ?1 AND grp < ?2 ORDER BY grp, created, id",
            )?;
            let least = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            let mut rows = statement.query(params![least(groups.start), least(groups.end)])?;
            while let Some(row) = rows.next()? {
                let member = GroupMember {
                    group: row.get::<_, i64>(0)? as u64,
                    created: row.get(1)?,
                    id: row.get(2)?,
                    keys: row.get::<_, i64>(3)? as u64,
                    cells: row.get(4)?,
                };
                if let Err(error) = take(&member) {
                    failure = Some(error);
                    break;
                }
            }
            Ok(())
        })?;
        failure.map_or(Ok(()), Err)
    }

    /// Notes what is known of all groups. It is written last, so a store without it was not written to its end.
    pub fn set_facts(&mut self, facts: &str) -> Result<(), JournalError> {
        self.run(|connection| {
            let set = "INSERT OR REPLACE INTO meta(key, value) VALUES (?1, ?2)";
            connection.execute(set, params![FACTS, facts]).map(|_| ())
        })
    }

    /// Returns what was noted of all groups; `None` if the store was not written to its end.
    pub fn facts(&self) -> Result<Option<String>, JournalError> {
        self.run(|connection| meta(connection, FACTS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_group_after_group_the_oldest_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("groups.db");
        let mut store = GroupStore::create(&path).expect("an empty store");
        let member = |group, created: &str, id: &str| GroupMember {
            group,
            created: created.to_owned(),
            id: id.to_owned(),
            keys: 1,
            cells: "[]".to_owned(),
        };
        let members = [
            member(2, "2024", "1"),
            member(1, "2025", "2"),
            member(1, "2024", "9"),
            member(1, "2024", "3"),
        ];
        store.add(&members).expect("added");
        assert_eq!(store.facts().expect("readable"), None);
        store.set_facts("x").expect("noted");
        drop(store);
        let store = GroupStore::open(&path).expect("the same store");
        assert_eq!(store.facts().expect("readable").as_deref(), Some("x"));
        let ids = |groups| {
            let mut ids = Vec::new();
            let read: Result<(), JournalError> = store.for_each(groups, |member| {
                ids.push(member.id.clone());
                Ok(())
            });
            read.expect("readable");
            ids
        };
        assert_eq!(ids(0..u64::MAX), ["3", "9", "2", "1"]);
        assert_eq!(ids(2..3), ["1"]);
    }
}
