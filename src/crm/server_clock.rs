//! How far the server's clock is from this computer's, learnt from the `Date` of its replies.
//!
//! There are two offsets for two uses. The *measured* one follows every reply and helps to compare `createTime` with
//! this computer's times. The *applied* one corrects the timestamps that are signed. It changes only after the server
//! has refused a timestamp, because a `Date` may come from a proxy with a clock of its own.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Smaller differences are latency and rounding.
const TOLERANCE_SECONDS: i64 = 5;
/// Stands for an offset that was not measured yet.
const NONE: i64 = i64::MIN;

/// The offsets of one server, shared by all senders. In seconds, positive when the server is ahead.
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
    /// Returns by how many seconds the server was ahead when it last replied with a `Date`; `None` before that.
    pub fn server_clock_offset(&self) -> Option<i64> {
        Some(self.measured.load(Ordering::Relaxed)).filter(|offset| *offset != NONE)
    }

    /// Returns the seconds that are added to every timestamp before it is signed.
    pub fn applied_offset(&self) -> i64 {
        self.applied.load(Ordering::Relaxed)
    }

    /// Returns the time to sign now, in Unix seconds.
    pub(super) fn timestamp(&self) -> i64 {
        unix_seconds(SystemTime::now()) + self.applied_offset()
    }

    /// Measures the offset by a reply's `Date`, and returns it in seconds.
    pub(super) fn observe(&self, date: SystemTime) -> i64 {
        let offset = unix_seconds(date) - unix_seconds(SystemTime::now());
        self.measured.store(offset, Ordering::Relaxed);
        offset
    }

    /// Notes the measured offset at which the server accepted a call.
    pub(super) fn accept(&self, offset: i64) {
        self.accepted.store(offset, Ordering::Relaxed);
    }

    /// Returns whether a clock was set since the last accepted call, or no call was accepted yet. Either explains why
    /// the server refuses a signature now.
    pub(super) fn has_jumped(&self, offset: i64) -> bool {
        let accepted = self.accepted.load(Ordering::Relaxed);
        accepted == NONE || (offset - accepted).abs() > TOLERANCE_SECONDS
    }

    /// Makes a clock whose server is so many seconds ahead.
    #[cfg(test)]
    pub(crate) fn measured(offset: i64) -> Self {
        let clock = Self::default();
        clock.measured.store(offset, Ordering::Relaxed);
        clock
    }

    /// Applies the measured offset after a refused signature, if the timestamp, signed with `applied`, was wrong.
    /// Returns true when a repetition would sign another time.
    pub(super) fn correct(&self, offset: i64, applied: i64) -> bool {
        let off = (offset - applied).abs() > TOLERANCE_SECONDS;
        if off {
            self.applied.store(offset, Ordering::Relaxed);
        }
        off
    }

    /// Returns true at the first call, so that a person is told once.
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
