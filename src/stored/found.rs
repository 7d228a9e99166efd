//! What is known about a stored customer that was looked up.

use std::collections::HashMap;

use crate::model::{CustomerId, Problem};

/// What a look-up of a customer has shown.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// The customer is stored; its JSON, on one line.
    Stored(String),
    /// The customer is gone.
    Gone,
    /// The customer cannot be read, and why.
    Unread(Problem),
}

/// Stored customers by id.
pub(crate) type StoredCustomers = HashMap<CustomerId, Found>;
