//! For what a job waits at the moment: a notice says it once, and the screen as long as it is so.

use std::time::{Duration, Instant};

use jiff::ZonedDateTime;
use jiff::civil::{DateTime, Time};

use crate::model::{Code, Problem};

/// A reason to wait, and how long it holds.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    reason: Problem,
    since: Instant,
    ends: Instant,
    /// Whether the next answer of the CRM shows that the waiting is over.
    ends_with_an_answer: bool,
}

/// Answers that came before the reason are heard of so much later at most: they are written in groups.
const LATE_ANSWERS: Duration = Duration::from_secs(1);

impl Waiting {
    /// Returns what a notice says about waiting; `None` for any other notice.
    pub fn of(notice: &Problem) -> Option<Self> {
        let left = match notice.code {
            Code::ServerBusy => Duration::from_secs(notice.fact("seconds").parse().ok()?),
            _ => time_until(notice.fact("until"), &ZonedDateTime::now())?,
        };
        Some(Self {
            reason: notice.clone(),
            since: Instant::now(),
            ends: Instant::now().checked_add(left)?,
            ends_with_an_answer: !matches!(notice.code, Code::ServerBusy | Code::QuotaSpent),
        })
    }

    /// Returns whether an answer of the CRM, which is heard of now, shows that the waiting is over.
    pub fn is_ended_by_an_answer(&self) -> bool {
        self.ends_with_an_answer && self.since.elapsed() >= LATE_ANSWERS
    }

    /// The same, as if it had been said a while ago.
    #[cfg(test)]
    pub fn aged(mut self) -> Self {
        self.since = self.since.checked_sub(2 * LATE_ANSWERS).expect("a clock");
        self
    }

    /// Returns the reason while it holds.
    pub fn reason(&self) -> Option<Problem> {
        (Instant::now() < self.ends).then(|| self.reason.clone())
    }
}

/// Returns the time until a moment, written as notices write it: the time of day, with the date if it is another day.
fn time_until(text: &str, now: &ZonedDateTime) -> Option<Duration> {
    let whole = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok();
    let today = || {
        let time = Time::strptime("%H:%M:%S", text).ok()?;
        Some(now.date().to_datetime(time))
    };
    let moment = whole
        .or_else(today)?
        .to_zoned_datetime(now.time_zone().clone());
    let left = moment.ok()?.timestamp().duration_since(now.timestamp());
    Duration::try_from(left).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_names_a_moment_holds_until_then() {
        let now: ZonedDateTime = "2026-11-23T17:30:00+08:00[Asia/Shanghai]"
            .parse()
            .expect("a time");
        for (text, seconds) in [
            ("17:30:10", Some(10)),
            ("2026-11-24 17:30:00", Some(86_400)),
            ("17:29:59", None),
            ("", None),
        ] {
            let left = time_until(text, &now).map(|left| left.as_secs());
            assert_eq!(left, seconds, "{text}");
        }
        let busy = Problem::new(Code::ServerBusy).with("seconds", "60");
        let waiting = Waiting::of(&busy).expect("a reason to wait");
        assert!(!waiting.ends_with_an_answer && waiting.reason() == Some(busy));
        assert!(Waiting::of(&Problem::new(Code::TextsCut)).is_none());
    }
}
