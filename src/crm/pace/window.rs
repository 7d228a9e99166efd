//! The calls of this process that lie in one sliding window, and how many may lie there.
//!
//! Late wake-ups bring calls closer together than they were spaced. So each window remembers when its calls really
//! left, and never holds more than its limit, however late a sender wakes.
//!
//! Several processes divide a window into shares. What would go wrong if a share were simply changed:
//!
//! 1. Process A has the window for itself: N calls of the last second are its own.
//! 2. Process B comes, and each may have N/2. A second that begins before 1 and ends after 2 holds the N calls of A,
//!    and those of B.
//! 3. B leaves. A may have N at once, and the N/2 calls that B made just before lie in the same second.
//!
//! So a limit moves from the old share to the new one within one period: as fast as the calls of the process that comes
//! can enter the window, or the calls of the process that left leave it. Until then [`SLACK`] calls are kept free,
//! because calls enter and leave a window not quite evenly.

use std::collections::VecDeque;
use std::time::Duration;

use super::rate::Rate;

/// How much wider than the setting calls are spaced, so that jitter on the way does not cross it.
const SPACED: f64 = 1.01;
/// How much longer than the setting a window is, for the same reason. Less than [`SPACED`], so that the next calls can
/// make up for late ones.
const LENGTHENED: f64 = 1.0075;
/// Calls that stay free while a limit moves.
const SLACK: u64 = 2;

/// One process among those of an account that are sending now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// How many of them came before this one, from 0.
    pub rank: u64,
    /// How many there are, this one included.
    pub of: u64,
}

impl Share {
    /// The share of the only process.
    pub(super) const WHOLE: Self = Self { rank: 0, of: 1 };

    /// Returns this process's part of so many calls. The parts of all ranks add up to the whole. No part grows with the
    /// number of processes, so two processes that see different numbers of them never take too much together.
    pub(super) fn part(self, calls: u64) -> u64 {
        (calls + self.of - 1 - self.rank) / self.of
    }
}

/// The sliding window of one rate. Times are those of the pace's clock.
#[derive(Debug)]
pub(super) struct Window {
    rate: Rate,
    released: VecDeque<Duration>,
    /// The limit moves within one period from `from`, at `since`, to `to`.
    from: u64,
    to: u64,
    since: Duration,
}

impl Window {
    /// Makes the empty window of a process that is alone.
    pub(super) fn new(rate: Rate) -> Self {
        Self {
            rate,
            released: VecDeque::new(),
            from: rate.calls,
            to: rate.calls,
            since: Duration::ZERO,
        }
    }

    /// Returns how many calls all processes may make together in one period.
    pub(super) fn calls(&self) -> u64 {
        self.rate.calls
    }

    /// Returns how long a call stays in the window.
    pub(super) fn period(&self) -> Duration {
        self.rate.period.mul_f64(LENGTHENED)
    }

    /// Returns the distance between calls of a process that is alone.
    pub(super) fn full_spacing(&self) -> Duration {
        self.rate.spacing().mul_f64(SPACED)
    }

    /// Returns the distance between calls of this process.
    pub(super) fn spacing(&self) -> Duration {
        let share = self.rate.calls as f64 / self.to.max(1) as f64;
        self.full_spacing().mul_f64(share)
    }

    /// Gives this process another share; the limit moves towards it.
    pub(super) fn move_to(&mut self, share: Share, now: Duration) {
        self.from = self.limit(now);
        self.to = share.part(self.rate.calls);
        self.since = now;
    }

    /// Gives this process another share at once: when it joins the others, or when a turn changes hands.
    pub(super) fn set(&mut self, share: Share) {
        self.to = share.part(self.rate.calls);
        self.from = self.to;
    }

    /// Returns how many calls of this process the window may hold now.
    fn limit(&self, now: Duration) -> u64 {
        let gone = now
            .saturating_sub(self.since)
            .div_duration_f64(self.period());
        if gone >= 1.0 || self.from == self.to {
            return self.to;
        }
        let moved = (self.from.abs_diff(self.to) as f64 * gone) as u64;
        if self.from > self.to {
            self.from.saturating_sub(moved + SLACK).max(self.to)
        } else {
            (self.from + moved).saturating_sub(SLACK).max(self.from)
        }
    }

