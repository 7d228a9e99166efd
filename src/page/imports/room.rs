//! The free space of the disk on which uploads are kept.

use std::path::Path;

/// An upload is kept once, and its job makes a copy.
const COPIES: u64 = 2;

/// What stays free whatever is uploaded, in bytes: journals and sheets need some.
pub(in crate::page) const MARGIN: u64 = 64 << 20;

/// Returns how many bytes are free for the user; `None` where the system is not asked.
#[cfg(unix)]
pub(in crate::page) fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Returns how many bytes are free for the user; `None` where the system is not asked.
#[cfg(not(unix))]
pub(in crate::page) fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// Returns how many bytes are free if a file of this size does not fit.
pub(super) fn too_little(folder: &Path, size: u64) -> Option<u64> {
    let needed = size.saturating_mul(COPIES).saturating_add(MARGIN);
    free_bytes(folder).filter(|free| *free < needed)
}
