//! The processes of an account that are sending now: each takes its share of the pace, and nobody hands out moments.
//!
//! A small file in the state folder has a row for each process. A process that sends looks at it, under its lock, at
//! most [`LOOK`] before each call, and notes in its own row that it is there. A process that has not looked for
//! [`PRESENT`] does not count: it was killed, or it plans, asks the person, or waits at a closed gate or for an
//! outage. A process that ends notes that too.
//!
//! What would go wrong when process B joins process A:
//!
//! 1. A is alone and makes calls at the whole pace.
//! 2. B begins and sees A: each may have half the pace.
//! 3. A has not looked yet and still makes calls at the whole pace: together they make one and a half times as many as
//!    they may.
//!
//! What happens instead:
//!
//! 1. B writes its row, and waits for [`JOIN`] and one of its own spacings before its first call. It reads the rows
//!    under the same lock, so of two that join at the same time one sees the other.
//! 2. Within [`LOOK`], which is shorter, A looks before its next call, sees B and goes on at half the pace.
//! 3. B begins. The calls that A made at the whole pace leave the window as fast as those of B enter it
//!    (`window.rs`), so no second holds more calls than it may, the first one included.
//!
//! A process that sees no other begins at once, or a spacing after the latest call of those that were there before: a
//! script that starts one process after the other keeps the pace too. A process that comes back after a pause joins
//! again.
//!
//! Where a window allows fewer calls than there are processes, the first rows of the file have a turn. A process that
//! has called moves its row to the end as soon as the window holds none of its calls, and the next has the turn.
//!
//! A process whose gate a busy server has closed notes that in its row, which closes the gates of the others.
//!
//! A file that cannot be used (no rights, a process that was frozen while it held the lock) is not waited for: the last
//! view holds, or this process counts as the only one. The row of a process that was killed may lack the calls of its
//! last [`LOOK`].
//!
//! A row is five numbers of 8 bytes, little-endian; times are Unix microseconds.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use super::quota::account_file;
use super::window::Share;
use crate::model::{make_private_folder, private_options};

/// The greatest age of the view on which a call leaves.
pub(super) const LOOK: Duration = Duration::from_millis(100);
/// How long a process that joins waits, so that each of the others has looked, even one that waits for the lock.
pub(super) const JOIN: Duration = Duration::from_millis(150);
/// How long a process counts as sending after it has looked.
const PRESENT: Duration = Duration::from_secs(3);
/// How often a held lock is tried, and the pause between two tries.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_micros(250);
/// By how much the clock may seem to have gone back between two processes.
const BACKWARDS: Duration = Duration::from_secs(1);
/// The longest that a row may keep gates closed: no server asks for longer pauses.
const FARTHEST: Duration = Duration::from_secs(24 * 3600);
const ROW: usize = 40;
/// The most rows that are read. Rows of processes that have gone are dropped, so the file never has as many.
const MOST_ROWS: usize = 1000;

/// A moment on two clocks: the process's own, and Unix microseconds for the other processes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub now: Duration,
    pub unix: u64,
}

impl Moment {
    /// Converts a moment of the process's own clock to Unix microseconds.
    fn to_unix(self, own: Duration) -> u64 {
        let ahead = own.saturating_sub(self.now).as_micros() as u64;
        let behind = self.now.saturating_sub(own).as_micros() as u64;
        (self.unix + ahead).saturating_sub(behind)
    }
}

/// What a process tells the others about itself. Times are those of its own clock.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// When its latest call left; zero before the first.
    pub last_call: Duration,
    /// Until when a busy server has closed its gate; zero when none has.
    pub closed_until: Duration,
    /// Whether the process gives its turn to the others.
    pub gives_up_turn: bool,
}

/// What a look at the file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProcessView {
    /// The place of this process among those that are sending now.
    pub share: Share,
    /// Whether this process was not among them before.
    pub has_joined: bool,
    /// Time since the latest call of the processes that have gone.
    pub since_others: Option<Duration>,
    /// How long the gates of the others stay closed.
    pub closed_for: Duration,
}

