//! Whether a file that is written to is still the file of its name.
//!
//! An open file goes on taking what is written when its folder is deleted, moved or unmounted, and the next run finds
//! none of it: what was added would be added again. So name and file are compared before calls leave.

use std::cell::Cell;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::JournalError;

/// What tells a file from any other that may stand under its name.
#[cfg(unix)]
type FileId = (u64, u64);
#[cfg(not(unix))]
type FileId = std::time::SystemTime;

/// A file as it was opened.
#[derive(Debug)]
pub(super) struct Presence {
    path: PathBuf,
    id: Cell<Option<FileId>>,
}

impl Presence {
    /// Remembers the file of a name, which was just opened.
    pub fn of(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            id: Cell::new(id_of(path)),
        }
    }

    /// The log of a database, which is made by the first write.
    pub fn of_log(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push("-wal");
        Self::of(Path::new(&name))
    }

    /// Fails when the name leads to another file by now, or to none.
    pub fn check(&self) -> Result<(), JournalError> {
        let now = id_of(&self.path);
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

fn id_of(path: &Path) -> Option<FileId> {
    std::fs::metadata(path).ok().and_then(|file| id(&file))
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems may not know when a file was made"
)]
fn id(file: &Metadata) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;
    Some((file.dev(), file.ino()))
}

/// A file that is open cannot be moved here; one that was unmounted is missing.
#[cfg(not(unix))]
fn id(file: &Metadata) -> Option<FileId> {
    file.created().ok()
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
        assert!(presence.check().is_ok());
        let moved = folder.path().join("b.db");
        std::fs::rename(&path, &moved).expect("moved");
        assert!(matches!(presence.check(), Err(JournalError::Gone { .. })));
        std::fs::copy(&moved, &path).expect("copied");
        assert!(presence.check().is_err(), "a copy is another file");
    }

    #[test]
    fn a_log_is_known_from_when_it_is_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("a.db");
        let log = folder.path().join("a.db-wal");
        let presence = Presence::of_log(&database);
        std::fs::write(&log, "one").expect("written");
        assert!(presence.check().is_ok());
        std::fs::remove_file(&log).expect("deleted");
        assert!(presence.check().is_err());
    }
}
