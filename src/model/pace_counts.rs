//! How much happened when: rows that were sent, or calls that were made, by the second.
//!
//! Only seconds in which something happened are kept, so a pause of three days takes no room. Memory is bounded: where
//! there are too many stretches, each becomes twice as long.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The most stretches of time that are told apart.
const MOST: usize = 4096;

/// The shortest stretch, in milliseconds.
const SHORTEST: i64 = 1000;

/// Counts by stretches of time of equal length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaceCounts {
    /// The length of a stretch, in milliseconds.
    length: i64,
    /// The counts by the numbers of the stretches since the Unix epoch.
    counts: BTreeMap<i64, u64>,
}

impl Default for PaceCounts {
    fn default() -> Self {
        Self {
            length: SHORTEST,
            counts: BTreeMap::new(),
        }
    }
}

impl PaceCounts {
    /// Notes that something has happened `amount` times at a moment, in Unix milliseconds.
    pub fn note(&mut self, moment: i64, amount: u64) {
        if amount == 0 {
            return;
        }
        *self
            .counts
            .entry(moment.div_euclid(self.length))
            .or_default() += amount;
        while self.counts.len() > MOST {
            self.lengthen(2);
        }
    }

    /// Adds the counts of another time, such as an earlier run.
    pub fn add(&mut self, other: &Self) {
        if other.length > self.length {
            self.lengthen(other.length / self.length);
        }
        for (start, amount) in other.stretches() {
            self.note(start, amount);
        }
    }

    /// Returns the length of a stretch, in milliseconds.
    pub fn length(&self) -> i64 {
        self.length
    }

    /// Returns the beginning of each stretch in which something happened, in Unix milliseconds, and how often it did.
    pub fn stretches(&self) -> impl Iterator<Item = (i64, u64)> {
        let counts = self.counts.iter();
        counts.map(|(number, amount)| (number * self.length, *amount))
    }

    /// Returns how often it has happened in all.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    fn lengthen(&mut self, times: i64) {
        self.length *= times;
        let shorter = std::mem::take(&mut self.counts);
        for (number, amount) in shorter {
            *self.counts.entry(number.div_euclid(times)).or_default() += amount;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_job_takes_little_memory_and_loses_no_count() {
        let mut pace = PaceCounts::default();
        for second in 0..100_000 {
            pace.note(second * 1000 + 999, 5);
        }
        assert!(pace.counts.len() <= MOST, "{}", pace.counts.len());
        assert_eq!((pace.total(), pace.length()), (500_000, 32_000));
        let first = pace.stretches().next();
        assert_eq!(first, Some((0, 160)));
    }

    #[test]
    fn a_pause_takes_no_room_and_runs_are_added() {
        let day = 86_400_000;
        let mut pace = PaceCounts::default();
        pace.note(10_500, 3);
        let mut later = PaceCounts::default();
        for second in 0..5000 {
            later.note(3 * day + second * 1000, 1);
        }
        pace.add(&later);
        assert_eq!(pace.total(), 5003);
        assert_eq!(pace.stretches().next(), Some((10_000, 3)));
        let text = serde_json::to_string(&pace).expect("JSON");
        let read: PaceCounts = serde_json::from_str(&text).expect("read back");
        assert_eq!(read, pace);
    }
}
