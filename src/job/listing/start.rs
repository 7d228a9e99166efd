//! The moment at which an export began, by the server's clock, and whether a customer was there by then.
//!
//! The invariant: [`Age::Before`] is said only of a customer that was certainly created before the server counted.
//! Times of creation have no zone and whole seconds, `Date` has whole seconds as well and may be a second old; what
//! lies within these doubts is [`Age::Unsure`].

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::journal::Age;
use crate::model::Customer;

/// How far a server's `Date` may be from the clock by which it writes `createTime`, in seconds.
const DOUBT_SECONDS: i64 = 2;

/// Times that lie so far in the future cannot be true, in seconds.
const FUTURE_SECONDS: i64 = 60;

/// A time that lies so little in the past shows that clock and zone are the right ones, in seconds.
const RECENT_SECONDS: i64 = 3600;

/// When the server counted its customers for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Start {
    /// How many it counted.
    pub count: u64,
    /// The earliest moment of that, in Unix seconds of the server's clock; `None` when that clock is not known.
    earliest: Option<i64>,
    /// The latest moment of it.
    latest: Option<i64>,
}

impl Start {
    /// From the moments between which the first page was asked for and came, in Unix seconds of our clock, and the
    /// seconds by which the server's is ahead, if it says so.
    pub fn new(count: u64, (asked, came): (i64, i64), ahead: Option<i64>) -> Self {
        Self {
            count,
            earliest: ahead.map(|ahead| asked + ahead - DOUBT_SECONDS),
            latest: ahead.map(|ahead| came + ahead + DOUBT_SECONDS),
        }
    }

    /// Whether a customer was among those that were counted. Of a filter, one that was changed since may have come
    /// into it later.
    pub fn age(&self, customer: &Customer, zone: &TimeZone, is_filtered: bool) -> Age {
        let time = |key: &str| customer.fields.get(key).and_then(|value| value.as_str());
        let of = |text: &str| match (seconds_of(text, zone), self.earliest, self.latest) {
            (Some(moment), Some(earliest), _) if moment < earliest => Age::Before,
            (Some(moment), _, Some(latest)) if moment > latest => Age::Since,
            _ => Age::Unsure,
        };
        let created = time("createTime").map_or(Age::Unsure, of);
        match time("updateTime").filter(|text| is_filtered && !text.is_empty()) {
            Some(changed) if created == Age::Before && of(changed) != Age::Before => Age::Unsure,
            _ => created,
        }
    }
}

/// What the times that were seen say of the clock and the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plausibility {
    /// Some lie in the future: the zone is another, or a clock is wrong.
    Wrong,
    /// Nothing that was seen is new enough to tell.
    Unproven,
    /// Something was seen that has just happened.
    Proven,
}

impl Plausibility {
    /// Whether the times that were seen can be told by the clock and the zone that they are read by. `newest` is the
    /// latest of them, `now` our clock in Unix seconds.
    pub fn of(newest: &str, zone: &TimeZone, now: i64, ahead: Option<i64>) -> Self {
        let (Some(newest), Some(ahead)) = (seconds_of(newest, zone), ahead) else {
            return Self::Unproven;
        };
        let age = now + ahead - newest;
        if age < -FUTURE_SECONDS {
            Self::Wrong
        } else if age < RECENT_SECONDS {
            Self::Proven
        } else {
            Self::Unproven
        }
    }
}

/// The Unix seconds of a time as the server writes it.
fn seconds_of(text: &str, zone: &TimeZone) -> Option<i64> {
    let time: DateTime = text.trim().parse().ok()?;
    let moment: Timestamp = zone.to_timestamp(time).ok()?;
    Some(moment.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CustomerId;

    fn customer(fields: &serde_json::Value) -> Customer {
        Customer {
            id: CustomerId::parse("1").expect("an id"),
            created: None,
            edited: false,
            created_by: None,
            fields: fields.as_object().expect("an object").clone(),
        }
    }

    #[test]
    fn only_what_is_certain_is_before() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        // 2026-11-25 16:00:00 China time.
        let at = 1_795_593_600;
        let start = Start::new(7, (at, at + 1), Some(0));
        for (created, age) in [
            ("2026-11-25 15:59:57", Age::Before),
            ("2026-11-25 15:59:58", Age::Unsure),
            ("2026-11-25 16:00:03", Age::Unsure),
            ("2026-11-25 16:00:04", Age::Since),
            ("yesterday", Age::Unsure),
        ] {
            let customer = customer(&serde_json::json!({"createTime": created}));
            assert_eq!(start.age(&customer, &zone, false), age, "{created}");
        }
        assert_eq!(
            start.age(&customer(&serde_json::json!({})), &zone, false),
            Age::Unsure
        );
        let changed = customer(
            &serde_json::json!({"createTime": "2020-01-01 00:00:00", "updateTime": "2026-11-25 16:00:09"}),
        );
        assert_eq!(start.age(&changed, &zone, false), Age::Before);
        assert_eq!(start.age(&changed, &zone, true), Age::Unsure);
        // Without the server's clock nothing is certain.
        let blind = Start::new(7, (at, at), None);
        let old = customer(&serde_json::json!({"createTime": "2020-01-01 00:00:00"}));
        assert_eq!(blind.age(&old, &zone, false), Age::Unsure);
        // An hour ahead.
        let ahead = Start::new(7, (at, at), Some(3600));
        let during = customer(&serde_json::json!({"createTime": "2026-11-25 16:59:50"}));
        assert_eq!(ahead.age(&during, &zone, false), Age::Before);
    }

    #[test]
    fn a_wrong_zone_shows_by_times_in_the_future() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let at = 1_795_593_600;
        for (newest, said) in [
            ("2026-11-25 16:02:00", Plausibility::Wrong),
            ("2026-11-25 16:00:10", Plausibility::Proven),
            ("2026-11-25 15:30:00", Plausibility::Proven),
            ("2026-11-25 08:00:00", Plausibility::Unproven),
            ("", Plausibility::Unproven),
        ] {
            assert_eq!(
                Plausibility::of(newest, &zone, at, Some(0)),
                said,
                "{newest}"
            );
        }
    }
}
