//! The request and the answer of a list call.

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
