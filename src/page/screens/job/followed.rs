//! A job that another process works on, as far as its journal tells: how many rows have their answer, how fast that has
//! gone since somebody looks, and the time that is left.

use std::time::{Duration, Instant};

use crate::job::report::Report;
use crate::lang::{Lang, page, say};
use crate::model::Status;

/// How long is looked before a pace is told.
const ENOUGH: Duration = Duration::from_secs(5);

/// How long no row has its answer before that is told.
const STILL: Duration = Duration::from_secs(15);

/// How a job that is worked on elsewhere stands.
#[derive(Debug)]
pub(super) struct Followed {
    pub percent: u64,
    pub line: String,
}

/// What somebody who looks has seen of a job so far.
#[derive(Debug)]
pub(super) struct Follower {
    began: Instant,
    /// How many rows had their answer at the first look.
    first: u64,
    /// How many rows had their answer at the last look, and since when.
    last: (u64, Instant),
}

impl Follower {
    /// Begins to look at a job.
    pub fn of(report: &Report) -> Self {
        let (done, now) = (answered(report), Instant::now());
        Self {
            began: now,
            first: done,
            last: (done, now),
        }
    }

    /// Looks once more.
    pub fn look(&mut self, report: &Report, lang: Lang) -> Followed {
        let (done, total) = (answered(report), report.counts.total());
        if done != self.last.0 {
            self.last = (done, Instant::now());
        }
        let said = |key, facts: &[(&str, &str)]| page::fill(lang, key, facts);
        let counts = [("done", done.to_string()), ("total", total.to_string())];
        let facts = counts
            .each_ref()
            .map(|(name, count)| (*name, count.as_str()));
        let mut parts = vec![said("followed", &facts)];
        let (looked, still) = (self.began.elapsed(), self.last.1.elapsed());
        let gained = done.saturating_sub(self.first);
        let time = |time: Duration| say::amounts::duration(lang, time);
        if still >= STILL {
            parts.push(said("followed-still", &[("time", &time(still))]));
        } else if looked >= ENOUGH && gained > 0 {
            let speed = gained as f64 / looked.as_secs_f64();
            parts.push(said("followed-pace", &[("speed", &format!("{speed:.1}"))]));
            let left = Duration::from_secs_f64(total.saturating_sub(done) as f64 / speed);
            parts.push(said("followed-left", &[("time", &time(left))]));
        }
        Followed {
            percent: (done * 100).checked_div(total).unwrap_or(0),
            line: parts.join(" · "),
        }
    }
}

fn answered(report: &Report) -> u64 {
    let open = report.status(Status::Pending);
    report.counts.total().saturating_sub(open)
}
