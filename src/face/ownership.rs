//! The owner of a file: the user, or somebody else who has put the file there or can change it.
//!
//! A `ferry.toml` is found in the working folder or above it, so somebody else can plant one. The invariant: a command
//! that ferry runs is taken only from a file that is the user's own and that nobody else may write, except the
//! administrator. Windows does not say that in a mode. There a file counts as the user's own if it lies in the user's
//! folder.

use std::fs::Metadata;
use std::path::Path;

use crate::model::Saying;

/// Returns why a file is not the user's own; `None` when it is.
#[cfg(unix)]
pub(crate) fn why_not_own(_path: &Path, found: &Metadata, _is_named: bool) -> Option<Saying> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != user && found.uid() != 0 {
        return Some(Saying::BelongsToOther);
    }
    (found.mode() & 0o022 != 0).then_some(Saying::OthersMayWrite)
}

/// Returns why a file is not the user's own; `None` when it is. A file that the user has named counts as chosen.
#[cfg(not(unix))]
pub(crate) fn why_not_own(path: &Path, _found: &Metadata, is_named: bool) -> Option<Saying> {
    let folders = directories::UserDirs::new();
    let is_own = folders.is_some_and(|folders| path.starts_with(folders.home_dir()));
    (!is_own && !is_named).then_some(Saying::OutsideUsersFolder)
}

/// Returns whether others may read a file; `None` where the system does not say.
#[cfg(unix)]
pub(crate) fn others_may_read(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::metadata(path).ok()?;
    Some(found.permissions().mode() & 0o077 != 0)
}

/// Returns whether others may read a file; `None` where the system does not say.
#[cfg(not(unix))]
pub(crate) fn others_may_read(_path: &Path) -> Option<bool> {
    None
}
