//! Opens ferry's databases: pragmas, tables, version, and the job that each belongs to.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::JournalError;
use super::schema::VERSION;
use crate::model::{Fact, JobId, Phrase, Saying, make_private_file};

/// Opens a database, and makes it where it is missing. SQLite gives its log the same file mode.
pub(super) fn open_private(path: &Path) -> rusqlite::Result<Connection> {
    // SQLite's own error says better why a file cannot be made.
    let _ = make_private_file(path);
    sync_to_disk(Connection::open(path)?)
}

/// Makes a sync reach the disk. On macOS a plain sync ends at the disk's own memory, which a power cut empties;
/// elsewhere these pragmas change nothing.
fn sync_to_disk(connection: Connection) -> rusqlite::Result<Connection> {
    connection.execute_batch("PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1;")?;
    Ok(connection)
}

/// Prepares a fresh or existing database: pragmas, tables, version. Fails when the version is another one.
pub(super) fn set_up(
    connection: &Connection,
    tables: &str,
    path: &Path,
) -> Result<(), JournalError> {
    let failed = |source| JournalError::Database {
        path: path.to_path_buf(),
        source,
    };
    connection
        .busy_timeout(Duration::from_secs(30))
        .map_err(failed)?;
    set_pragmas(connection).map_err(failed)?;
    let version = || connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    match version().map_err(failed)? {
        VERSION => Ok(()),
        0 => {
            let fresh = format!("BEGIN IMMEDIATE;{tables}PRAGMA user_version = {VERSION};COMMIT;");
            match connection.execute_batch(&fresh) {
                Ok(()) => Ok(()),
                // Another process has made the tables meanwhile.
                Err(_) if version().map_err(failed)? == VERSION => {
                    let _ = connection.execute_batch("ROLLBACK");
                    Ok(())
                }
                Err(source) => Err(failed(source)),
            }
        }
        other => Err(JournalError::Foreign {
            path: path.to_path_buf(),
            detail: version_of(other).into(),
        }),
    }
}

/// Turns on the write-ahead log, synced at every commit, so that a reported commit is on disk.
pub(super) fn set_pragmas(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(30))?;
    // Statements are prepared once. Without this, the planner would look at their values and plan them anew each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8000;",
    )
}

/// Gives back the memory of pages that a connection keeps, because it has little to do from now on.
pub(super) fn rest(connection: &Connection) {
    // A failure costs memory only.
    let _ = connection.execute_batch("PRAGMA shrink_memory");
}

pub(super) fn open_existing(path: &Path, flags: OpenFlags) -> Result<Connection, JournalError> {
    let failed = |source| JournalError::Database {
        path: path.to_path_buf(),
        source,
    };
    if !path.is_file() {
        return Err(JournalError::Foreign {
            path: path.to_path_buf(),
            detail: Saying::FileMissing.into(),
        });
    }
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(sync_to_disk)
        .map_err(failed)?;
    connection
        .busy_timeout(Duration::from_secs(30))
        .map_err(failed)?;
    #[cfg(test)]
    let connection = super::moment::told(connection, path);
    Ok(connection)
}

/// Returns whether a journal was never made, or its making was cut short: it has no tables, or names no job.
pub(super) fn is_unmade(path: &Path) -> bool {
    if !path.exists() {
        return true;
    }
    let Ok(connection) = open_existing(path, OpenFlags::SQLITE_OPEN_READ_WRITE) else {
        return false;
    };
    let count = "SELECT count(*) FROM sqlite_master";
    let tables = connection.query_row(count, [], |row| row.get::<_, i64>(0));
    matches!(tables, Ok(0)) || matches!(meta(&connection, "job"), Ok(None))
}

pub(super) fn check_owner(
    connection: &Connection,
    path: &Path,
    id: &JobId,
) -> Result<(), JournalError> {
    let foreign = |detail: Fact| JournalError::Foreign {
        path: path.to_path_buf(),
        detail,
    };
    let version = connection
        .query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
        .map_err(|error| foreign(error.to_string().into()))?;
    if version != VERSION {
        return Err(foreign(version_of(version).into()));
    }
    match meta(connection, "job") {
        Ok(Some(job)) if job == id.as_str() => Ok(()),
        Ok(job) => Err(foreign(
            Phrase::new(Saying::NamesOtherJob)
                .with("job", job.as_deref().unwrap_or("–"))
                .into(),
        )),
        Err(error) => Err(foreign(error.to_string().into())),
    }
}

fn version_of(version: i64) -> Phrase {
    Phrase::new(Saying::OtherVersion).with("version", version.to_string())
}

pub(super) fn meta(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
    statement
        .query_row(params![key], |row| row.get(0))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_reaches_the_disk_of_a_mac() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.db");
        let made = open_private(&path).expect("made");
        made.execute_batch("CREATE TABLE a (b)").expect("written");
        let found = open_existing(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("opened");
        for connection in [made, found] {
            for name in ["fullfsync", "checkpoint_fullfsync"] {
                let value = connection.pragma_query_value(None, name, |row| row.get(0));
                assert_eq!(value, Ok(1), "{name}");
            }
        }
    }
}
