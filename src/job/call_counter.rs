//! A [`Monitor`] that counts the calls of a run and passes every report on to another monitor.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Counter, Monitor, Problem, Task};

/// Counts calls, and passes every report on.
pub struct CallCounter {
    inner: Arc<dyn Monitor>,
    calls: AtomicU64,
}

impl CallCounter {
    /// Starts at zero.
    pub fn new(inner: Arc<dyn Monitor>) -> Self {
        Self {
            inner,
            calls: AtomicU64::new(0),
        }
    }

    /// Returns the number of calls so far, retries included.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
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
        }
        self.inner.count(counter, amount);
    }

    fn notice(&self, problem: &Problem) {
        self.inner.notice(problem);
    }
}
