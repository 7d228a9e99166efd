//! The server's counters, for tests that assert exact numbers.
//!
//! Invariant: a call to this machine's name is counted when its head arrives, before anything is decided about it, so
//! calls that are refused, dropped or reset are counted like any other. Requests with a foreign `Host` are not calls.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::endpoint::Endpoint;

/// A snapshot of the server's counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Calls that arrived, unknown paths included.
    pub calls: u64,
    /// Calls by endpoint.
    pub calls_by_endpoint: BTreeMap<Endpoint, u64>,
    /// Adds that were stored, whether or not the reply said so.
    pub stored: u64,
    /// Adds that stored nothing because an older customer has the same value (`Options::merge_by`).
    pub merged: u64,
    /// Updates that were stored, or found nothing to change.
    pub updated: u64,
    /// Customers deleted by calls.
    pub deleted: u64,
    /// Refusals, without busy replies.
    pub refused: u64,
    /// Busy replies: by the rate limit, and by faults whose name begins with `busy`.
    pub busy: u64,
    /// Faults that took effect, by name.
    pub faults: BTreeMap<String, u64>,
    /// Calls that fell into an outage, by endpoint.
    pub outages: BTreeMap<Endpoint, u64>,
    /// Highest number of calls that arrived within any one second.
    pub peak_calls_per_second: u32,
    /// Highest number of calls being answered at once.
    pub peak_in_flight: u32,
}

impl Counters {
    /// Returns how many calls `endpoint` received.
    pub fn calls_to(&self, endpoint: Endpoint) -> u64 {
        self.calls_by_endpoint
            .get(&endpoint)
            .copied()
            .unwrap_or_default()
    }

    /// Returns how many faults took effect.
    pub fn faults_injected(&self) -> u64 {
        self.faults.values().sum()
    }

    /// Returns how many calls fell into an outage.
    pub fn calls_in_outages(&self) -> u64 {
        self.outages.values().sum()
    }
}

/// The counters of a running server.
#[derive(Debug, Default)]
pub(super) struct Meter {
    pub(super) counters: Counters,
    in_flight: u32,
    arrivals: VecDeque<Instant>,
}

impl Meter {
    pub(super) fn arrive(&mut self, endpoint: Endpoint, now: Instant) {
        self.counters.calls += 1;
        *self.counters.calls_by_endpoint.entry(endpoint).or_default() += 1;
        self.in_flight += 1;
        self.counters.peak_in_flight = self.counters.peak_in_flight.max(self.in_flight);
        while self
            .arrivals
            .front()
            .is_some_and(|first| now.saturating_duration_since(*first) >= Duration::from_secs(1))
        {
            self.arrivals.pop_front();
        }
        self.arrivals.push_back(now);
        let last_second = self.arrivals.len() as u32;
        self.counters.peak_calls_per_second = self.counters.peak_calls_per_second.max(last_second);
    }

    pub(super) fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    pub(super) fn fault(&mut self, name: String) {
        *self.counters.faults.entry(name).or_default() += 1;
    }

    pub(super) fn outage(&mut self, endpoint: Endpoint) {
        *self.counters.outages.entry(endpoint).or_default() += 1;
    }

    /// Forgets everything but the calls that are still being answered.
    pub(super) fn reset(&mut self) {
        *self = Self {
            in_flight: self.in_flight,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_of_the_peak_slides() {
        let mut meter = Meter::default();
        let start = Instant::now();
        for ms in [0, 900, 1000, 1100, 1899] {
            meter.arrive(Endpoint::Add, start + Duration::from_millis(ms));
            meter.leave();
        }
        assert_eq!(meter.counters.peak_calls_per_second, 4);
        assert_eq!(meter.counters.peak_in_flight, 1);
        meter.reset();
        assert_eq!(meter.counters, Counters::default());
    }
}
