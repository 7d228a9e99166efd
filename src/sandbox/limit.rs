//! The rate limit and the ways a server says it is busy.
//!
//! Invariant: a call refused here was not executed, and does not count against the limit; within any window of
//! `per`, at most `calls` calls are let in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a busy server asks to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// As a number of seconds.
    Seconds(u32),
    /// As an HTTP date so many seconds from the server's now.
    HttpDate(u32),
}

/// How a busy refusal looks on the wire; what comparable vendors do, see `contract.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusyDress {
    /// HTTP 429, with or without `Retry-After`.
    Http429 {
        /// The `Retry-After` header.
        retry_after: Option<RetryAfter>,
    },
    /// HTTP 503, with or without `Retry-After`.
    Http503 {
        /// The `Retry-After` header.
        retry_after: Option<RetryAfter>,
    },
    /// A refusal inside HTTP 200.
    Envelope200 {
        /// The envelope's code.
        code: String,
        /// The envelope's message.
        message: String,
    },
    /// HTTP 403 with code 403 and this message, e.g. `Server is busy, max request frequency is 20/min`.
    Http403 {
        /// The envelope's message.
        message: String,
    },
}

impl BusyDress {
    /// The refusal inside HTTP 200 that `busy-200` uses: code 429, message 访问过于频繁，请稍后再试.
    pub fn envelope() -> Self {
        Self::Envelope200 {
            code: "429".to_owned(),
            message: "访问过于频繁，请稍后再试".to_owned(),
        }
    }
}

/// At most `calls` executed calls in any window of `per`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many calls.
    pub calls: u32,
    /// The sliding window's length.
    pub per: Duration,
    /// How the surplus is refused.
    pub dress: BusyDress,
}

/// Counts calls against a [`RateLimit`].
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

    /// Admits a call that arrived at `now`, or returns the dress of its refusal.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), BusyDress> {
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
            return Err(limit.dress.clone());
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
            dress: BusyDress::envelope(),
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
