//! Whether an open file is still the file of its name.
//!
//! What would go wrong without the check:
//!
//! 1. The folder of an open file is deleted, moved or unmounted. The file goes on taking what is written.
//! 2. The job adds customers and notes them in that file.
//! 3. The next run does not find the notes, and adds the customers again.
//!
//! So the file of the name is compared with the open one before calls leave.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use super::JournalError;
use crate::model::FileIdentity;

/// A file, as it was when it was opened.
#[derive(Debug)]
pub(super) struct Presence {
    path: PathBuf,
    id: Cell<Option<FileIdentity>>,
}

impl Presence {
    /// Remembers a file that was just opened.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            id: Cell::new(FileIdentity::of(path)),
        }
    }

    /// Remembers the write-ahead log of a database. A log that does not exist yet is remembered when the first check
    /// finds it.
    pub fn of_log(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-wal");
        Self::of(Path::new(&name))
    }

    /// Fails when the name leads to no file, or to another one.
    pub fn require_same_file(&self) -> Result<(), JournalError> {
        let now = FileIdentity::of(&self.path);
        if self.id.get().is_none() {
            self.id.set(now);
        }
        if now.is_some() && self.id.get() == now {
            return Ok(());
        }
        Err(JournalError::Gone {
            path: self.path.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_went_away_or_was_replaced_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        std::fs::write(&path, "one").expect("written");
        let presence = Presence::of(&path);
        std::fs::write(&path, "changed in place").expect("written");
        assert!(presence.require_same_file().is_ok());
        let moved = folder.path().join("b.db");
        std::fs::rename(&path, &moved).expect("moved");
        assert!(matches!(
            presence.require_same_file(),
            Err(JournalError::Gone { .. })
        ));
        std::fs::copy(&moved, &path).expect("copied");
        assert!(
            presence.require_same_file().is_err(),
            "a copy is another file"
        );
    }

    #[test]
    fn a_log_is_known_from_when_it_is_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("a.db");
        let log = folder.path().join("a.db-wal");
        let presence = Presence::of_log(&database);
        std::fs::write(&log, "one").expect("written");
        assert!(presence.require_same_file().is_ok());
        std::fs::remove_file(&log).expect("deleted");
        assert!(presence.require_same_file().is_err());
    }
}
