//! One stored customer: compared with a row, shown in a cell, merged with a row's lists, and when it was created.
//! Nothing here makes a call.

pub(crate) mod birth;
pub(crate) mod cell;
pub(crate) mod change;
pub(crate) mod customer;
pub(crate) mod found;
pub(crate) mod key_form;
pub(crate) mod list;
pub(crate) mod owner_names;
pub(crate) mod value;

pub use customer::Unreadable;
pub use owner_names::OwnerNames;
