//! How long ferry waits for an ailing server; retry, breaker and pace obey the same policy.

use std::time::Duration;

/// The limits of waiting for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts of a repeatable call whose outcome stays unknown. Default 7, which is about 35 s of waiting.
    pub attempts: u32,
    /// The longest outage, or pause that the server asks for, that a call waits out. Default 10 min.
    pub max_outage: Duration,
    /// The same before the CRM has ever answered, when a wrong address is likelier than an outage. Three times as
    /// long where something replies at the address, but never as the CRM does. Default 15 s.
    pub first_contact: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 7,
            max_outage: Duration::from_secs(600),
            first_contact: Duration::from_secs(15),
        }
    }
}
