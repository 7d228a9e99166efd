//! A search that lags behind the store: for a while it shows older versions of changed customers.
//!
//! Invariant: the store and its index are always up to date. Older versions are kept beside them, in memory, so that
//! nothing but a search ever sees them, and after a restart no search does.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// The customers that a search shows in an older version.
#[derive(Debug, Default)]
pub(super) struct Lag {
    delay: Duration,
    /// For each customer the version that is shown and the later ones, each with the moment from which it is shown.
    /// `None` stands for a customer that does not exist.
    versions: BTreeMap<i64, VecDeque<(Instant, Option<String>)>>,
}

impl Lag {
    pub(super) fn new(delay: Duration) -> Self {
        Self {
            delay,
            versions: BTreeMap::new(),
        }
    }

    /// Notes a change of a customer; `before` or `after` is `None` if the customer did not exist then.
    pub(super) fn changed(
        &mut self,
        id: i64,
        before: Option<String>,
        after: Option<String>,
        now: Instant,
    ) {
        if !self.delay.is_zero() {
            self.versions
                .entry(id)
                .or_insert_with(|| VecDeque::from([(now, before)]))
                .push_back((now + self.delay, after));
        }
    }

    /// Forgets the older versions of one customer.
    pub(super) fn skip(&mut self, id: i64) {
        self.versions.remove(&id);
    }

    /// Forgets the older versions of every customer.
    pub(super) fn forget(&mut self) {
        self.versions.clear();
    }

    /// Forgets the versions whose time is over; returns whether any older version was kept before.
    pub(super) fn catch_up(&mut self, now: Instant) -> bool {
        let was_behind = !self.versions.is_empty();
        self.versions.retain(|_, versions| {
            while versions.get(1).is_some_and(|(from, _)| *from <= now) {
                versions.pop_front();
            }
            versions.len() > 1
        });
        was_behind
    }

    /// Returns the customers that are shown in an older version, with that version.
    pub(super) fn shown(&self) -> impl Iterator<Item = (i64, Option<&str>)> {
        self.versions
            .iter()
            .filter_map(|(id, versions)| Some((*id, versions.front()?.1.as_deref())))
    }

    /// Returns the older version in which a customer is shown.
    pub(super) fn version(&self, id: i64) -> Option<&str> {
        self.versions.get(&id)?.front()?.1.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_is_shown_in_its_time() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let text = |text: &str| Some(text.to_owned());
        let mut lag = Lag::new(Duration::from_secs(1));
        lag.changed(1, None, text("a"), at(0));
        lag.changed(1, text("a"), text("b"), at(500));
        lag.changed(1, text("b"), None, at(600));
        for (ms, shown) in [(999, None), (1000, Some("a")), (1500, Some("b"))] {
            assert!(lag.catch_up(at(ms)));
            assert_eq!(lag.shown().collect::<Vec<_>>(), [(1, shown)], "{ms}");
        }
        assert!(lag.catch_up(at(1600)));
        assert_eq!((lag.shown().count(), lag.catch_up(at(1601))), (0, false));
    }
}
