//! The moment at which a list began, by the server's clock, and whether a customer was stored by then.
//!
//! The invariant: [`Age::Before`] is said only of a customer that was certainly created before the server counted.
//! Times of creation are given in whole seconds and without a zone, and by another clock than `Date`. A customer whose
//! time lies within these doubts is [`Age::Unsure`].

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::crm::Page;
use crate::journal::Age;
use crate::model::Customer;
use crate::stored::birth::seconds_of;

/// How many seconds the clock of the server's `Date` may be off the one by which it writes `createTime`: a proxy may
/// give the first, a database the second.
const DOUBT_SECONDS: i64 = 120;

/// Times that lie more seconds than this in the future cannot be true.
const FUTURE_SECONDS: i64 = 60;

/// A time that lies fewer seconds than this in the past shows that clock and zone are the right ones.
const RECENT_SECONDS: i64 = 3600;

/// Times of creation that are this many seconds apart, or fewer, have no order: several machines give them, in whole
/// seconds.
const ORDER_SECONDS: i64 = 2;

/// When the server counted its customers for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    /// How many customers the server counted.
    pub count: u64,
    /// The earliest moment at which it may have counted, in Unix seconds of its clock; `None` when that is not known.
    earliest: Option<i64>,
    /// The latest moment at which it may have counted, likewise.
    latest: Option<i64>,
    /// When the newest customer of the first page was created, in Unix seconds: customers that were created earlier
    /// were counted as well.
    newest: Option<i64>,
    /// Whether the first page shows that the list begins with the newest customer: a newer one was not counted.
    is_newest_first: bool,
}

impl Start {
    /// Takes the start from the first page. `asked` and `came` are when it was asked for and came, in Unix seconds of
    /// our clock; `ahead` is by how many seconds the server's clock is ahead, if it says so.
    pub fn new(page: &Page, asked: i64, came: i64, ahead: Option<i64>, zone: &TimeZone) -> Self {
        let created = page.customers.iter();
        let created: Vec<Option<i64>> = created
            .map(|customer| time_of(customer, "createTime").and_then(|text| seconds_of(text, zone)))
            .collect();
        let falls = created
            .iter()
            .zip(created.iter().skip(1))
            .all(|(one, next)| next.is_some() && one >= next);
        Self {
            count: page.count,
            earliest: ahead.map(|ahead| asked + ahead - DOUBT_SECONDS),
            latest: ahead.map(|ahead| came + ahead + DOUBT_SECONDS),
            newest: created.iter().copied().flatten().max(),
            is_newest_first: created.len() > 2 && falls && created.first() > created.last(),
        }
    }

    /// Returns whether a customer was among those that were counted. In a filtered list, a customer that was changed
    /// since may have come into the filter later, so it is unsure.
    pub fn age(&self, customer: &Customer, zone: &TimeZone, is_filtered: bool) -> Age {
        let of = |text: &str| {
            let Some(moment) = seconds_of(text, zone) else {
                return Age::Unsure;
            };
            let is_older = self.newest.map(|newest| moment < newest - ORDER_SECONDS);
            let is_newer = self.newest.map(|newest| moment > newest + ORDER_SECONDS);
            if is_older == Some(true) || self.earliest.is_some_and(|earliest| moment < earliest) {
                Age::Before
            } else if self.latest.is_some_and(|latest| moment > latest)
                || (self.is_newest_first && !is_filtered && is_newer == Some(true))
            {
                Age::Since
            } else {
                Age::Unsure
            }
        };
        let created = time_of(customer, "createTime").map_or(Age::Unsure, of);
        // Without a time of its last change it is not known when a customer came into the filter.
        let changed = time_of(customer, "updateTime").map_or(Age::Unsure, of);
        if is_filtered && created == Age::Before && changed != Age::Before {
            Age::Unsure
        } else {
            created
        }
    }
}

fn time_of<'a>(customer: &'a Customer, key: &str) -> Option<&'a str> {
    customer.fields.get(key).and_then(|value| value.as_str())
}

/// Whether the times of customers fit the clock and the zone by which they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plausibility {
    /// Some times lie in the future: the zone is another one, or a clock is wrong.
    Wrong,
    /// No time is recent enough to tell.
    Unproven,
    /// A time lies in the last hour.
    Proven,
}

impl Plausibility {
    /// Judges by the `newest` time, as the server writes it. `now` is our clock in Unix seconds, `ahead` by how many
    /// seconds the server's clock is ahead of it.
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

    fn page(created: &[&str]) -> Page {
        let created = created.iter();
        Page {
            customers: created
                .map(|time| customer(&serde_json::json!({"createTime": time})))
                .collect(),
            count: 7,
        }
    }

    #[test]
    fn the_first_page_tells_more_than_a_clock() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let at = 1_795_593_600;
        {
            let first = [
                "2026-11-25 15:59:50",
                "2026-11-25 15:59:40",
                "2020-01-01 00:00:00",
            ];
            let falling = Start::new(&page(&first), at, at, None, &zone);
            let other = ["2020-01-01 00:00:00", "2026-11-25 15:59:50"];
            let other = Start::new(&page(&other), at, at, None, &zone);
            for (created, in_order, in_any) in [
                ("2026-11-25 15:59:47", Age::Before, Age::Before),
                ("2026-11-25 15:59:48", Age::Unsure, Age::Unsure),
                ("2026-11-25 15:59:52", Age::Unsure, Age::Unsure),
                ("2026-11-25 15:59:53", Age::Since, Age::Unsure),
            ] {
                let customer = customer(&serde_json::json!({"createTime": created}));
                assert_eq!(falling.age(&customer, &zone, false), in_order, "{created}");
                assert_eq!(other.age(&customer, &zone, false), in_any, "{created}");
            }
        }
    }

    #[test]
    fn only_what_is_certain_is_before() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        // 2026-11-25 16:00:00 China time.
        let at = 1_795_593_600;
        let start = Start::new(&page(&[]), at, at + 1, Some(0), &zone);
        for (created, age) in [
            ("2026-11-25 15:57:59", Age::Before),
            ("2026-11-25 15:58:00", Age::Unsure),
            ("2026-11-25 16:02:01", Age::Unsure),
            ("2026-11-25 16:02:02", Age::Since),
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
        // It is not known when a customer without a time of change came into a filter.
        for (more, age) in [
            (serde_json::json!({}), Age::Unsure),
            (serde_json::json!({"updateTime": null}), Age::Unsure),
            (
                serde_json::json!({"updateTime": "2020-02-01 00:00:00"}),
                Age::Before,
            ),
        ] {
            let mut fields = serde_json::json!({"createTime": "2020-01-01 00:00:00"});
            if let (Some(fields), Some(more)) = (fields.as_object_mut(), more.as_object()) {
                fields.extend(more.clone());
            }
            assert_eq!(start.age(&customer(&fields), &zone, true), age, "{fields}");
        }
        // Without the server's clock nothing is certain.
        let blind = Start::new(&page(&[]), at, at, None, &zone);
        let old = customer(&serde_json::json!({"createTime": "2020-01-01 00:00:00"}));
        assert_eq!(blind.age(&old, &zone, false), Age::Unsure);
        // A server whose clock is an hour ahead.
        let ahead = Start::new(&page(&[]), at, at, Some(3600), &zone);
        let during = customer(&serde_json::json!({"createTime": "2026-11-25 16:57:50"}));
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
