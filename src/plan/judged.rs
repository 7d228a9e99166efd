//! A row that was judged: what its cells say, and whose customer it changes.

use crate::check::Checked;
use crate::model::{CustomerId, Draft, Record};

/// A row that was judged, and what is known of its customer.
pub(crate) struct Judged {
    /// Its cells.
    pub draft: Draft,
    /// What they say.
    pub checked: Checked,
    /// The stored customer as JSON, where the row changes it.
    pub before: Option<String>,
    /// The customer that has its key.
    pub matched: Option<CustomerId>,
    /// All values of such a row: what is left of them above is only what differs.
    pub whole: Option<Record>,
}

impl Judged {
    pub fn new(draft: Draft, checked: Checked, before: Option<String>) -> Self {
        Self {
            draft,
            checked,
            before,
            matched: None,
            whole: None,
        }
    }
}
