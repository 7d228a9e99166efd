//! Checks a draft against a schema: the result is a record, or the problems of the row.
//!
//! The room makes no calls and reads no files. Every problem of a row is collected, not only the first. A value is
//! changed in no other way than product.md names (*Spreadsheets in*): widths are folded where a machine reads them,
//! dates get one form, choices get the CRM's spelling. A value that cannot be kept exactly is refused.

mod checker;
mod choice;
mod date;
mod intent;
mod lists;
mod problem;
mod region;
mod scalar;
mod width;

pub use checker::{Checked, Checker};
pub use choice::ChoiceIndex;
pub use intent::Intent;
pub(crate) use width::plain_width;

#[cfg(test)]
mod tests;
