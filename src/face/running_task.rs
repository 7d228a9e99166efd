//! What a running job has reported so far, and the line that says it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::pace_outlook::PaceOutlook;
use super::waiting::Waiting;
use crate::lang::Lang;
use crate::lang::say::{amounts, progress as said};
use crate::model::{Counter, Problem, Task};

/// The task that runs, and everything that was counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunningTask {
    /// The allowed pace.
    pub pace: PaceOutlook,
    task: Option<CountedTask>,
    counters: BTreeMap<Counter, u64>,
    waiting: Option<Waiting>,
}

#[derive(Debug, Clone)]
struct CountedTask {
    task: Task,
    began: Instant,
    done: u64,
    total: Option<u64>,
    calls_before: u64,
}

impl CountedTask {
    fn rest(&self) -> Option<u64> {
        Some(self.total?.saturating_sub(self.done))
    }
}

impl RunningTask {
    /// Notes that a task begins; `total` is in the task's unit.
    pub fn start(&mut self, task: Task, total: Option<u64>) {
        self.task = Some(CountedTask {
            task,
            began: Instant::now(),
            done: 0,
            total,
            calls_before: self.counted(Counter::Calls),
        });
    }

    /// Notes that more of the task is done. Returns whether it is the one that runs.
    pub fn advance(&mut self, task: Task, amount: u64) -> bool {
        if task == Task::Fetch {
            self.note_answer();
        }
        let running = self.task.as_mut().filter(|running| running.task == task);
        running.map(|running| running.done += amount).is_some()
    }

    /// Notes that a task is over. Returns whether it was the one that ran.
    pub fn finish(&mut self, task: Task) -> bool {
        let is_it = self.task.as_ref().is_some_and(|its| its.task == task);
        if is_it {
            self.task = None;
        }
        is_it
    }

    /// Notes that something has happened.
    pub fn count(&mut self, counter: Counter, amount: u64) {
        *self.counters.entry(counter).or_default() += amount;
        if counter == Counter::Ok {
            self.note_answer();
        }
    }

    /// Takes what a notice says about waiting.
    pub fn notice(&mut self, notice: &Problem) {
        if let Some(waiting) = Waiting::of(notice) {
            self.waiting = Some(waiting);
        }
    }

    /// Returns why the job waits at the moment.
    pub fn waits_for(&self) -> Option<Problem> {
        self.waiting.as_ref().and_then(Waiting::reason)
    }

    /// Notes that the CRM has answered.
    fn note_answer(&mut self) {
        self.waiting
            .take_if(|waiting| waiting.is_ended_by_an_answer());
    }

    /// Returns how often something has happened.
    pub fn counted(&self, counter: Counter) -> u64 {
        self.counters.get(&counter).copied().unwrap_or(0)
    }

    /// Returns how much of the task is done, and of how much, in the task's unit.
    pub fn done(&self) -> Option<(u64, Option<u64>)> {
        self.task.as_ref().map(|its| (its.done, its.total))
    }

    /// Returns the line while the job waits for this reason: how far it is, and until when it waits. Its pace and the
    /// time that is left would be untrue. `None` while no task runs.
    pub fn waiting_line(&self, lang: Lang, reason: &Problem) -> Option<String> {
        let (done, total) = self.done()?;
        let done = match total {
            Some(total) => format!("{done}/{total}"),
            None => done.to_string(),
        };
        Some(format!("{done} · {}", said::waiting(lang, reason)))
    }

    /// Returns the time that is left at the speed so far, or that the quota of hours and days takes if that is longer.
    /// `None` before anything is known.
    fn time_left(&self) -> Option<Duration> {
        let running = self.task.as_ref()?;
        let (elapsed, rest) = (running.began.elapsed(), running.rest()?);
        let is_known = running.done > 0 && elapsed > Duration::from_secs(1);
        let by_speed = elapsed.mul_f64(rest as f64 / running.done.max(1) as f64);
        let by_quota = self.pace.time_for(self.calls_to_count().unwrap_or(0));
        if is_known {
            return Some(by_speed.max(by_quota));
        }
        (!by_quota.is_zero()).then_some(by_quota)
    }

    /// Returns how many calls of the rest of the task are not counted yet as used, at least; `None` for a task without
    /// calls.
    pub fn calls_to_count(&self) -> Option<u64> {
        let in_hand = self
            .pace
            .quota
            .as_ref()
            .map_or(0, |(quota, _)| quota.in_hand());
        Some(self.calls_left()?.saturating_sub(in_hand))
    }

