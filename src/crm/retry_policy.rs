//! How long an ailing server is waited for: what retry, breaker and pace go by.

use std::time::Duration;

/// How long to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts of a repeatable call whose outcome stays unknown. Default 7, about 35 s of waiting.
    pub attempts: u32,
    /// An outage, or a pause that the server asks for, of more than this ends the call. Default 10 min.
    pub max_outage: Duration,
    /// The same before the server was reached for the first time: then a wrong address is likelier than
    /// an outage; three times as long where somebody replies who has never answered as the CRM does. Default 15 s.
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
