//! How a list is to be read, and how reading it ended.

use jiff::tz::TimeZone;

use crate::crm::CallError;
use crate::crm::Condition;

/// How a list is to be read.
#[derive(Debug, Clone)]
pub(crate) struct ListOptions {
    /// The condition that customers must fulfil; `None` for all customers.
    pub condition: Option<Condition>,
    /// How many customers are asked for in one page.
    pub page_size: u32,
    /// Calls in flight at most.
    pub concurrency: usize,
    /// Passes at most.
    pub max_passes: u32,
    /// The zone in which the server writes times.
    pub zone: TimeZone,
}

/// How reading a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListEnd {
    /// Every pass that was needed or allowed was read.
    Read(Completeness),
    /// A stop was asked for. The pages read so far are kept.
    Stopped,
    /// The CRM could not be asked any more. The pages read so far are kept.
    Failed(CallError),
}

/// How the first pass over a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FirstPass {
    /// The list holds every customer that was stored from its start to its end.
    Complete,
    /// Customers may be missing from the list.
    Unproven,
    /// The pass was not read to its end.
    Ended(ListEnd),
}

/// What is known of the completeness of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// The list holds every customer that was stored from its start to its end.
    Complete,
    /// Customers may be missing from the list.
    Incomplete,
}
