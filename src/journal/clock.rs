//! The time that the journal notes.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the present time in Unix nanoseconds.
pub(super) fn unix_nanoseconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as u64)
}

/// Returns the present time in Unix milliseconds.
pub(super) fn unix_milliseconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as i64)
}
