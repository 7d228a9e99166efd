//! The requests of list calls, and the answer of the list of customers.

use crate::model::Customer;

/// What to list: one page, of all customers or of those that meet one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The page to list, from 1.
    pub page: u32,
    /// Customers per page; the server may have a lower cap.
    pub limit: u32,
    /// At most one condition: whether several mean *and* or *or* is not known (contract.md).
    pub condition: Option<Condition>,
}

/// Which fields to list, as far as only the server can tell: the reply has neither fact (contract.md).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldQuery {
    /// The server's own words for categories of fields; empty for all.
    pub categories: Vec<String>,
    /// Only fields that people may edit, or only those that they may not; `None` for both.
    pub is_editable: Option<bool>,
}

/// The documented search operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `eq`: the field holds the value.
    Equals {
        /// Key of the field.
        field: String,
        /// The value looked for.
        value: String,
    },
    /// `empty`: the field holds nothing.
    Empty {
        /// Key of the field.
        field: String,
    },
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The customers of this page, in the server's order.
    pub customers: Vec<Customer>,
    /// How many customers match in total, as the server counts them.
    pub count: u64,
}