/// One process's view of the others.
#[derive(Debug)]
pub(super) struct Processes {
    file: File,
    owner: u64,
    looked: Option<Duration>,
    /// For how long the row of a process that has gone matters.
    longest_window: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProcessRow {
    owner: u64,
    /// When the process looked last; [`GONE`] when it has ended.
    looked: u64,
    written: u64,
    last_call: u64,
    closed_until: u64,
}

/// [`Row::looked`] of a process that has ended.
const GONE: u64 = 0;

impl ProcessRow {
    fn from_bytes(bytes: &[u8]) -> Self {
        let mut numbers = bytes.chunks_exact(8).map(|chunk| {
            let mut number = [0; 8];
            number.copy_from_slice(chunk);
            u64::from_le_bytes(number)
        });
        let mut next = || numbers.next().unwrap_or(0);
        Self {
            owner: next(),
            looked: next(),
            written: next(),
            last_call: next(),
            closed_until: next(),
        }
    }

    fn to_bytes(self) -> impl Iterator<Item = u8> {
        let Self {
            owner,
            looked,
            written,
            last_call,
            closed_until,
        } = self;
        [owner, looked, written, last_call, closed_until]
            .into_iter()
            .flat_map(u64::to_le_bytes)
    }

    /// Returns whether the process of this row is sending.
    fn is_present(&self, unix: u64) -> bool {
        self.looked != GONE && unix < self.looked.saturating_add(PRESENT.as_micros() as u64)
    }

    /// Returns whether a process can have written this row. A clock that was set back makes all times meaningless.
    fn is_plausible(&self, unix: u64) -> bool {
        let latest = unix.saturating_add(BACKWARDS.as_micros() as u64);
        let farthest = self.written.saturating_add(FARTHEST.as_micros() as u64);
        self.owner != 0
            && self.written <= latest
            && self.looked <= latest
            && self.last_call <= latest
            && self.closed_until <= farthest
    }

    /// Returns whether any process still has to know of this row.
    fn matters(&self, unix: u64, longest_window: Duration) -> bool {
        let window = longest_window.as_micros() as u64;
        self.is_present(unix) || self.closed_until > unix || self.last_call + window > unix
    }
}

impl Processes {
    /// Opens the account's file in a folder, and makes it where it is missing.
    pub(super) fn open(folder: &Path, account: &str, longest_window: Duration) -> io::Result<Self> {
        make_private_folder(folder)?;
        let file = private_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join(account_file("pace", account, "bin")))?;
        Ok(Self {
            file,
            owner: fastrand::u64(1..),
            looked: None,
            longest_window,
        })
    }

