//! Whose a file is: the user's own, or one that somebody else has put there or can change.
//!
//! A `ferry.toml` is found in the working folder or above it, so one can be planted. The invariant: what runs a program
//! is taken only from a file that is the user's own and that nobody else may write (the administrator may anyway).
//! Windows does not say that in a mode: there, what lies in the user's own folder counts.

use std::fs::Metadata;
use std::path::Path;

use crate::model::Saying;

/// Why a file is not the user's own; `None` when it is.
#[cfg(unix)]
pub(super) fn why_not_own(_path: &Path, found: &Metadata, _is_named: bool) -> Option<Saying> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != user && found.uid() != 0 {
        return Some(Saying::BelongsToOther);
    }
    (found.mode() & 0o022 != 0).then_some(Saying::OthersMayWrite)
}

/// Why a file is not the user's own; `None` when it is. One that was named by hand was chosen.
#[cfg(not(unix))]
pub(super) fn why_not_own(path: &Path, _found: &Metadata, is_named: bool) -> Option<Saying> {
    let folders = directories::UserDirs::new();
    let is_own = folders.is_some_and(|folders| path.starts_with(folders.home_dir()));
    (!is_own && !is_named).then_some(Saying::OutsideUsersFolder)
}

/// Whether others may read a file; where the system does not say it in a mode, nobody knows.
#[cfg(unix)]
pub(super) fn others_may_read(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::metadata(path).ok()?;
    Some(found.permissions().mode() & 0o077 != 0)
}

/// Whether others may read a file; where the system does not say it in a mode, nobody knows.
#[cfg(not(unix))]
pub(super) fn others_may_read(_path: &Path) -> Option<bool> {
    None
}
