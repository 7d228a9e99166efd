//! Reads the whole list of an account, page by page, while people work in it.

pub(crate) mod digest;
pub(crate) mod fetch;
pub(crate) mod options;
pub(crate) mod paging;
pub(crate) mod settle;
pub(crate) mod start;
#[cfg(test)]
mod tests;
pub(crate) mod whole_list;
