//! Files that another program holds for a moment.
//!
//! On Windows a virus scanner or an indexer opens a file as soon as it is written, and a file that is open elsewhere
//! cannot be renamed. What such a program does takes less than a second. A workbook that is open in Excel stays open, so
//! the waiting is bounded.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

/// The longest time that a file is waited for.
const PATIENCE: Duration = Duration::from_secs(4);

/// The interval between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// `ERROR_ACCESS_DENIED`, `ERROR_SHARING_VIOLATION` and `ERROR_LOCK_VIOLATION` of Windows.
const HELD_ELSEWHERE: &[i32] = &[5, 32, 33];

/// The wait for a program that holds a file. It begins with the first failure.
#[derive(Debug)]
struct BriefLock {
    is_windows: bool,
    patience: Duration,
    until: Option<Instant>,
}

impl BriefLock {
    /// Makes a wait that has not begun.
    fn new() -> Self {
        Self {
            is_windows: cfg!(windows),
            patience: PATIENCE,
            until: None,
        }
    }

    /// Returns whether a failed act is worth another try, after a pause.
    fn may_pass(&mut self, error: &io::Error) -> bool {
        let is_held = error
            .raw_os_error()
            .is_some_and(|code| HELD_ELSEWHERE.contains(&code));
        if !self.is_windows || !is_held {
            return false;
        }
        let now = Instant::now();
        let until = *self.until.get_or_insert(now + self.patience);
        if now >= until {
            return false;
        }
        std::thread::sleep(PAUSE.min(until - now));
        true
    }
}

/// Renames a file, replacing one that is there.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let mut lock = BriefLock::new();
    loop {
        match std::fs::rename(from, to) {
            Err(error) if lock.may_pass(&error) => {}
            renamed => return renamed,
        }
    }
}

/// Gives a temporary file its name, replacing a file that has it. `NamedTempFile::persist` takes no path of Windows that
/// has more than 260 letters.
pub fn persist(temporary: NamedTempFile, target: &Path) -> io::Result<()> {
    // The file stays open, and so locked, until it has its name.
    let (_open, mut path) = temporary.into_parts();
    rename(&path, target)?;
    path.disable_cleanup(true);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock_of(is_windows: bool) -> BriefLock {
        BriefLock {
            is_windows,
            patience: 3 * PAUSE,
            until: None,
        }
    }

    #[test]
    fn a_held_file_is_tried_again_and_not_for_ever() {
        let held = io::Error::from_raw_os_error(32);
        let mut lock = lock_of(true);
        let began = Instant::now();
        let mut tries = 0;
        while lock.may_pass(&held) {
            tries += 1;
        }
        assert!(tries >= 1 && began.elapsed() >= 3 * PAUSE, "{tries} tries");
    }

    #[test]
    fn other_failures_and_other_systems_are_final() {
        assert!(!lock_of(true).may_pass(&io::Error::from_raw_os_error(3)));
        // The same numbers mean an error of the disk and a broken pipe on Unix.
        for code in HELD_ELSEWHERE {
            assert!(!lock_of(false).may_pass(&io::Error::from_raw_os_error(*code)));
        }
    }
}
