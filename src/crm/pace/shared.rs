//! The schedule of seconds and minutes, shared by all processes of an account.
//!
//! A small file in the state folder says when the account's last slot is that somebody has taken. A process claims
//! the next ones under the file's lock, at its own distance; at a fast pace several at once, so that the file is
//! not touched for each call. A slot that is not used after all is given back.
//! What cannot be shared (no rights, a process that was frozen with the lock in its hands) is not waited for:
//! then this process keeps its own schedule.
//!
//! The file holds three numbers of 8 bytes, little-endian: when the last slot is and when that was written (Unix
//! microseconds), and who wrote it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use super::quota::account_file;
use crate::model::{make_private_folder, private_options};

/// Slots of this stretch are claimed together.
const BLOCK: Duration = Duration::from_millis(5);
/// How long a process that has claimed slots counts as still there.
const PRESENCE: Duration = Duration::from_secs(10);
/// While another process is there, slots of a second lie this much further apart in all: each wakes a little late
/// in its own way, and none sees how late the other was.
const LATENESS: f64 = 0.02;
/// How often a lock that is held is tried, and the pause between.
const LOCK_TRIES: u32 = 40;
const LOCK_PAUSE: Duration = Duration::from_micros(250);
/// After so many locks in vain the schedule is left alone for a while: each of them costs ten milliseconds.
const VAIN_LOCKS: u32 = 3;
const LEFT_ALONE: Duration = Duration::from_secs(1);
/// A clock may seem to have gone back so far between two processes.
const BACKWARDS_MICROS: u64 = 1_000_000;
/// No slot lies further ahead than that of when it was written: no server is asked to be left alone for longer.
const FARTHEST_MICROS: u64 = 24 * 3600 * 1_000_000;

/// Slots that were claimed: from when until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub from: Duration,
    pub until: Duration,
}

/// One process's view of the shared schedule.
#[derive(Debug)]
pub(super) struct Shared {
    file: File,
    writer: u64,
    /// Until when another process counts as there, on the process's own clock.
    other_until: Duration,
    /// How many locks in a row were in vain, and until when none is tried.
    vain_locks: u32,
    left_alone_until: Duration,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Entry {
    last: u64,
    written: u64,
    writer: u64,
}

impl Shared {
    /// Opens the account's file in a folder, making it where it is missing.
    pub(super) fn open(folder: &Path, account: &str) -> io::Result<Self> {
        make_private_folder(folder)?;
        let path = folder.join(account_file("pace", account, "bin"));
        let file = private_options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        Ok(Self {
            file,
            writer: fastrand::u64(1..),
            other_until: Duration::ZERO,
            vain_locks: 0,
            left_alone_until: Duration::ZERO,
        })
    }

    /// How far slots lie apart, given how far they would if nobody else were there.
    pub(super) fn spacing(&self, alone: Duration, now: Duration) -> Duration {
        if now < self.other_until {
            alone.mul_f64(1.0 + LATENESS)
        } else {
            alone
        }
    }

    /// Claims the next free slots; `None` when the file cannot be used. `now` is the process's own clock, `unix`
    /// the same moment in Unix microseconds.
    pub(super) fn claim(&mut self, spacing: Duration, now: Duration, unix: u64) -> Option<Block> {
        self.locked(now, |shared| {
            let last = shared.last(now, unix)?;
            let spacing = shared.spacing(spacing, now);
            let micros = spacing.as_micros() as u64;
            let free = last.map_or(unix, |last| unix.max(last + micros));
            let slots = (BLOCK.as_micros() as u64 / micros.max(1)).max(1);
            shared.write(free + (slots - 1) * micros, unix)?;
            let from = now + Duration::from_micros(free - unix);
            let until = from + spacing * slots as u32;
            Ok(Block { from, until })
        })
    }

    /// Nobody shall claim a slot before a time of the process's own clock.
    pub(super) fn close_until(&mut self, opens: Duration, now: Duration, unix: u64) {
        let opens = unix + opens.saturating_sub(now).as_micros() as u64;
        // Without the file the others find out by themselves.
        let _ = self.locked(now, |shared| {
            let last = shared.last(now, unix)?;
            shared.write(opens.max(last.unwrap_or(0)), unix)
        });
    }

    /// Gives a slot back that was claimed last and is not used: the one before it was `spacing` earlier.
    pub(super) fn give_back(
        &mut self,
        slot: Duration,
        spacing: Duration,
        now: Duration,
        unix: u64,
    ) {
        // Not given back, it is only waited for in vain.
        let _ = self.locked(now, |shared| {
            let entry = shared.read()?;
            let at = unix + slot.saturating_sub(now).as_micros() as u64;
            let is_last =
                entry.writer == shared.writer && entry.last <= at + BLOCK.as_micros() as u64;
            if is_last && entry.last > unix {
                shared.write(at - spacing.as_micros() as u64, unix)?;
            }
            Ok(())
        });
    }

    /// When the last slot is that somebody has taken; takes note whether somebody else is there.
    fn last(&mut self, now: Duration, unix: u64) -> io::Result<Option<u64>> {
        let entry = self.read()?;
        // Written in the future: the clock went back, and what was planned on it means nothing.
        let clock_went_back = entry.written > unix + BACKWARDS_MICROS;
        if clock_went_back || entry.last.saturating_sub(entry.written) > FARTHEST_MICROS {
            return Ok(None);
        }
        let age = Duration::from_micros(unix.saturating_sub(entry.written));
        let another = entry.writer != 0 && entry.writer != self.writer;
        if another && age < PRESENCE {
            self.other_until = now + PRESENCE;
        }
        Ok((entry.last > 0).then_some(entry.last))
    }

