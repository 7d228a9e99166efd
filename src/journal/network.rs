//! Whether a folder lies on another computer. SQLite's write-ahead log needs memory that processes share, and locks
//! that hold; network drives promise neither.

use std::path::Path;

/// The numbers of file systems of other computers in Linux (`statfs(2)`): NFS, three generations of SMB, AFS, Coda, 9P,
/// Ceph.
#[cfg(target_os = "linux")]
const NETWORK: &[u64] = &[
    0x6969,
    0x517B,
    0xFF53_4D42,
    0xFE53_4D42,
    0x5346_414F,
    0x7375_7245,
    0x0102_1997,
    0x00C3_6400,
];

/// Returns whether an existing folder lies on a network drive, as far as the system tells.
#[cfg(target_os = "linux")]
pub(super) fn is_network(folder: &Path) -> bool {
    let found = rustix::fs::statfs(folder);
    found.is_ok_and(|found| NETWORK.contains(&(found.f_type as u64 & 0xFFFF_FFFF)))
}

/// Returns whether an existing folder lies on a network drive, as far as the system tells.
#[cfg(target_os = "macos")]
pub(super) fn is_network(folder: &Path) -> bool {
    /// `MNT_LOCAL` of `sys/mount.h`.
    const LOCAL: u32 = 0x1000;
    rustix::fs::statfs(folder).is_ok_and(|found| found.f_flags & LOCAL == 0)
}

/// Returns whether an existing folder lies on a network drive. Its final path names the computer, whatever the letter
/// that the drive is mapped to.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn is_network(folder: &Path) -> bool {
    let path = folder.canonicalize();
    names_a_share(path.as_deref().unwrap_or(folder))
}

/// Returns whether a path begins with a computer and what it shares.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn names_a_share(path: &Path) -> bool {
    use std::path::{Component, Prefix};
    path.components().next().is_some_and(|first| {
        matches!(first, Component::Prefix(prefix)
            if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_is_here() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(!is_network(folder.path()));
    }

    #[cfg(windows)]
    #[test]
    fn a_share_is_elsewhere() {
        for share in [
            r"\\server\share\ferry",
            "//server/share/ferry",
            r"\\?\UNC\server\share\ferry",
        ] {
            assert!(is_network(Path::new(share)), "{share}");
        }
        for here in [
            r"C:\ferry",
            r"\\?\C:\ferry",
            "ferry",
            r"\ferry",
            r"\\.\C:\ferry",
        ] {
            assert!(!names_a_share(Path::new(here)), "{here}");
        }
    }
}
