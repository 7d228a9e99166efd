//! How a list is read, and how reading it ended.

use jiff::tz::TimeZone;

use crate::crm::CallError;
use crate::crm::Condition;

/// How a list is read.
#[derive(Debug, Clone)]
pub(crate) struct ListOptions {
    /// Which customers; all for `None`.
    pub condition: Option<Condition>,
    /// Customers a page that are asked for.
    pub page_size: u32,
    /// Calls in flight at most.
    pub concurrency: usize,
    /// Passes at most.
    pub max_passes: u32,
    /// The zone of the server's times.
    pub zone: TimeZone,
}

/// How reading a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListEnd {
    /// Every pass that was needed or allowed is there.
    Read(Verdict),
    /// Somebody asked to stop; what is there is kept.
    Stopped,
    /// The CRM could not be asked any more; what is there is kept.
    Failed(CallError),
}

/// How the first pass over a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FirstPass {
    /// Every customer that was there throughout is in it.
    Complete,
    /// Customers may be missing.
    Unproven,
    /// It was not read to its end.
    Ended(ListEnd),
}

/// What is known of the completeness of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every customer that was there throughout is in it.
    Complete,
    /// Customers may be missing.
    Incomplete,
}
