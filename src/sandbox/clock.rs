//! The server's clock and the ids made from it.
//!
//! Invariant: an id is greater than every id given before, also within one millisecond, after a restart, and
//! when the clock steps back. So the order of ids is the order of creation, and the list is sorted by id.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::offset;

/// Milliseconds from 1970 to the moment from which ids are counted. Derived from the vendor's example: id
/// 685775343058800640 was given at 2023-06-26 23:18:43 China time.
const ID_EPOCH_MS: i64 = 1_524_291_140_000;
const ID_SEQUENCE_BITS: u32 = 22;

/// The local clock, off by a settable number of seconds.
#[derive(Debug)]
pub(super) struct Clock {
    offset_seconds: AtomicI64,
}

impl Clock {
    pub(super) fn new(offset_seconds: i64) -> Self {
        Self {
            offset_seconds: AtomicI64::new(offset_seconds),
        }
    }

    pub(super) fn set_offset(&self, offset_seconds: i64) {
        self.offset_seconds.store(offset_seconds, Ordering::Relaxed);
    }

    /// Returns milliseconds since 1970.
    pub(super) fn now_ms(&self) -> i64 {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let offset_ms = self
            .offset_seconds
            .load(Ordering::Relaxed)
            .saturating_mul(1000);
        (elapsed.as_millis() as i64).saturating_add(offset_ms)
    }

    /// Returns the text of a `Date` header.
    pub(super) fn http_date(&self) -> String {
        http_date(self.now_ms())
    }

    /// Returns the time as JSON libraries write it: `2026-11-28T09:30:00.000+00:00`.
    pub(super) fn iso_time(&self) -> String {
        let timestamp = Timestamp::from_millisecond(self.now_ms()).unwrap_or(Timestamp::UNIX_EPOCH);
        timestamp
            .strftime("%Y-%m-%dT%H:%M:%S.%3f+00:00")
            .to_string()
    }
}

/// Formats milliseconds since 1970 as an HTTP date.
pub(super) fn http_date(ms: i64) -> String {
    let since = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    httpdate::fmt_http_date(UNIX_EPOCH + since)
}

/// Formats milliseconds since 1970 the way the CRM writes times: `yyyy-MM-dd HH:mm:ss`, China time.
pub(super) fn crm_time(ms: i64) -> String {
    let timestamp = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    offset(8)
        .to_datetime(timestamp)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// Returns an id for `now_ms` that is greater than `last`.
pub(super) fn next_id(now_ms: i64, last: i64) -> i64 {
    let fresh = (now_ms - ID_EPOCH_MS).max(1) << ID_SEQUENCE_BITS;
    fresh.max(last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_within_one_millisecond_and_when_the_clock_steps_back() {
        let now = 1_687_792_723_000;
        let first = next_id(now, 0);
        assert_eq!(first.to_string().len(), 18);
        let second = next_id(now, first);
        assert!(second > first);
        assert!(next_id(now - 60_000, second) > second);
    }

    #[test]
    fn an_id_has_the_magnitude_of_the_vendors_example() {
        let id = next_id(1_687_792_723_000, 0);
        assert!((id - 685_775_343_058_800_640).abs() < 1 << 32);
    }

    #[test]
    fn times_are_written_in_china_time() {
        assert_eq!(crm_time(1_687_792_723_000), "2023-06-26 23:18:43");
        assert_eq!(
            http_date(1_687_792_723_000),
            "Mon, 26 Jun 2023 15:18:43 GMT"
        );
    }
}
