//! What tells a file from every other, whatever its paths and times.
//!
//! A file has several paths: links lead to it, and on Windows and macOS it is found whatever the case of its name. One
//! path leads to several files, one after the other. Times do not tell files apart: Windows gives a file that takes the
//! place of another the time at which that one was made.

use std::path::Path;

/// The identity of a file among those of this computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    volume: u64,
    file: u64,
}

impl FileIdentity {
    /// Finds the file at a path, through links; `None` where there is none, or the system does not tell.
    #[cfg(unix)]
    pub fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let found = std::fs::metadata(path).ok()?;
        Some(Self {
            volume: found.dev(),
            file: found.ino(),
        })
    }

    /// Finds the file at a path, through links; `None` where there is none, or the system does not tell.
    #[cfg(windows)]
    pub fn of(path: &Path) -> Option<Self> {
        use std::os::windows::fs::OpenOptionsExt;
        // No right at all is asked for, so no other program is disturbed.
        let file = std::fs::File::options().access_mode(0).open(path).ok()?;
        let found = winapi_util::file::information(&file).ok()?;
        Some(Self {
            volume: found.volume_serial_number(),
            file: found.file_index(),
        })
    }
}

/// Returns whether two paths lead to the same existing file.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    match (FileIdentity::of(one), FileIdentity::of(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Returns a path or a name as this system compares it with others.
pub fn comparable(path: &str) -> String {
    comparable_on(path, cfg!(any(windows, target_os = "macos")))
}

fn comparable_on(path: &str, folds_case: bool) -> String {
    if folds_case {
        path.to_lowercase()
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_file_by_every_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("customers.csv"), "a").expect("written");
        std::fs::write(path("other.csv"), "a").expect("written");
        std::fs::create_dir(path("below")).expect("made");
        let same = |name: &str| is_same_file(&path("customers.csv"), &path(name));
        assert!(same("customers.csv") && same("below/../customers.csv"));
        assert!(!same("other.csv") && !same("missing.csv"));
        assert!(!is_same_file(&path("missing.csv"), &path("missing.csv")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(path("customers.csv"), path("link.csv")).expect("linked");
            assert!(same("link.csv"));
        }
        if path("CUSTOMERS.CSV").exists() {
            assert!(same("CUSTOMERS.CSV"), "the file system folds case");
        }
    }

    #[test]
    fn what_is_written_leaves_a_file_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, "one").expect("written");
        let before = FileIdentity::of(&path);
        std::fs::write(&path, "changed in place").expect("written");
        assert!(before.is_some());
        assert_eq!(before, FileIdentity::of(&path));
    }

    #[test]
    fn names_are_folded_where_the_system_folds_them() {
        assert_eq!(comparable_on("客户 Liste.CSV", true), "客户 liste.csv");
        assert_eq!(comparable_on("客户 Liste.CSV", false), "客户 Liste.CSV");
    }
}
