//! The page's [`Monitor`]: it collects what a job reports, for whoever looks.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::face::pace_outlook::PaceOutlook;
use crate::face::running_task::RunningTask;
use crate::lang::Lang;
use crate::model::{Counter, Monitor, PaceCounts, Problem, Task};

/// The most notices that are kept. A job says few; a defect that says thousands must not fill the memory.
const MOST_NOTICES: usize = 200;

/// Collects the progress of one job.
#[derive(Debug)]
pub(super) struct LiveMonitor {
    /// When it began, in Unix milliseconds.
    began: i64,
    state: Mutex<LiveState>,
}

#[derive(Debug, Default)]
struct LiveState {
    running: RunningTask,
    notices: Vec<Problem>,
    pace: PaceCounts,
}

/// What a job has reported so far.
#[derive(Debug, Clone)]
pub(super) struct LiveReport {
    pub running: RunningTask,
    pub notices: Vec<Problem>,
    /// The calls over time.
    pub pace: PaceCounts,
    /// From the beginning until now, in Unix milliseconds.
    pub time: Range<i64>,
    /// Why nothing is sent at the moment.
    pub waiting: Option<Problem>,
}

impl LiveReport {
    /// Returns a sentence for each window of the quota that does not last to the end of a task that makes calls.
    pub fn quota(&self, lang: Lang) -> Vec<String> {
        let calls = self.running.calls_to_count().unwrap_or(0);
        self.running.pace.short_windows(calls, lang)
    }
}

impl LiveMonitor {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            began: now_ms(),
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
        let state = self.lock();
        LiveReport {
            running: state.running.clone(),
            notices: state.notices.clone(),
            pace: state.pace.clone(),
            time: self.began..now_ms(),
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
            state.pace.note(now_ms(), amount);
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

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
