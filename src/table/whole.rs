//! A file appears under its name only when it is whole.
//!
//! A file is written under a temporary name in the folder of its target, flushed to the disk, and renamed. A crash or a
//! full disk leaves the target as it was. Renaming works only within one file system, hence the same folder.
//!
//! A process that is killed leaves its temporary file behind, so every writer first deletes what others have left in
//! the folder. That could delete a file that is still needed:
//!
//! 1. Process A makes a temporary file.
//! 2. Process B finds the file, takes it for left over, and deletes it.
//! 3. A writes on, and its rename fails.
//!
//! So A locks its temporary file; a lock ends with its process. B deletes only a file whose lock it holds itself. B may
//! come between the making and the locking of A's file: A then waits for the lock, finds the file gone, and makes
//! another one. Where the file system has no locks, B deletes only files that nobody has written to for a day.

use std::fs::{File, TryLockError};
use std::io::{self, Seek, Write};
use std::path::Path;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use super::TableError;
use crate::model::persist;

/// The beginning and the end of a temporary file's name.
const PREFIX: &str = ".ferry-";
const SUFFIX: &str = ".tmp";

/// The age from which a temporary file counts as left over, where the file system has no locks.
const LEFT_OVER: Duration = Duration::from_secs(24 * 3600);

/// Writes a file by way of a temporary one; after an error `target` is as it was.
pub(super) fn write_whole(
    target: &Path,
    write: impl FnOnce(&mut File) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let mut temporary = new_temporary(folder_of(target))?;
    write(temporary.as_file_mut())?;
    put_in_place(temporary, target)
}

/// Makes a temporary file and locks it. Once renamed, it has the permissions of any new file.
pub(super) fn new_temporary(folder: &Path) -> Result<NamedTempFile, TableError> {
    sweep(folder);
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    // A file of `tempfile_in` is marked on Windows as a temporary one, which OneDrive and backups leave out.
    let make = |path: &Path| {
        File::options()
            .write(true)
            .read(true)
            .create_new(true)
            .open(path)
    };
    loop {
        let temporary = builder
            .make_in(folder, make)
            .map_err(|source| TableError::writing(folder, source))?;
        // Another process may have deleted the file before it was locked.
        let is_locked = temporary.as_file().lock().is_ok();
        if !is_locked || temporary.path().exists() {
            return Ok(temporary);
        }
    }
}

/// Deletes the temporary files that killed processes have left in a folder.
fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_ours || !is_file {
            continue;
        }
        let Ok(file) = File::options().write(true).open(entry.path()) else {
            continue;
        };
        let is_dead = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => {
                let written = file.metadata().and_then(|metadata| metadata.modified());
                let age = written.ok().and_then(|written| written.elapsed().ok());
                age.is_some_and(|age| age > LEFT_OVER)
            }
        };
        if is_dead {
            // Fails if another process has deleted it first.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Flushes a temporary file that stands in the folder of `target`, and renames it.
pub(super) fn put_in_place(temporary: NamedTempFile, target: &Path) -> Result<(), TableError> {
    let writing = |source: io::Error| TableError::writing(target, source);
    temporary.as_file().sync_all().map_err(writing)?;
    persist(temporary, target).map_err(writing)?;
    sync_folder(folder_of(target)).map_err(writing)
}

/// Returns the folder in which a file stands.
pub(super) fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network file systems cannot sync a folder; the rename stands nevertheless.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the signature of the unix function"
)]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Copies a file from its start and flushes `to`. Errors are about `path`.
pub(super) fn copy(
    from: &mut File,
    mut to: &mut (impl Write + ?Sized),
    path: &Path,
) -> Result<(), TableError> {
    from.rewind()
        .and_then(|()| io::copy(from, &mut to))
        .and_then(|_| to.flush())
        .map_err(|source| TableError::writing(path, source))
}
