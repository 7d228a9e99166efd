//! How the calls of a run are made. Nothing here changes while the run lasts.

use std::time::Duration;

use crate::job::error_limit::MaxErrors;

/// The times by which attempts and look-ups are spaced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub settle: Duration,
    pub timeout: Duration,
    /// Whether a customer that ferry added may be written again as it is, to learn whether the search shows it.
    pub may_touch: bool,
}

/// How rows are sent.
#[derive(Debug, Clone)]
pub struct SendOptions {
    /// The most calls in flight.
    pub concurrency: usize,
    /// The time after an attempt when the CRM is asked what became of it.
    pub settle: Duration,
    /// The longest time that an attempt may last.
    pub timeout: Duration,
    /// Whether a customer that ferry added may be written again as it is, to settle rows in doubt. Default true.
    pub may_touch: bool,
    /// The most rows that this run sends; `None` for all.
    pub limit: Option<u64>,
    /// How many rows may be wrong before the run stops; `None` for any number.
    pub max_errors: Option<MaxErrors>,
}

impl SendOptions {
    /// Returns the times by which attempts and look-ups are spaced.
    pub(crate) fn timing(&self) -> Timing {
        Timing {
            settle: self.settle,
            timeout: self.timeout,
            may_touch: self.may_touch,
        }
    }
}
