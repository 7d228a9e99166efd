//! ferry moves customers between spreadsheets and a CRM: never twice, never lost, every row answered.
//!
//! The way of a row through an import:
//!
//! 1. [`table`] streams it from a spreadsheet as text, with its row number.
//! 2. [`mapping`] sorts its cells to fields; [`check`] makes a record of them, or problems.
//! 3. [`job`] decides what is to be done with it: add, update, nothing.
//! 4. [`journal`] keeps the decision, and then that the row is being sent, before it is.
//! 5. [`crm`] paces, signs and sends the call, and says what its failure means.
//! 6. [`journal`] keeps the outcome, and the ledger that these cells have been added.
//! 7. [`job`] writes the result sheet from the journal; [`lang`] finds the words.
//!
//! [`model`] holds the nouns, [`cli`] everything that is typed or printed, and [`sandbox`] a CRM to try it
//! all on. `DESIGN.md` and the pages of `docs/design/` say why it is so.

pub mod check;
pub mod cli;
pub mod crm;
pub mod export;
pub mod job;
pub mod journal;
pub mod lang;
pub mod lookup;
pub mod mapping;
pub mod model;
pub mod pipeline;
pub mod plan;
pub mod reconcile;
pub mod results;
pub mod sandbox;
pub mod send;
pub mod source;
pub mod stored;
pub mod table;
