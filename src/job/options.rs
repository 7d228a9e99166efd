//! How the calls of a run are made: what was asked for, and nothing that changes while it runs.

use std::time::Duration;

use crate::job::error_limit::MaxErrors;

/// How long attempts last, and how long after them the CRM is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub settle: Duration,
    pub timeout: Duration,
    /// Whether a customer that ferry added may be written again as it is, to see whether the search shows it.
    pub may_touch: bool,
}

/// How to send.
#[derive(Debug, Clone)]
pub struct SendOptions {
    /// Calls in flight at most.
    pub concurrency: usize,
    /// How long after an attempt the CRM is asked what became of it.
    pub settle: Duration,
    /// How long an attempt may last.
    pub timeout: Duration,
    /// Whether a customer that ferry added may be written again as it is, to settle rows in doubt. Default true.
    pub may_touch: bool,
    /// Send at most so many rows.
    pub limit: Option<u64>,
    /// How many rows may be wrong before the run stops.
    pub max_errors: Option<MaxErrors>,
}

impl SendOptions {
    /// How long attempts last, and how long after them the CRM is asked.
    pub(crate) fn timing(&self) -> Timing {
        Timing {
            settle: self.settle,
            timeout: self.timeout,
            may_touch: self.may_touch,
        }
    }
}
