//! The account's customers as they are stored: the whole list, single ones by their `_id`, and those that have a key.

pub(crate) mod by_key;
pub(crate) mod customers;
pub(crate) mod find_all;
pub(crate) mod listing;
