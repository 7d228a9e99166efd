//! A database for one comparison, which is deleted after it. Nothing in it survives a crash, and nothing need.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::JournalError;
use super::database::open_private;

/// A database on disk that lives as long as this value.
#[derive(Debug)]
pub(super) struct Scratch {
    /// `None` only while dropping: the connection is closed before the file is deleted.
    connection: Option<Connection>,
    path: PathBuf,
}

impl Scratch {
    /// Makes an empty database with these tables. An older file at `path` is deleted.
    pub fn create(path: &Path, tables: &str) -> Result<Self, JournalError> {
        let failed = |source| JournalError::Database {
            path: path.to_path_buf(),
            source,
        };
        // A run that was killed may have left the file.
        let _ = std::fs::remove_file(path);
        let connection = open_private(path).map_err(failed)?;
        connection
            .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            .and_then(|()| connection.execute_batch(tables))
            .map_err(failed)?;
        Ok(Self {
            connection: Some(connection),
            path: path.to_path_buf(),
        })
    }

    /// Runs `work` on the connection.
    pub fn run<T>(
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
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.connection.take());
        // A file that cannot be deleted does no harm.
        let _ = std::fs::remove_file(&self.path);
    }
}
