//! Whether the customer that answers an add is a new one.
//!
//! What would go wrong if every answer were taken for a new customer:
//!
//! 1. The CRM merges by phone, and answers an add with a customer that was there before.
//! 2. The row is done, and that customer counts as added by the job.
//! 3. An undo of the job deletes the customer, which ferry never made.
//!
//! A customer is older if it was created clearly before the call left, by the server's clock. Each reply gives a lower
//! bound of that clock, because its customer was created before the reply came. A merged customer gives a bound that is
//! too low and never too high, so the highest bound of all replies holds. For the first reply, `Date` gives the bound,
//! with room for a proxy whose clock is not that of the database. The clocks of a CRM's servers differ too, so two
//! minutes do not make a customer older.
//!
//! Two other signs do not depend on the clock. The ledger may know the customer as another row. And the customer may
//! have another name than the one that was sent. A server may write a name in another form or add to it, so the name is
//! another one only if neither name is part of the other.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use crate::crm::ServerClock;
use crate::model::{CUSTOMER_NAME, Customer, Record, folded};
use crate::stored::value::plain_text;

/// How many seconds before its call a customer that is looked for may seem to be created, by the server's clock.
pub(crate) const SLACK_SECONDS: i64 = 5;
/// How many seconds before its call a new customer may seem to be created, because servers' clocks differ.
const MERGE_SLACK_SECONDS: i64 = 120;
/// How many seconds `Date` may be off the clock of `createTime`.
const DATE_SLACK_SECONDS: i64 = 600;
/// How many seconds this computer's clock may be off, where the server sends no `Date`: signatures allow minutes.
const CLOCK_SLACK_SECONDS: i64 = 3600;
/// Time zones differ by multiples of this.
const ZONE_SECONDS: i64 = 1800;
/// How many seconds the clock of another zone may be off.
const ZONE_SLACK_SECONDS: i64 = 60;
/// The widest difference of two time zones.
const WIDEST_ZONE_SECONDS: i64 = 26 * 3600;

/// Returns when a customer was created, in Unix seconds.
pub(crate) fn created_at(customer: &Customer, zone: &TimeZone) -> Option<i64> {
    unix_seconds(customer.created.as_deref()?, zone)
}

/// Converts a time as the server writes it to Unix seconds.
pub(crate) fn unix_seconds(text: &str, zone: &TimeZone) -> Option<i64> {
    let moment = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
    let zoned = zone.to_ambiguous_timestamp(moment).compatible().ok()?;
    Some(zoned.as_second())
}

/// Returns whether a customer has another name than the one that was sent.
pub(crate) fn has_other_name(sent: &Record, stored: &Map<String, Json>) -> bool {
    let plain = |text: &str| -> String { folded(text).split_whitespace().collect() };
    let Some(sent) = sent.name() else {
        return false;
    };
    if stored.get(CUSTOMER_NAME).and_then(Json::as_str) == Some(sent) {
        return false;
    }
    let sent = plain(sent);
    let stored = stored
        .get(CUSTOMER_NAME)
        .map(plain_text)
        .unwrap_or_default();
    let stored = plain(&stored);
    let is_known = !sent.is_empty() && !stored.is_empty();
    is_known && !stored.contains(&sent) && !sent.contains(&stored)
}

/// Tells new customers from older ones, for all senders of a run.
pub(crate) struct Births {
    zone: TimeZone,
    clock: Arc<ServerClock>,
    /// The highest lower bound of the server's clock so far, in seconds ahead of this computer's.
    least: Mutex<Option<i64>>,
}

impl Births {
    /// Makes the value for a server whose times are in this IANA zone; an unknown zone counts as UTC.
    pub(crate) fn new(timezone: &str, clock: Arc<ServerClock>) -> Self {
        Self {
            zone: TimeZone::get(timezone).unwrap_or(TimeZone::UTC),
            clock,
            least: Mutex::new(None),
        }
    }

