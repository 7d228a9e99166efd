//! The reports of a pipeline about its progress.
//!
//! The core never prints. It reports to a [`Monitor`]: the terminal is one, tests collect with another, and
//! [`VoidMonitor`] ignores everything.

use super::Problem;

/// A stretch of work with a beginning and an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// Copying the source into the job folder; counted in bytes.
    Copy,
    /// Mapping, checking and deciding rows; counted in rows.
    Check,
    /// Sending rows; counted in rows.
    Send,
    /// Looking up rows in doubt in the CRM.
    Reconcile,
    /// Writing the result sheet; counted in rows.
    Write,
    /// Reading the list of customers; counted in pages.
    Fetch,
    /// Reading customers one by one that a pass over the list did not bring.
    Settle,
    /// Writing an export; counted in customers.
    Save,
    /// Looking for duplicates; counted in customers, each of which is looked at twice.
    Compare,
}

/// Something that is counted while a task runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Counter {
    /// Requests that left, retries included.
    Calls,
    /// Rows done as wished.
    Ok,
    /// Rows refused by the CRM or invalid.
    Failed,
    /// Rows whose outcome is not known.
    Unknown,
    /// Rows that were skipped.
    Skipped,
    /// Replies that said busy.
    Busy,
}

/// Watches a pipeline. Its methods are called from several threads.
pub trait Monitor: Send + Sync {
    /// Reports that a task begins; `total` is in the task's unit, `None` where it is not known.
    fn start_task(&self, task: Task, total: Option<u64>);
    /// Reports that `amount` more units of the task are done.
    fn advance(&self, task: Task, amount: u64);
    /// Reports that the task is over.
    fn finish_task(&self, task: Task);
    /// Reports that something has happened `amount` times more.
    fn count(&self, counter: Counter, amount: u64);
    /// Shows a problem to a person, once.
    fn notice(&self, problem: &Problem);
}

/// A monitor that ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct VoidMonitor;

impl Monitor for VoidMonitor {
    fn start_task(&self, _: Task, _: Option<u64>) {}
    fn advance(&self, _: Task, _: u64) {}
    fn finish_task(&self, _: Task) {}
    fn count(&self, _: Counter, _: u64) {}
    fn notice(&self, _: &Problem) {}
}
