//! How the calls of a job are made: the values that were in force when it began.
//!
//! They stand in `job.json`, so that whoever goes on with a job makes its calls as they were announced, whatever the
//! configuration has become meanwhile.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::crm::Rates;

/// How calls are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSettings {
    /// The calls that are allowed.
    pub rate: Rates,
    /// Calls in flight at most.
    pub concurrency: usize,
    /// For one request.
    pub timeout: Duration,
    /// How long after an attempt the CRM is asked what became of it.
    pub settle: Duration,
    /// How long a CRM that does not answer is waited for.
    pub max_outage: Duration,
    /// Whether a spent quota ends the run.
    pub no_wait: bool,
    /// Whether a customer that ferry added may be written again as it is, to settle rows in doubt.
    pub may_touch: bool,
}
