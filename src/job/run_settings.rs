//! How the calls of a job are made: the values that were in force when it began.
//!
//! They stand in `job.json`, so that a `resume` makes its calls as they were announced, whatever the configuration has
//! become meanwhile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::crm::Rates;

/// How calls are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The calls that are allowed.
    pub rate: Rates,
    /// The most calls in flight.
    pub concurrency: usize,
    /// The longest time that one request may last.
    pub timeout: Duration,
    /// The time after an attempt when the CRM is asked what became of it.
    pub settle: Duration,
    /// The longest time that ferry waits for a CRM that does not answer.
    pub max_outage: Duration,
    /// Whether a spent quota ends the run; else ferry waits.
    pub no_wait: bool,
    /// Whether a customer that ferry added may be written again as it is, to settle rows in doubt.
    pub may_touch: bool,
}
