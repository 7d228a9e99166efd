//! What the pipelines tell whoever watches them.
//!
//! The core never prints. The terminal is one `Monitor`, tests collect with another, and
//! [`VoidMonitor`] ignores everything.

use super::Problem;

/// A stretch of work with a beginning and an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// Copying the source into the job folder; counted in bytes.
    Copy,
    /// Mapping, checking and deciding rows.
    Check,
    /// Sending rows.
    Send,
    /// Looking rows in doubt up in the CRM.
    Reconcile,
    /// Writing the result sheet; counted in rows.
    Write,
    /// Reading the list of customers; counted in pages.
    Fetch,
    /// Reading customers one by one that a pass over the list did not bring.
    Settle,
    /// Writing an export; counted in customers.
    Save,
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

/// Watches a pipeline. Called from several threads.
pub trait Monitor: Send + Sync {
    /// A task begins; `total` in the task's unit where it is known.
    fn start_task(&self, task: Task, total: Option<u64>);
    /// So many more units of the task are done.
    fn advance(&self, task: Task, amount: u64);
    /// The task is over.
    fn finish_task(&self, task: Task);
    /// Something happened so many times.
    fn count(&self, counter: Counter, amount: u64);
    /// Something a person should read, once.
    fn notice(&self, problem: &Problem);
}

/// Ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct VoidMonitor;

impl Monitor for VoidMonitor {
    fn start_task(&self, _: Task, _: Option<u64>) {}
    fn advance(&self, _: Task, _: u64) {}
    fn finish_task(&self, _: Task) {}
    fn count(&self, _: Counter, _: u64) {}
    fn notice(&self, _: &Problem) {}
}