    fn locked<T>(
        &mut self,
        now: Duration,
        work: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> Option<T> {
        if now < self.left_alone_until {
            return None;
        }
        for _ in 0..LOCK_TRIES {
            match self.file.try_lock() {
                Ok(()) => {
                    self.vain_locks = 0;
                    let result = work(self);
                    let unlocked = self.file.unlock();
                    return result.ok().filter(|_| unlocked.is_ok());
                }
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(std::fs::TryLockError::Error(_)) => return None,
            }
        }
        self.vain_locks += 1;
        if self.vain_locks >= VAIN_LOCKS {
            self.vain_locks = 0;
            self.left_alone_until = now + LEFT_ALONE;
        }
        None
    }

    fn read(&mut self) -> io::Result<Entry> {
        let mut bytes = Vec::with_capacity(24);
        self.file.seek(SeekFrom::Start(0))?;
        (&self.file).take(24).read_to_end(&mut bytes)?;
        let mut numbers = bytes.chunks_exact(8).map(|chunk| {
            let mut number = [0; 8];
            number.copy_from_slice(chunk);
            u64::from_le_bytes(number)
        });
        let mut next = || numbers.next().unwrap_or(0);
        Ok(Entry {
            last: next(),
            written: next(),
            writer: next(),
        })
    }

    fn write(&mut self, last: u64, written: u64) -> io::Result<()> {
        let mut bytes = [0; 24];
        for (part, number) in bytes.chunks_exact_mut(8).zip([last, written, self.writer]) {
            part.copy_from_slice(&number.to_le_bytes());
        }
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    const UNIX: u64 = 1_700_000_000_000_000;

    #[test]
    fn two_processes_claim_different_slots() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = Shared::open(folder.path(), "here").unwrap();
        let mut other = Shared::open(folder.path(), "here").unwrap();
        let mut elsewhere = Shared::open(folder.path(), "there").unwrap();
        let claim = |shared: &mut Shared, own: u64| {
            let block = shared.claim(ms(100), ms(own), UNIX).unwrap();
            (
                block.from.saturating_sub(ms(own)),
                block.until.saturating_sub(ms(own)),
            )
        };
        // Each has its own clock; the moment is the same.
        assert_eq!(claim(&mut one, 5000), (ms(0), ms(100)));
        let apart = ms(100).mul_f64(1.0 + LATENESS);
        assert_eq!(claim(&mut other, 70), (apart, apart * 2));
        assert_eq!(claim(&mut one, 5000), (apart * 2, apart * 3));
        // What is given back is free for the next one.
        one.give_back(ms(5000) + apart * 2, apart, ms(5000), UNIX);
        assert_eq!(claim(&mut other, 70), (apart * 2, apart * 3));
        assert_eq!(claim(&mut elsewhere, 0), (ms(0), ms(100)));
    }

    #[test]
    fn a_fast_pace_claims_several_slots_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut shared = Shared::open(folder.path(), "here").unwrap();
        let block = shared.claim(ms(1), ms(0), UNIX).unwrap();
        assert_eq!(block.until.saturating_sub(block.from), BLOCK);
    }

    #[test]
    fn what_a_wrong_clock_or_a_damaged_file_says_is_not_believed() {
        let folder = tempfile::tempdir().unwrap();
        let mut shared = Shared::open(folder.path(), "here").unwrap();
        let hour = 3_600_000_000;
        shared.claim(ms(100), ms(0), UNIX + hour).unwrap();
        // The clock was set back by an hour.
        assert_eq!(shared.claim(ms(100), ms(0), UNIX).unwrap().from, ms(0));
        let path = folder.path().join(account_file("pace", "here", "bin"));
        std::fs::write(&path, b"short").unwrap();
        assert_eq!(shared.claim(ms(100), ms(0), UNIX).unwrap().from, ms(0));
        // Whole, and far from any time there is.
        std::fs::write(&path, [0x7f; 24]).unwrap();
        assert_eq!(shared.claim(ms(100), ms(0), UNIX).unwrap().from, ms(0));
        let mut far = [0; 24];
        far[7] = 0x7f;
        std::fs::write(&path, far).unwrap();
        assert_eq!(shared.claim(ms(100), ms(0), UNIX).unwrap().from, ms(0));
    }

    #[test]
    fn a_closed_gate_is_closed_for_all() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = Shared::open(folder.path(), "here").unwrap();
        let mut other = Shared::open(folder.path(), "here").unwrap();
        one.close_until(ms(4000), ms(1000), UNIX);
        let apart = ms(100).mul_f64(1.0 + LATENESS);
        let next = other.claim(ms(100), ms(0), UNIX).unwrap().from;
        assert_eq!(next, ms(3000) + apart);
    }

    #[test]
    fn a_lock_that_is_held_for_good_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut shared = Shared::open(folder.path(), "here").unwrap();
        let path = folder.path().join(account_file("pace", "here", "bin"));
        let holder = File::open(path).unwrap();
        holder.lock().unwrap();
        for _ in 0..VAIN_LOCKS {
            assert_eq!(shared.claim(ms(100), ms(0), UNIX), None);
        }
        // Nor is each slot held up a little: for a while nobody looks whether the lock is free.
        holder.unlock().unwrap();
        assert_eq!(shared.claim(ms(100), ms(0), UNIX), None);
        assert!(shared.claim(ms(100), LEFT_ALONE, UNIX).is_some());
    }
}
