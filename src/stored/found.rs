//! What is known of a stored customer that was asked for.

use std::collections::HashMap;

use crate::model::{CustomerId, Problem};

/// What is known of a customer.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// It is stored; its JSON.
    Stored(String),
    /// It is not there.
    Gone,
    /// It cannot be read, and why.
    Unread(Problem),
}

/// Stored customers by id.
pub(crate) type StoredCustomers = HashMap<CustomerId, Found>;
