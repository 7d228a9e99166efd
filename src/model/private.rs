//! Files and folders that nobody but the user may open.
//!
//! The state folder holds customers. The invariant: a file or folder that ferry makes there is private from its first
//! moment, whatever the umask says. A file that an older version or another program left open there is closed by
//! [`mend_private`]. On Windows the folders of a user are private by inheritance, and there is nothing to do.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Returns options that make a new file with mode 0600.
pub fn private_options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are no modes to set"))]
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a private file if there is none, for a library that will open the file by its name alone.
pub fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = private_options();
    options.write(true).create(true).truncate(false);
    options.open(path).map(drop)
}

/// Writes a private file, replacing one that is there.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = private_options();
    options.write(true).create(true).truncate(true);
    options.open(path)?.write_all(bytes)
}

/// Makes a folder of mode 0700, and the missing folders above it.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    private_builder().recursive(true).create(path)
}

/// Makes one folder of mode 0700. Fails where it already exists.
pub fn make_new_private_folder(path: &Path) -> io::Result<()> {
    private_builder().create(path)
}

fn private_builder() -> DirBuilder {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are no modes to set"))]
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Takes from a folder and everything below it the rights that others have. Files that belong to another user stay as
/// they are, and links are not followed.
pub fn mend_private(path: &Path) {
    let Ok(found) = fs::symlink_metadata(path) else {
        return;
    };
    close_to_others(path, &found);
    if found.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| mend_private(&entry.path()));
    }
}

/// Takes the rights of others from this file or folder alone. A folder with the sticky bit, such as `/tmp`, is left.
#[cfg(unix)]
pub fn close_to_others(path: &Path, found: &fs::Metadata) {
    use std::os::unix::fs::PermissionsExt;
    let mode = found.permissions().mode();
    let is_shared_folder = mode & 0o1000 != 0;
    let is_ours = found.is_file() || (found.is_dir() && !is_shared_folder);
    if is_ours && mode & 0o077 != 0 {
        let closed = PermissionsExt::from_mode(mode & 0o700);
        // Fails where the file belongs to another user, and then it stays as it is.
        let _ = fs::set_permissions(path, closed);
    }
}

/// Does nothing: on Windows rights are inherited from the user's folder.
#[cfg(not(unix))]
pub fn close_to_others(_path: &Path, _found: &fs::Metadata) {}
