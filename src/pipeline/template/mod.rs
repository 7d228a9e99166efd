//! `ferry template`: makes a workbook to fill in, from the account's field list.

pub(crate) mod explain;
pub(crate) mod layout;
pub(crate) mod lists;
#[cfg(test)]
mod tests;
pub(crate) mod workbook;

pub use workbook::{TemplateReport, TemplateRequest, template};
