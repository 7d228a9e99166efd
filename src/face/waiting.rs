//! For what a job waits at the moment: a notice says it once, and the screen as long as it is so.

use std::time::{Duration, Instant};

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
        // Whatever holds until a moment names it.
        let waits = notice.code == Code::ServerBusy || !notice.fact("until").is_empty();
        let seconds = notice.fact("seconds").parse().ok().filter(|_| waits)?;
        let left = Duration::from_secs(seconds);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_names_a_moment_holds_until_then() {
        let busy = Problem::new(Code::ServerBusy).with("seconds", "60");
        let waiting = Waiting::of(&busy).expect("a reason to wait");
        assert!(!waiting.ends_with_an_answer && waiting.reason() == Some(busy));
        let spent = |seconds: &str| {
            let notice = Problem::new(Code::QuotaSpent).with("until", "17:30:10");
            Waiting::of(&notice.with("seconds", seconds))
        };
        assert!(spent("10").expect("a reason to wait").reason().is_some());
        assert!(spent("0").expect("a reason that was").reason().is_none());
        assert!(Waiting::of(&Problem::new(Code::TextsCut)).is_none());
        assert!(Waiting::of(&Problem::new(Code::TextsCut).with("seconds", "3")).is_none());
    }
}