    /// Returns whether a customer was there before its call left. `created` is the server's time; `sent_at` and
    /// `ended_at` of the call are in Unix milliseconds. A time that cannot be read makes nobody older.
    pub(crate) fn is_older(&self, created: Option<&str>, sent_at: i64, ended_at: i64) -> bool {
        let Some(created) = created.and_then(|created| unix_seconds(created, &self.zone)) else {
            return false;
        };
        let mut least = self.least.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = created - ended_at.div_euclid(1000) - 1;
        let known = least.unwrap_or_else(|| {
            let date = self.clock.server_clock_offset();
            let expected = date.map_or(-CLOCK_SLACK_SECONDS, |date| date - DATE_SLACK_SECONDS);
            let date = date.unwrap_or(0);
            // At the first reply: an offset of whole half hours shows that the settings name the wrong zone.
            let is_zone = is_another_zone(seen - date);
            if is_zone { seen } else { expected }
        });
        *least = Some(known.max(seen));
        created < sent_at.div_euclid(1000) + known - MERGE_SLACK_SECONDS
    }
}

fn is_another_zone(seconds: i64) -> bool {
    let from_zone = (seconds + ZONE_SECONDS / 2).rem_euclid(ZONE_SECONDS) - ZONE_SECONDS / 2;
    let is_far = seconds.abs() > ZONE_SECONDS / 2 && seconds.abs() <= WIDEST_ZONE_SECONDS;
    is_far && from_zone.abs() <= ZONE_SLACK_SECONDS
}

/// Converts a time as the server writes it to Unix seconds.
pub(crate) fn seconds_of(text: &str, zone: &TimeZone) -> Option<i64> {
    let time: DateTime = text.trim().parse().ok()?;
    let moment: Timestamp = zone.to_timestamp(time).ok()?;
    Some(moment.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn created(seconds: i64) -> String {
        let at = jiff::Timestamp::from_second(seconds).unwrap();
        let at = at.in_tz("Asia/Shanghai").unwrap();
        at.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    fn births(date: Option<i64>) -> Births {
        let clock = date.map_or_else(ServerClock::default, ServerClock::measured);
        Births::new("Asia/Shanghai", Arc::new(clock))
    }

    /// Returns whether a customer that was created at `at` is older than a call of `from` to `to`, all relative to now.
    fn is_older(births: &Births, at: i64, (from, to): (i64, i64)) -> bool {
        let milliseconds = |seconds: i64| (NOW + seconds) * 1000;
        births.is_older(
            Some(&created(NOW + at)),
            milliseconds(from),
            milliseconds(to),
        )
    }

    #[test]
    fn another_name_is_somebody_else() {
        let other = |sent: &str, stored: &str| {
            let mut record = Record::default();
            record.push(
                crate::model::FieldKey::new(CUSTOMER_NAME),
                crate::model::Value::Text(sent.to_owned()),
            );
            let stored = serde_json::json!({ CUSTOMER_NAME: stored });
            has_other_name(&record, stored.as_object().unwrap())
        };
        assert!(other("云帆", "老客户"));
        for stored in ["云帆", " 云 帆", "云帆(1)", "云", ""] {
            assert!(!other("云帆", stored), "{stored}");
        }
        assert!(!other("ＹＵＮＦＡＮ Ltd", "yunfan ltd"));
    }

    #[test]
    fn who_was_created_before_the_call_is_older() {
        let births = births(Some(0));
        assert!(is_older(&births, -7000, (0, 1)), "by `Date` alone");
        assert!(!is_older(&births, 10, (10, 10)));
        assert!(is_older(&births, -120, (11, 12)), "by the reply before");
        assert!(!is_older(&births, 13, (13, 14)));
        // Another server of the CRM, whose clock is a minute behind.
        assert!(!is_older(&births, -45, (14, 15)));
        // A call that waited ten minutes for its turn.
        assert!(!is_older(&births, 620, (20, 621)));
        assert!(!is_older(&births, 630, (622, 631)));
    }

    #[test]
    fn another_clock_or_zone_makes_nobody_older() {
        for (date, offset) in [
            (Some(3600), 3600),
            (Some(0), -60),
            (Some(0), -500),
            (Some(0), -8 * 3600 - 50),
            (Some(0), -8 * 3600),
            (None, 0),
        ] {
            let births = births(date);
            for second in 0..5 {
                let at = second + offset;
                assert!(
                    !is_older(&births, at, (second, second + 1)),
                    "{date:?} {offset}"
                );
            }
            assert!(
                is_older(&births, offset - 3000, (6, 7)),
                "{date:?} {offset}"
            );
        }
    }
}
