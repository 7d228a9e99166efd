//! A [`Monitor`] that counts the calls of a run, by the time at which they were made, and passes every report on to another monitor.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::model::{Counter, Monitor, PaceCounts, Problem, Task};

/// Counts calls, and passes every report on.
pub struct CallCounter {
    inner: Arc<dyn Monitor>,
    pace: Mutex<PaceCounts>,
}

impl CallCounter {
    /// Starts at zero.
    pub fn new(inner: Arc<dyn Monitor>) -> Self {
        Self {
            inner,
            pace: Mutex::default(),
        }
    }

    /// Returns the number of calls so far, retries included.
    pub fn calls(&self) -> u64 {
        self.lock().total()
    }

    /// Returns the calls so far, by the time at which they were made.
    pub fn pace(&self) -> PaceCounts {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, PaceCounts> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
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
            let now = jiff::Timestamp::now().as_millisecond();
            self.lock().note(now, amount);
        }
        self.inner.count(counter, amount);
    }

    fn notice(&self, problem: &Problem) {
        self.inner.notice(problem);
    }
}
