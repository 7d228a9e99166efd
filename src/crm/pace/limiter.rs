//! governor's limiter on the clock of the pace.
//!
//! A burst of 2 lets the next call make up for a sender that woke late; with a burst of 1, every late wake-up is lost
//! for good. No limiter begins with a burst that was not saved: a new one begins with what its predecessor left.
//! governor cannot change a quota in place, so a changed spacing is a new limiter that begins at the latest call.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

/// How many calls may leave at once after a pause of two spacings.
const BURST: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");

/// A clock for governor, which shows what it was set to.
#[derive(Debug, Default)]
struct Hands(Cell<Duration>);

impl Clock for Hands {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.get()
    }
}

/// Keeps calls a spacing apart. Times are those of the pace's clock.
#[derive(Debug)]
pub(super) struct Limiter {
    spacing: Duration,
    inner: RateLimiter<NotKeyed, InMemoryState, Hands, NoOpMiddleware<Duration>>,
}

impl Limiter {
    /// Makes a limiter that lets the first call leave at `start`, and one each `spacing` from then on.
    pub(super) fn starting(start: Duration, spacing: Duration) -> Self {
        Self::with_burst_used(start, spacing, BURST.get() - 1)
    }

    /// Makes a limiter that lets the first call leave one `spacing` after `last`.
    pub(super) fn after(last: Duration, spacing: Duration) -> Self {
        Self::with_burst_used(last, spacing, BURST.get())
    }

    fn with_burst_used(start: Duration, spacing: Duration, used: u32) -> Self {
        // governor refuses a period of zero.
        let spacing = spacing.max(Duration::from_nanos(1));
        let quota = Quota::with_period(spacing).unwrap_or(Quota::per_second(BURST));
        let hands = Hands(Cell::new(start));
        let inner = RateLimiter::direct_with_clock(quota.allow_burst(BURST), hands);
        for _ in 0..used {
            // The burst holds at least as many, so none is refused.
            let _ = inner.check();
        }
        Self { spacing, inner }
    }

    /// Returns the distance between two calls.
    pub(super) fn spacing(&self) -> Duration {
        self.spacing
    }

    /// Counts a call that leaves now, or returns how long it has to wait.
    pub(super) fn try_pass(&self, now: Duration) -> Result<(), Duration> {
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
        assert_eq!(limiter.try_pass(ms(1000)), Ok(()));
        assert_eq!(limiter.try_pass(ms(1000)), Err(ms(100)));
        // 90 ms late; the next call leaves as if it had not been.
        assert_eq!(limiter.try_pass(ms(1190)), Ok(()));
        assert_eq!(limiter.try_pass(ms(1190)), Err(ms(10)));
        assert_eq!(limiter.try_pass(ms(1200)), Ok(()));
        // After a long pause two calls leave at once, and no more.
        assert_eq!(limiter.try_pass(ms(9000)), Ok(()));
        assert_eq!(limiter.try_pass(ms(9000)), Ok(()));
        assert_eq!(limiter.try_pass(ms(9000)), Err(ms(100)));
    }

    #[test]
    fn a_new_limiter_begins_at_the_latest_call() {
        let limiter = Limiter::after(ms(1000), ms(100));
        assert_eq!(limiter.try_pass(ms(1000)), Err(ms(100)));
        assert_eq!(limiter.try_pass(ms(1040)), Err(ms(60)));
        assert_eq!(limiter.try_pass(ms(1100)), Ok(()));
        assert_eq!(limiter.try_pass(ms(1100)), Err(ms(100)));
    }
}
