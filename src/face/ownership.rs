//! The owner of a file: the user, or somebody else who has put the file there or can change it.
//!
//! A `ferry.toml` is found in the working folder or above it, so somebody else can plant one. The invariant: a command
//! that ferry runs is taken only from a file that is the user's own and that nobody else may write, except the
//! administrator. Windows does not say that in a mode. There a file counts as the user's own, and as closed to others, if
//! it lies in the user's folder, whose rights it inherits.

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
    (!is_named && !is_in_users_folder(path)).then_some(Saying::OutsideUsersFolder)
}

/// Returns whether others may read a file; `None` where the system does not say.
#[cfg(unix)]
pub(crate) fn others_may_read(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt;
    let found = std::fs::metadata(path).ok()?;
    Some(found.permissions().mode() & 0o077 != 0)
}

/// Returns whether others may read a file: everybody may, outside the folders of users. `None` where there is none.
#[cfg(not(unix))]
pub(crate) fn others_may_read(path: &Path) -> Option<bool> {
    let found = path.canonicalize().ok()?;
    Some(!is_in_users_folder(&found))
}

#[cfg(not(unix))]
fn is_in_users_folder(path: &Path) -> bool {
    directories::UserDirs::new().is_some_and(|folders| is_inside(path, folders.home_dir()))
}

/// Returns whether a path leads into a folder, whatever the case of its letters and the links on its way.
#[cfg(any(not(unix), test))]
fn is_inside(path: &Path, folder: &Path) -> bool {
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => false,
    }
}

/// Returns how a file is closed to others on this system.
pub(crate) fn how_to_close() -> Saying {
    if cfg!(unix) {
        Saying::HowClosed
    } else {
        Saying::HowClosedInFolder
    }
}

/// Returns how a file is made the user's own on this system.
pub(crate) fn how_to_own() -> Saying {
    if cfg!(unix) {
        Saying::HowOwned
    } else {
        Saying::HowOwnedInFolder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_inside_a_folder_however_its_path_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("Wang")).expect("made");
        std::fs::write(path("Wang/ferry.toml"), "").expect("written");
        std::fs::write(path("Wang.toml"), "").expect("written");
        assert!(is_inside(&path("Wang/ferry.toml"), &path("Wang")));
        assert!(is_inside(&path("Wang/../Wang/ferry.toml"), &path("Wang")));
        assert!(!is_inside(&path("Wang/../Wang.toml"), &path("Wang")));
        assert!(!is_inside(&path("missing"), folder.path()));
        if path("WANG").exists() {
            assert!(is_inside(&path("WANG/FERRY.TOML"), &path("Wang")));
        }
    }
}
