//! How far the server's clock is from ours, learnt from the `Date` of its replies.
//!
//! Two offsets, because they serve different ends: the *measured* one follows every reply and helps to
//! compare `createTime` with our own times; the *applied* one corrects the timestamps that are signed, and
//! changes only when the server refused one, since a `Date` may come from a proxy with a clock of its own.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Differences up to this are latency and rounding.
const TOLERANCE_SECONDS: i64 = 5;
/// No offset was measured yet.
const NONE: i64 = i64::MIN;

/// The offsets of one server, shared by all senders; in seconds, positive when the server is ahead.
#[derive(Debug)]
pub struct ServerClock {
    applied: AtomicI64,
    measured: AtomicI64,
    accepted: AtomicI64,
    told: AtomicBool,
}

impl Default for ServerClock {
    fn default() -> Self {
        Self {
            applied: AtomicI64::new(0),
            measured: AtomicI64::new(NONE),
            accepted: AtomicI64::new(NONE),
            told: AtomicBool::new(false),
        }
    }
}

impl ServerClock {
    /// Seconds by which the server was ahead when it last replied with a `Date`.
    pub fn server_clock_offset(&self) -> Option<i64> {
        Some(self.measured.load(Ordering::Relaxed)).filter(|offset| *offset != NONE)
    }

    /// Seconds added to every timestamp that is signed.
    pub fn applied_offset(&self) -> i64 {
        self.applied.load(Ordering::Relaxed)
    }

    /// The time to sign now, in Unix seconds.
    pub(super) fn timestamp(&self) -> i64 {
        unix_seconds(SystemTime::now()) + self.applied_offset()
    }

    /// Takes note of a reply's `Date`.
    pub(super) fn observe(&self, date: SystemTime) -> i64 {
        let offset = unix_seconds(date) - unix_seconds(SystemTime::now());
        self.measured.store(offset, Ordering::Relaxed);
        offset
    }

    /// Takes note of a call that the server accepted, at a measured offset.
    pub(super) fn accept(&self, offset: i64) {
        self.accepted.store(offset, Ordering::Relaxed);
    }

    /// Whether a measured offset tells why a signature is refused now that was accepted before: a clock was set.
    pub(super) fn has_jumped(&self, offset: i64) -> bool {
        let accepted = self.accepted.load(Ordering::Relaxed);
        accepted == NONE || (offset - accepted).abs() > TOLERANCE_SECONDS
    }

    /// A clock whose server is so many seconds ahead.
    #[cfg(test)]
    pub(crate) fn measured(offset: i64) -> Self {
        let clock = Self::default();
        clock.measured.store(offset, Ordering::Relaxed);
        clock
    }

    /// After a refused signature: corrects the timestamps if the one that was signed with `applied` was off.
    /// True when a repetition is signed with another time.
    pub(super) fn correct(&self, offset: i64, applied: i64) -> bool {
        let off = (offset - applied).abs() > TOLERANCE_SECONDS;
        if off {
            self.applied.store(offset, Ordering::Relaxed);
        }
        off
    }

    /// True the first time.
    pub(super) fn is_first_to_tell(&self) -> bool {
        !self.told.swap(true, Ordering::Relaxed)
    }
}

fn unix_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() as i64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn only_a_wrong_time_is_corrected() {
        let clock = ServerClock::default();
        assert_eq!(clock.server_clock_offset(), None);
        let offset = clock.observe(SystemTime::now() + Duration::from_secs(3600));
        assert!((3599..=3600).contains(&offset));
        assert_eq!(clock.server_clock_offset(), Some(offset));
        assert_eq!(clock.applied_offset(), 0);
        assert!(!clock.correct(4, 0));
        assert!(clock.correct(offset, 0));
        assert_eq!(clock.applied_offset(), offset);
        assert!(!clock.correct(offset - 1, offset));
        assert!(clock.has_jumped(offset));
        clock.accept(offset);
        assert!(!clock.has_jumped(offset + 2) && clock.has_jumped(offset + 60));
    }
}
