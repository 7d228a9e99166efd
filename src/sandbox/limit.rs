//! The rate limit in front of the calls.
//!
//! Invariant: within any window of `per`, at most `calls` calls are let in. A call that the limit refuses is not
//! executed, and does not count against the limit.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::dress::Dress;

/// A limit of `calls` calls in any window of `per`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many calls a window holds.
    pub calls: u32,
    /// The sliding window's length.
    pub per: Duration,
    /// The reply to a call above the limit.
    pub dress: Dress,
}

/// A count of calls against a [`RateLimit`].
#[derive(Debug)]
pub(super) struct Limiter {
    limit: Option<RateLimit>,
    admitted: VecDeque<Instant>,
}

impl Limiter {
    pub(super) fn new(limit: Option<RateLimit>) -> Self {
        Self {
            limit,
            admitted: VecDeque::new(),
        }
    }

    /// Lets in a call that arrived at `now`, or returns the dress of its refusal.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), Dress> {
        let Some(limit) = &self.limit else {
            return Ok(());
        };
        while self
            .admitted
            .front()
            .is_some_and(|first| now.saturating_duration_since(*first) >= limit.per)
        {
            self.admitted.pop_front();
        }
        if self.admitted.len() >= limit.calls as usize {
            return Err(limit.dress);
        }
        self.admitted.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_as_many_calls_as_the_window_holds() {
        let mut limiter = Limiter::new(Some(RateLimit {
            calls: 2,
            per: Duration::from_secs(1),
            dress: Dress::LIMIT_IN_200,
        }));
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        assert!(limiter.admit(at(0)).is_ok());
        assert!(limiter.admit(at(600)).is_ok());
        assert!(limiter.admit(at(999)).is_err());
        assert!(limiter.admit(at(1000)).is_ok());
        assert!(limiter.admit(at(1599)).is_err());
    }
}
