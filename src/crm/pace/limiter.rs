//! governor's limiter on the clock of the pace.
//!
//! A burst of 2 lets a sender that wakes late be made up for by the next one; with a burst of 1 every late wake-up
//! is lost for good. Nobody is given that burst for nothing: a new limiter begins with what its predecessor has left.
//! governor's quota cannot change in place, so a changed spacing is a new limiter that begins at the latest call.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// Calls that may leave at once after a pause of two spacings.
const BURST: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");

/// governor's clock, which shows what it was set to.
#[derive(Debug, Default)]
struct Hands(Cell<Duration>);

impl Clock for Hands {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.get()
    }
}

/// Calls that lie a spacing apart. Times are those of the pace's clock.
#[derive(Debug)]
pub(super) struct Limiter {
    spacing: Duration,
    inner: RateLimiter<NotKeyed, InMemoryState, Hands, NoOpMiddleware<Duration>>,
}

impl Limiter {
    /// Lets the first call leave at `start`, and one each `spacing` from then on.
    pub(super) fn starting(start: Duration, spacing: Duration) -> Self {
        Self::with_burst_used(start, spacing, BURST.get() - 1)
    }

    /// Lets the first call leave a `spacing` after the one that left at `last`.
    pub(super) fn after(last: Duration, spacing: Duration) -> Self {
        Self::with_burst_used(last, spacing, BURST.get())
    }

    fn with_burst_used(start: Duration, spacing: Duration, used: u32) -> Self {
        // Calls a billion a second apart, the fastest setting there is, are still a nanosecond apart.
        let spacing = spacing.max(Duration::from_nanos(1));
        let quota = Quota::with_period(spacing).unwrap_or(Quota::per_second(BURST));
        let hands = Hands(Cell::new(start));
        let inner = RateLimiter::direct_with_clock(quota.allow_burst(BURST), hands);
        for _ in 0..used {
            // No more is taken than the burst holds.
            let _ = inner.check();
        }
        Self { spacing, inner }
    }

    /// How far apart the calls lie.
    pub(super) fn spacing(&self) -> Duration {
        self.spacing
    }

    /// Lets a call leave now; else says how long it has to wait.
    pub(super) fn check(&self, now: Duration) -> Result<(), Duration> {
        self.inner.clock().0.set(now);
        self.inner.check().map_err(|not| not.wait_time_from(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn one_late_wake_up_is_made_up_for() {
        let limiter = Limiter::starting(ms(1000), ms(100));
        assert_eq!(limiter.check(ms(1000)), Ok(()));
        assert_eq!(limiter.check(ms(1000)), Err(ms(100)));
        // 90 ms late; the next one leaves when it would have left.
        assert_eq!(limiter.check(ms(1190)), Ok(()));
        assert_eq!(limiter.check(ms(1190)), Err(ms(10)));
        assert_eq!(limiter.check(ms(1200)), Ok(()));
        // Long after: two at once and no more.
        assert_eq!(limiter.check(ms(9000)), Ok(()));
        assert_eq!(limiter.check(ms(9000)), Ok(()));
        assert_eq!(limiter.check(ms(9000)), Err(ms(100)));
    }

    #[test]
    fn a_new_limiter_begins_at_the_latest_call() {
        let limiter = Limiter::after(ms(1000), ms(100));
        assert_eq!(limiter.check(ms(1000)), Err(ms(100)));
        assert_eq!(limiter.check(ms(1040)), Err(ms(60)));
        assert_eq!(limiter.check(ms(1100)), Ok(()));
        assert_eq!(limiter.check(ms(1100)), Err(ms(100)));
    }
}
