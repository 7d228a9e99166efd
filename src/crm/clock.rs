//! Time behind a trait, so that tests of the decorators need not wait.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::model::Stop;

/// Tells the time and sleeps.
pub trait Clock: Send + Sync {
    /// Returns the time since some fixed moment; never goes back.
    fn now(&self) -> Duration;

    /// Returns microseconds since 1970, for what outlives the process.
    fn unix_micros(&self) -> u64;

    /// Returns seconds since 1970.
    fn unix_seconds(&self) -> u64 {
        self.unix_micros() / 1_000_000
    }

    /// Sleeps; a requested stop ends the sleep at once. Returns false when a stop was requested.
    fn sleep(&self, duration: Duration, stop: &Stop) -> bool;

    /// Returns the time zone in which moments are told to people: the computer's, where no other was chosen.
    fn zone(&self) -> TimeZone {
        TimeZone::system()
    }

    /// Formats a moment in Unix seconds for people: see [`wall_time`].
    fn wall_time(&self, moment: u64) -> String {
        wall_time(moment, self.unix_seconds(), &self.zone())
    }
}

/// The computer's own clock.
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: Instant,
    zone: TimeZone,
}

impl SystemClock {
    /// Returns the computer's clock, which tells people moments in a time zone.
    pub fn in_zone(zone: TimeZone) -> Self {
        Self {
            start: Instant::now(),
            zone,
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::in_zone(TimeZone::system())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn unix_micros(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| since.as_micros() as u64)
    }

    fn sleep(&self, duration: Duration, stop: &Stop) -> bool {
        stop.sleep(duration)
    }

    fn zone(&self) -> TimeZone {
        self.zone.clone()
    }
}

/// Formats a moment in a time zone, as `18:05:10`; the date comes first when it is not that of `now`. Both are in Unix
/// seconds.
pub fn wall_time(moment: u64, now: u64, zone: &TimeZone) -> String {
    let zoned = |seconds: u64| {
        let moment = Timestamp::from_second(i64::try_from(seconds).unwrap_or(i64::MAX));
        ZonedDateTime::new(moment.unwrap_or(Timestamp::MAX), zone.clone())
    };
    let (moment, now) = (zoned(moment), zoned(now));
    let format = if moment.date() == now.date() {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    moment.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_told_when_it_is_another() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        // 2023-11-15 06:13:20 in Shanghai.
        let now = 1_700_000_000;
        let shown = |later| wall_time(now + later, now, &zone);
        assert_eq!(shown(60), "06:14:20");
        assert_eq!(shown(18 * 3600), "2023-11-16 00:13:20");
        assert!(!wall_time(u64::MAX, 0, &zone).is_empty());
    }
}

#[cfg(test)]
pub(super) use fake::FakeClock;

#[cfg(test)]
mod fake {
    use std::sync::{Arc, Mutex};

    use super::{Clock, Duration, Stop};

    type Hook = Box<dyn FnMut(Duration) + Send>;

    /// A clock that does not run: only sleeping and [`FakeClock::advance`] move it.
    #[derive(Clone)]
    pub struct FakeClock {
        now: Arc<Mutex<Duration>>,
        hook: Arc<Mutex<Hook>>,
    }

    impl FakeClock {
        /// Starts a day after its own zero.
        pub fn new() -> Self {
            Self::with_hook(|_| {})
        }

        /// Calls `hook` with the time after each sleep.
        pub fn with_hook(hook: impl FnMut(Duration) + Send + 'static) -> Self {
            Self {
                now: Arc::new(Mutex::new(Duration::from_secs(86_400))),
                hook: Arc::new(Mutex::new(Box::new(hook))),
            }
        }

        pub fn advance(&self, duration: Duration) {
            *self.now.lock().unwrap() += duration;
        }
    }

    impl Clock for FakeClock {
        fn now(&self) -> Duration {
            *self.now.lock().unwrap()
        }

        fn unix_micros(&self) -> u64 {
            1_700_000_000_000_000 + self.now().as_micros() as u64
        }

        fn sleep(&self, duration: Duration, stop: &Stop) -> bool {
            if stop.is_requested() {
                return false;
            }
            self.advance(duration);
            let now = self.now();
            (self.hook.lock().unwrap())(now);
            !stop.is_requested()
        }
    }
}
