//! A file appears under its name only when it is whole.
//!
//! It is written beside its place under a temporary name, flushed to the disk, and renamed; a crash or a
//! full disk leaves whatever was there before. Renaming works only within one file system, hence
//! "beside".

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

use super::TableError;

/// What the names of temporary files begin and end with.
const PREFIX: &str = ".ferry-";
const SUFFIX: &str = ".tmp";

/// After so long nobody writes to a temporary file any more.
const LEFT_OVER: Duration = Duration::from_secs(24 * 3600);

/// Writes a file by way of a temporary one.
pub(super) fn write_whole(
    target: &Path,
    write: impl FnOnce(&mut File) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let mut temporary = new_temporary(folder_of(target))?;
    write(temporary.as_file_mut())?;
    put_in_place(temporary, target)
}

/// A temporary file that, once in place, has the rights of any new file.
pub(super) fn new_temporary(folder: &Path) -> Result<NamedTempFile, TableError> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
        .tempfile_in(folder)
        .map_err(|source| TableError::writing(folder, source))
}

/// Deletes what killed processes have left of temporary files in a folder, a day after they were written to last.
pub fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        let written = entry.metadata().and_then(|metadata| metadata.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok());
        if is_ours && age.is_some_and(|age| age > LEFT_OVER) {
            // Somebody else may be faster, or be the only one who may.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Flushes a temporary file that stands beside its place, and renames it.
pub(super) fn put_in_place(temporary: NamedTempFile, target: &Path) -> Result<(), TableError> {
    let writing = |source: io::Error| TableError::writing(target, source);
    temporary.as_file().sync_all().map_err(writing)?;
    temporary
        .persist(target)
        .map_err(|error| writing(error.error))?;
    sync_folder(folder_of(target)).map_err(writing)
}

/// The folder in which a file stands.
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
