//! The six calls by name, what each may do, and how a failed call becomes a [`Problem`].
//!
//! Whether a call may be repeated is a property of the call. The rule is written here once, so that no decorator
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
    /// Returns whether the call may be made again when nobody knows whether it happened: all calls but `add`.
    pub fn is_repeatable(self) -> bool {
        self != Self::Add
    }

    /// Returns whether the call changes nothing in the CRM.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Find | Self::List | Self::Fields)
    }

    /// Returns whether the call names a customer by id, so that the answer may be that the customer is gone.
    pub fn names_customer(self) -> bool {
        matches!(self, Self::Update | Self::Delete | Self::Find)
    }

    /// Returns the name of the call for logs and messages.
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

/// Returns the problem of a failed call, with the server's words as facts: `detail`, and `code` and `trace` where
/// the reply has them.
pub fn problem_of(code: Code, error: &CallError) -> Problem {
    let mut problem = Problem::new(code).with("detail", &error.message);
    for (name, fact) in [("code", &error.code), ("trace", &error.trace_id)] {
        if let Some(fact) = fact {
            problem = problem.with(name, fact);
        }
    }
    problem
}
