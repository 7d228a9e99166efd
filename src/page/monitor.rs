//! The page's [`Monitor`]: it collects what a job reports, for whoever looks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::face::pace_outlook::PaceOutlook;
use crate::face::running_task::RunningTask;
use crate::lang::Lang;
use crate::model::{Counter, Monitor, Problem, Task};

/// The most notices that are kept. A job says few; a defect that says thousands must not fill the memory.
const MOST_NOTICES: usize = 200;

/// The most points of the chart of the pace. When they are full, every second one goes and the next are half as dense.
const MOST_POINTS: usize = 240;

/// Collects the progress of one job.
#[derive(Debug)]
pub(super) struct LiveMonitor {
    began: Instant,
    state: Mutex<LiveState>,
}

#[derive(Debug, Default)]
struct LiveState {
    running: RunningTask,
    notices: Vec<Problem>,
    pace: PaceHistory,
}

/// Calls per second over time.
#[derive(Debug, Clone)]
pub(super) struct PaceHistory {
    /// The time from one point to the next.
    pub interval: Duration,
    /// The calls that were made by the end of each interval.
    pub calls: Vec<u64>,
}

impl Default for PaceHistory {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            calls: Vec::new(),
        }
    }
}

impl PaceHistory {
    /// Notes how many calls were made by this time.
    fn note(&mut self, elapsed: Duration, calls: u64) {
        if self.calls.len() >= MOST_POINTS {
            let mut place = 0;
            self.calls.retain(|_| {
                place += 1;
                place % 2 == 0
            });
            self.interval *= 2;
        }
        let intervals = elapsed.as_secs_f64() / self.interval.as_secs_f64();
        // A time in which nobody counted has the calls of its end.
        let missing = (intervals as usize).saturating_sub(self.calls.len());
        for _ in 0..missing.min(MOST_POINTS - self.calls.len()) {
            self.calls.push(calls);
        }
    }

    /// Returns the calls per second of each interval.
    pub fn speeds(&self) -> Vec<f64> {
        let before = std::iter::once(0).chain(self.calls.iter().copied());
        let pairs = before.zip(&self.calls);
        let seconds = self.interval.as_secs_f64();
        pairs
            .map(|(before, after)| after.saturating_sub(before) as f64 / seconds)
            .collect()
    }
}

/// What a job has reported so far.
#[derive(Debug, Clone)]
pub(super) struct LiveReport {
    pub running: RunningTask,
    pub notices: Vec<Problem>,
    pub pace: PaceHistory,
    /// Why nothing is sent at the moment.
    pub waiting: Option<Problem>,
}

impl LiveReport {
    /// Returns a sentence for each window of the quota that does not last to the end of a task that makes calls.
    pub fn quota(&self, lang: Lang) -> Vec<String> {
        let calls = self.running.calls_left().unwrap_or(0);
        self.running.pace.short_windows(calls, lang)
    }
}

impl LiveMonitor {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            state: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, LiveState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows the calls against this pace.
    pub fn show_pace(&self, pace: PaceOutlook) {
        self.lock().running.pace = pace;
    }

    /// Returns what was reported so far.
    pub fn report(&self) -> LiveReport {
        let mut state = self.lock();
        let calls = state.running.counted(Counter::Calls);
        state.pace.note(self.began.elapsed(), calls);
        LiveReport {
            running: state.running.clone(),
            notices: state.notices.clone(),
            pace: state.pace.clone(),
            waiting: state.running.waits_for(),
        }
    }
}

impl Monitor for LiveMonitor {
    fn start_task(&self, task: Task, total: Option<u64>) {
        self.lock().running.start(task, total);
    }

    fn advance(&self, task: Task, amount: u64) {
        self.lock().running.advance(task, amount);
    }

    fn finish_task(&self, task: Task) {
        self.lock().running.finish(task);
    }

    fn count(&self, counter: Counter, amount: u64) {
        let mut state = self.lock();
        state.running.count(counter, amount);
        if counter == Counter::Calls {
            let calls = state.running.counted(Counter::Calls);
            state.pace.note(self.began.elapsed(), calls);
        }
    }

    fn notice(&self, problem: &Problem) {
        let mut state = self.lock();
        state.running.notice(problem);
        let is_new = !state.notices.contains(problem);
        if is_new && state.notices.len() < MOST_NOTICES {
            state.notices.push(problem.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_of_a_long_job_stays_small() {
        let mut pace = PaceHistory::default();
        for second in 1..=10_000_u64 {
            pace.note(Duration::from_secs(second), second * 5);
        }
        assert!(pace.calls.len() <= MOST_POINTS);
        let speeds = pace.speeds();
        let last = speeds.last().copied().unwrap_or_default();
        assert!((last - 5.0).abs() < 0.5, "{last}");
    }
}
