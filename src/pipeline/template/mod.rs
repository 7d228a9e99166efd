//! `ferry template`: a workbook to fill in, made from the field list.

pub(crate) mod explain;
pub(crate) mod layout;
pub(crate) mod lists;
#[cfg(test)]
mod tests;
pub(crate) mod workbook;

pub use workbook::{TemplateReport, TemplateRequest, template};
