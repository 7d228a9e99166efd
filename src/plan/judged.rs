//! A judged row: what its cells say, and which customer it changes.

use crate::check::Checked;
use crate::mapping::Target;
use crate::model::{CustomerId, Draft, Record};

/// A judged row, and what is known of its customer.
pub(crate) struct Judged {
    /// The row's cells, mapped to fields.
    pub draft: Draft,
    /// The checked record, and the problems of the cells.
    pub checked: Checked,
    /// The stored customer as JSON, where the row changes it.
    pub before: Option<String>,
    /// The one stored customer that has the row's key.
    pub matched: Option<CustomerId>,
    /// All values of a row that was found by a key; `checked` holds only those that differ from what is stored.
    pub whole: Option<Record>,
    /// Whether the customer that was found by a key keeps its owner, although the row names another.
    pub keeps_owner: bool,
    /// What the cells of an export or a result sheet feed that are blank although something is stored.
    pub blank_cells: Vec<Target>,
}

impl Judged {
    pub fn new(draft: Draft, checked: Checked, before: Option<String>) -> Self {
        Self {
            draft,
            checked,
            before,
            matched: None,
            whole: None,
            keeps_owner: false,
            blank_cells: Vec::new(),
        }
    }
}
