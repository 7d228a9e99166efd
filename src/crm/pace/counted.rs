//! The counted windows of an account, as somebody looks at them who makes no call: how much is used, and when enough calls
//! come back.

use super::quota::{Quota, QuotaScope, WindowUse, block_of};
use super::rate::{Rate, Rates};
use crate::crm::clock::{Clock as _, SystemClock};

/// The counted windows of an account.
#[derive(Debug, Clone)]
pub struct CountedQuota {
    rates: Vec<Rate>,
    scope: QuotaScope,
}

impl CountedQuota {
    /// Returns the windows of hours and days of a pace; `None` where it has none.
    pub fn of(rates: &Rates, scope: QuotaScope) -> Option<Self> {
        let rates = rates.counted_windows();
        (!rates.is_empty()).then_some(Self { rates, scope })
    }

    /// Returns how many calls a process that sends may have in hand at most: they are counted as used before they are
    /// made.
    pub fn in_hand(&self) -> u64 {
        block_of(&self.rates)
    }

    /// Looks how much of each window is used now, by all processes of the account, and when so many further calls can
    /// have been made. A count that cannot be read is none.
    pub fn look(&self, calls: u64) -> Vec<WindowUse> {
        let now = SystemClock::default().unix_seconds();
        Quota::look(&self.scope, &self.rates, (now, calls)).unwrap_or_default()
    }
}
