//! A [`Monitor`] that keeps what a run has cost and said, and passes every report on to another monitor.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Counter, Monitor, PaceCounts, Problem, Task};

/// The most notices that are kept. A run says few; a defect that says thousands must not fill the memory.
const MOST_NOTICES: usize = 200;

/// Counts calls, keeps notices, and passes every report on.
pub struct CallCounter {
    inner: Arc<dyn Monitor>,
    calls: AtomicU64,
    kept: Mutex<KeptReports>,
}

/// What a run has reported.
#[derive(Debug, Clone, Default)]
struct KeptReports {
    pace: PaceCounts,
    notices: Vec<Problem>,
}

impl CallCounter {
    /// Starts at zero.
    pub fn new(inner: Arc<dyn Monitor>) -> Self {
        Self {
            inner,
            calls: AtomicU64::new(0),
            kept: Mutex::default(),
        }
    }

    /// Returns the number of calls so far, retries included.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Returns the calls so far, by the time at which they were made.
    pub fn pace(&self) -> PaceCounts {
        self.read(|kept| kept.pace.clone())
    }

    /// Returns the notices so far, each once.
    pub fn notices(&self) -> Vec<Problem> {
        self.read(|kept| kept.notices.clone())
    }

    fn read<T>(&self, look: impl FnOnce(&mut KeptReports) -> T) -> T {
        look(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Adds a notice to those that were said, unless it was said already, or there are too many.
pub(super) fn add_notice(notices: &mut Vec<Problem>, notice: &Problem) {
    if notices.len() < MOST_NOTICES && !notices.contains(notice) {
        notices.push(notice.clone());
    }
}

impl Monitor for CallCounter {
    fn start_task(&self, task: Task, total: Option<u64>) {
        self.inner.start_task(task, total);
    }

    fn advance(&self, task: Task, amount: u64) {
        self.inner.advance(task, amount);
    }

    fn finish_task(&self, task: Task) {
        self.inner.finish_task(task);
    }

    fn count(&self, counter: Counter, amount: u64) {
        if counter == Counter::Calls {
            self.calls.fetch_add(amount, Ordering::Relaxed);
            let now = jiff::Timestamp::now().as_millisecond();
            self.read(|kept| kept.pace.note(now, amount));
        }
        self.inner.count(counter, amount);
    }

    fn notice(&self, problem: &Problem) {
        self.read(|kept| add_notice(&mut kept.notices, problem));
        self.inner.notice(problem);
    }
}
