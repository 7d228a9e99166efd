//! Reads the account's customers as they are stored: the whole list, single customers by their `_id`, and customers by
//! a key.

pub(crate) mod by_key;
pub(crate) mod customers;
pub(crate) mod find_all;
pub(crate) mod listing;
pub(crate) mod spooled;
