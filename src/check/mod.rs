//! A draft and a schema to a record and its problems.
//!
//! Pure. Every problem of a row is collected, never only the first. A value is changed in no other way
//! than product.md names (*Spreadsheets in*): widths folded where a machine reads them, dates in one
//! form, choices by the spelling of the CRM. What cannot be kept exactly is refused.

mod checker;
mod choice;
mod date;
mod intent;
mod lists;
mod problem;
mod scalar;
mod width;

pub use checker::{Checked, Checker};
pub use choice::ChoiceIndex;
pub use intent::Intent;

#[cfg(test)]
mod tests;