    /// Returns whether the latest look is too old for a call.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.looked.is_none_or(|looked| now >= looked + LOOK)
    }

    /// Looks at the other processes and tells them that this one is there. Returns `None` when the file cannot be used.
    pub(super) fn look(&mut self, at: Moment, told: Told) -> Option<ProcessView> {
        self.looked = Some(at.now);
        self.locked(|shared| {
            let mut rows = shared.read(at.unix)?;
            let position = rows.iter().position(|row| row.owner == shared.owner);
            let was_present = position.is_some_and(|position| rows[position].is_present(at.unix));
            let row = shared.row(at, told, at.unix);
            match position {
                Some(position) if was_present && !told.gives_up_turn => rows[position] = row,
                _ => {
                    rows.retain(|row| row.owner != shared.owner);
                    rows.push(row);
                }
            }
            shared.write(&rows)?;
            Ok(shared.view_of(&rows, was_present, at.unix))
        })
    }

    /// Tells the others that this process has ended.
    pub(super) fn leave(&mut self, at: Moment, told: Told) {
        if self.looked.is_none() {
            return;
        }
        // Without the file, the others notice after PRESENT.
        let _ = self.locked(|shared| {
            let mut rows = shared.read(at.unix)?;
            rows.retain(|row| row.owner != shared.owner);
            rows.push(shared.row(at, told, GONE));
            shared.write(&rows)
        });
    }

    fn row(&self, at: Moment, told: Told, looked: u64) -> ProcessRow {
        let unix = |own: Duration| if own.is_zero() { 0 } else { at.to_unix(own) };
        ProcessRow {
            owner: self.owner,
            looked,
            written: at.unix,
            last_call: unix(told.last_call),
            closed_until: unix(told.closed_until),
        }
    }

    fn view_of(&self, rows: &[ProcessRow], was_present: bool, unix: u64) -> ProcessView {
        let present = || rows.iter().filter(|row| row.is_present(unix));
        let rank = present().position(|row| row.owner == self.owner);
        let others = || rows.iter().filter(|row| row.owner != self.owner);
        let gone = others().filter(|row| !row.is_present(unix) && row.last_call > 0);
        let latest = gone.map(|row| row.last_call).max();
        let closed_until = others().map(|row| row.closed_until).max().unwrap_or(0);
        ProcessView {
            share: Share {
                rank: rank.unwrap_or(0) as u64,
                of: present().count().max(1) as u64,
            },
            has_joined: !was_present,
            since_others: latest.map(|last| Duration::from_micros(unix.saturating_sub(last))),
            closed_for: Duration::from_micros(closed_until.saturating_sub(unix)),
        }
    }

    fn locked<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> Option<T> {
        for _ in 0..LOCK_TRIES {
            match self.file.try_lock() {
                Ok(()) => {
                    let result = work(self);
                    // What was seen is so, whatever the unlocking says: Wine calls an unlocked file a locked one.
                    let _ = self.file.unlock();
                    return result.ok();
                }
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(std::fs::TryLockError::Error(_)) => return None,
            }
        }
        None
    }

    /// Reads the rows that matter, in the order of the file.
    fn read(&mut self, unix: u64) -> io::Result<Vec<ProcessRow>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        (&self.file)
            .take((MOST_ROWS * ROW) as u64)
            .read_to_end(&mut bytes)?;
        let rows = bytes.chunks_exact(ROW).map(ProcessRow::from_bytes);
        Ok(rows
            .filter(|row| row.is_plausible(unix) && row.matters(unix, self.longest_window))
            .collect())
    }

    fn write(&mut self, rows: &[ProcessRow]) -> io::Result<()> {
        let bytes: Vec<u8> = rows.iter().flat_map(|row| row.to_bytes()).collect();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&bytes)?;
        self.file.set_len(bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIX: u64 = 1_700_000_000_000_000;
    const SECOND: Duration = Duration::from_secs(1);

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Returns the moment that lies so long after the beginning.
    fn at(after: Duration) -> Moment {
        Moment {
            now: ms(5000) + after,
            unix: UNIX + after.as_micros() as u64,
        }
    }

    fn open(folder: &tempfile::TempDir) -> Processes {
        Processes::open(folder.path(), "here", SECOND).unwrap()
    }

    fn look(processes: &mut Processes, after: Duration) -> ProcessView {
        processes.look(at(after), Told::default()).unwrap()
    }

    fn share(rank: u64, of: u64) -> Share {
        Share { rank, of }
    }

    #[test]
    fn each_counts_the_others_that_are_sending() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (open(&folder), open(&folder));
        let mut elsewhere = Processes::open(folder.path(), "there", SECOND).unwrap();
        let seen = look(&mut one, ms(0));
        assert_eq!((seen.share, seen.has_joined), (Share::WHOLE, true));
        assert!(!one.is_due(ms(5000) + ms(99)) && one.is_due(ms(5000) + LOOK));
        assert_eq!(look(&mut elsewhere, ms(1)).share, Share::WHOLE);
        let seen = look(&mut other, ms(100));
        assert_eq!((seen.share, seen.has_joined), (share(1, 2), true));
        let seen = look(&mut one, ms(250));
        assert_eq!((seen.share, seen.has_joined), (share(0, 2), false));
        // A process that says that it ends is gone at once.
        one.leave(at(ms(300)), Told::default());
        let seen = look(&mut other, ms(350));
        assert_eq!((seen.share, seen.has_joined), (Share::WHOLE, false));
    }

    #[test]
    fn who_was_killed_or_is_idle_stops_counting() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (open(&folder), open(&folder));
        look(&mut one, ms(0));
        look(&mut other, ms(100));
        assert_eq!(look(&mut other, ms(2999)).share, share(1, 2));
        assert_eq!(look(&mut other, PRESENT).share, Share::WHOLE);
        // A process that comes back joins behind the others.
        let seen = look(&mut one, ms(3100));
        assert_eq!((seen.share, seen.has_joined), (share(1, 2), true));
    }

    #[test]
    fn the_latest_call_of_who_has_gone_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (open(&folder), open(&folder));
        look(&mut one, ms(0));
        let told = Told {
            last_call: at(ms(600)).now,
            ..Told::default()
        };
        one.leave(at(ms(610)), told);
        assert_eq!(look(&mut other, ms(700)).since_others, Some(ms(100)));
        // The row is dropped as soon as its calls have left every window.
        assert_eq!(look(&mut other, ms(1601)).since_others, None);
        let length = other.file.metadata().unwrap().len();
        assert_eq!(length, ROW as u64);
    }

    #[test]
    fn a_turn_goes_to_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (open(&folder), open(&folder));
        look(&mut one, ms(0));
        look(&mut other, ms(0));
        let gives_up = Told {
            gives_up_turn: true,
            ..Told::default()
        };
        let seen = one.look(at(ms(100)), gives_up).unwrap();
        assert_eq!((seen.share, seen.has_joined), (share(1, 2), false));
        assert_eq!(look(&mut other, ms(200)).share, share(0, 2));
    }

    #[test]
    fn a_closed_gate_is_closed_for_all() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (open(&folder), open(&folder));
        let told = Told {
            closed_until: at(ms(4000)).now,
            ..Told::default()
        };
        assert_eq!(one.look(at(ms(0)), told).unwrap().closed_for, ms(0));
        assert_eq!(look(&mut other, ms(1000)).closed_for, ms(3000));
        // The gate stays closed when the process that told it has gone.
        one.leave(at(ms(1500)), told);
        assert_eq!(look(&mut other, ms(3500)).closed_for, ms(500));
    }

    #[test]
    fn what_a_wrong_clock_or_a_damaged_file_says_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (open(&folder), open(&folder));
        look(&mut one, Duration::from_secs(3600));
        // The clock was set back by an hour.
        assert_eq!(look(&mut other, ms(0)).share, Share::WHOLE);
        let path = folder.path().join(account_file("pace", "here", "bin"));
        let mut far = [0; ROW];
        (far[0], far[39]) = (1, 0x7f);
        for bytes in [&b"short"[..], &[0x7f; 3 * ROW], &far] {
            std::fs::write(&path, bytes).unwrap();
            let seen = look(&mut other, ms(0));
            assert_eq!((seen.share, seen.closed_for), (Share::WHOLE, ms(0)));
        }
    }

    #[test]
    fn a_lock_that_is_held_for_good_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut processes = open(&folder);
        let path = folder.path().join(account_file("pace", "here", "bin"));
        let holder = File::open(path).unwrap();
        holder.lock().unwrap();
        assert_eq!(processes.look(at(ms(0)), Told::default()), None);
        // A lock that was not got is not tried again before each call.
        assert!(!processes.is_due(at(ms(50)).now));
        drop(holder);
        assert!(processes.look(at(LOOK), Told::default()).is_some());
    }
}