    /// Returns whether this process has a share at all: there may be more processes than calls.
    pub(super) fn has_share(&self) -> bool {
        self.to > 0
    }

    /// Returns whether none of this process's calls is left in the window.
    pub(super) fn is_empty(&mut self, now: Duration) -> bool {
        self.forget(now);
        self.released.is_empty()
    }

    /// Returns how long the next call has to wait for room in the window; zero when there is room.
    pub(super) fn rest(&mut self, now: Duration) -> Duration {
        self.forget(now);
        let limit = self.limit(now);
        let held = self.released.len() as u64;
        if held < limit {
            return Duration::ZERO;
        }
        let room = self
            .released
            .get((held - limit) as usize)
            .map_or(self.since, |first| *first)
            + self.period();
        let until = if self.from < self.to {
            let step = self.period().div_f64((self.to - self.from) as f64);
            room.min(now + step)
        } else {
            room
        };
        until.saturating_sub(now).max(Duration::from_micros(1))
    }

    /// Notes a call that leaves now.
    pub(super) fn push(&mut self, now: Duration) {
        self.released.push_back(now);
    }

    fn forget(&mut self, now: Duration) {
        let period = self.period();
        while self
            .released
            .front()
            .is_some_and(|first| *first + period <= now)
        {
            self.released.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    const HALF: Share = Share { rank: 0, of: 2 };

    fn filled(calls: u64) -> Window {
        let mut window = Window::new(Rate::new(calls, 1));
        for call in 0..calls {
            window.push(ms(call * 1000 / calls));
        }
        window
    }

    #[test]
    fn late_calls_wait_until_the_window_has_room() {
        let mut window = Window::new(Rate::new(2, 1));
        assert_eq!(window.rest(ms(1500)), ms(0));
        window.push(ms(1500));
        assert_eq!(window.rest(ms(1510)), ms(0));
        window.push(ms(1510));
        assert_eq!(window.rest(ms(1520)), Duration::from_micros(987_500));
        assert!(!window.is_empty(ms(2517)));
        assert!(window.is_empty(ms(2518)));
    }

    #[test]
    fn the_parts_of_all_ranks_are_the_whole() {
        for calls in 1..=20 {
            for of in 1..=25 {
                let part = |rank, of| Share { rank, of }.part(calls);
                assert_eq!((0..of).map(|rank| part(rank, of)).sum::<u64>(), calls);
                for rank in 0..of {
                    assert!(part(rank, of + 1) <= part(rank, of));
                }
            }
        }
    }

    #[test]
    fn a_limit_shrinks_as_fast_as_the_calls_of_another_come() {
        let mut window = filled(100);
        window.move_to(HALF, ms(1000));
        let at = |part: f64| ms(1000) + window.period().mul_f64(part);
        assert_eq!(window.limit(at(0.0)), 98);
        assert_eq!(window.limit(at(0.5)), 73);
        assert_eq!(window.limit(at(1.0)), 50);
        assert_eq!(window.spacing(), ms(1010) / 50);
    }

    #[test]
    fn a_limit_grows_as_fast_as_the_calls_of_another_leave() {
        let mut window = filled(100);
        window.set(HALF);
        window.move_to(Share::WHOLE, ms(1000));
        let at = |part: f64| ms(1000) + window.period().mul_f64(part);
        assert_eq!(window.limit(at(0.0)), 50);
        assert_eq!(window.limit(at(0.5)), 73);
        assert_eq!(window.limit(at(1.0)), 100);
        // A further change on the way begins at the limit that is reached.
        let middle = at(0.5);
        window.move_to(HALF, middle);
        assert_eq!(window.limit(middle), 71);
    }

    #[test]
    fn who_has_no_share_waits_until_the_limit_has_grown() {
        let mut window = Window::new(Rate::new(1, 1));
        window.set(Share { rank: 1, of: 2 });
        assert!(!window.has_share());
        window.move_to(Share::WHOLE, ms(1000));
        assert!(window.has_share());
        let rest = window.rest(ms(1000));
        assert_eq!(rest, window.period());
        assert_eq!(window.rest(ms(1000) + rest), ms(0));
    }
}