    /// Returns how many calls the rest of the task takes about, by those of what is done; `None` for a task without calls.
    fn calls_left(&self) -> Option<u64> {
        let running = self.task.as_ref()?;
        let rest = running.rest()?;
        let calls = self.counted(Counter::Calls) - running.calls_before;
        match (running.task, running.done) {
            // Before anything is known, a row takes a call.
            (Task::Send | Task::Settle, 0) => Some(rest),
            (Task::Send | Task::Settle | Task::Fetch, done) if done > 0 => {
                Some((rest as f64 * calls as f64 / done as f64).ceil() as u64)
            }
            _ => None,
        }
    }

    /// Returns a line such as `sending 120/1000 rows · ok 118 · with problems 2 · 4.9 calls/s of 5/s · 2 min 59 s left`; `None`
    /// while no task runs.
    pub fn line(&self, lang: Lang) -> Option<String> {
        let running = self.task.as_ref()?;
        let elapsed = running.began.elapsed();
        let done = match (running.task, running.total) {
            (Task::Copy, _) => format!("{:.1}", running.done as f64 / f64::from(1 << 20)),
            (_, Some(total)) => format!("{}/{total}", running.done),
            (_, None) => running.done.to_string(),
        };
        let mut parts = vec![said::task(lang, running.task, &done)];
        if running.task == Task::Send {
            parts.push(said::amount(lang, Counter::Ok, self.counted(Counter::Ok)));
            for counter in [Counter::Failed, Counter::Unknown, Counter::Busy] {
                if self.counted(counter) > 0 {
                    parts.push(said::amount(lang, counter, self.counted(counter)));
                }
            }
        }
        if matches!(running.task, Task::Send | Task::Fetch | Task::Settle) {
            let calls = self.counted(Counter::Calls) - running.calls_before;
            let speed = calls as f64 / elapsed.as_secs_f64().max(0.001);
            parts.push(said::pace(lang, speed, &self.pace.words));
            if let Some(left) = self.time_left() {
                parts.push(said::left(lang, &amounts::duration(lang, left)));
            }
        }
        Some(parts.join(" · "))
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::model::Code;

    /// The columns of a terminal without the bar and the blank behind it.
    const WIDTH: usize = 80 - 24 - 1;

    #[test]
    fn an_outage_lasts_until_the_crm_answers() {
        let until = "2026-11-24 17:30:00";
        let answers: [fn(&mut RunningTask); 2] = [
            |running| running.count(Counter::Ok, 1),
            // A list that is read counts no row.
            |running| {
                running.advance(Task::Fetch, 200);
            },
        ];
        for answer in answers {
            let mut running = RunningTask::default();
            running.start(Task::Send, Some(3000));
            running.advance(Task::Send, 934);
            for code in [Code::OutageWait, Code::Unreachable] {
                let notice = Problem::new(code)
                    .with("until", until)
                    .with("seconds", "600");
                running.notice(&notice);
                let reason = running.waits_for().expect("a reason");
                for (lang, said) in [
                    (Lang::Zh, "934/3000 · 等待 CRM 恢复，最迟 "),
                    (Lang::En, "934/3000 · waiting for the CRM until "),
                ] {
                    let line = running.waiting_line(lang, &reason).expect("a task runs");
                    assert_eq!(line, format!("{said}{until}"));
                }
            }
            // An answer from before is heard of late.
            answer(&mut running);
            assert!(running.waits_for().is_some());
            running.waiting = running.waiting.take().map(Waiting::aged);
            answer(&mut running);
            assert!(running.waits_for().is_none());
            let line = running.line(Lang::En).expect("a task runs");
            assert!(line.contains("934/3000"), "{line}");
        }
    }

    #[test]
    fn a_line_of_waiting_fits_into_eighty_columns() {
        let mut running = RunningTask::default();
        running.start(Task::Send, Some(3_000_000));
        running.advance(Task::Send, 1_234_567);
        for lang in [Lang::Zh, Lang::En] {
            for (code, until) in [
                (Code::OutageWait, "14:02:10"),
                (Code::Unreachable, "14:02:10"),
                (Code::QuotaSpent, "2026-11-24 17:30:00"),
                (Code::WaitingToSettle, "14:02:10"),
                (Code::ServerBusy, ""),
            ] {
                let notice = Problem::new(code)
                    .with("until", until)
                    .with("seconds", "3600");
                let line = running.waiting_line(lang, &notice).expect("a task runs");
                assert!(line.width() <= WIDTH, "{line}");
            }
        }
    }
}
