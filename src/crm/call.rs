//! The six calls by name, what may be done with each, and the problem that a failed one is.
//!
//! Whether a call may be repeated is a property of the call; it is written here once so that no decorator
//! decides it again.

use super::call_error::CallError;
use crate::model::{Code, Problem};

/// One of the six calls of contract.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// Stores a new customer.
    Add,
    /// Changes a customer.
    Update,
    /// Deletes a customer.
    Delete,
    /// Reads a customer.
    Find,
    /// Reads a page of customers.
    List,
    /// Reads the field configuration.
    Fields,
}

impl Call {
    /// Whether the call may be made again when nobody knows whether it happened: all but `add`.
    pub fn is_repeatable(self) -> bool {
        self != Self::Add
    }

    /// Whether the call changes nothing.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Find | Self::List | Self::Fields)
    }

    /// Whether the call names a customer by id, so that the customer can be gone.
    pub fn names_customer(self) -> bool {
        matches!(self, Self::Update | Self::Delete | Self::Find)
    }

    /// For logs and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Find => "find",
            Self::List => "list",
            Self::Fields => "fields",
        }
    }
}

/// What the server said of a call that failed, as the facts of a problem: `detail`, and `code` and `trace` where the
/// reply has them.
pub fn problem_of(code: Code, error: &CallError) -> Problem {
    let mut problem = Problem::new(code).with("detail", &error.message);
    for (name, fact) in [("code", &error.code), ("trace", &error.trace_id)] {
        if let Some(fact) = fact {
            problem = problem.with(name, fact);
        }
    }
    problem
}
