//! ferry moves customers between spreadsheets and a CRM: never twice, never lost, every row answered.
//!
//! The way of a row through an import:
//!
//! 1. [`source`] copies the file, finds sheets, header, columns and keys; [`table`] streams its rows as text.
//! 2. [`lookup`] reads what is stored for it.
//! 3. [`plan`] decides it: [`mapping`] sorts its cells to fields, [`check`] makes a record of them, or problems.
//! 4. [`send`] sends it: [`journal`] keeps that it is being sent, before it is, and then the outcome; [`crm`] paces, signs and
//!    sends the call, and says what its failure means.
//! 5. [`reconcile`] finds out what became of it where no reply says so.
//! 6. [`results`] answers it in the result sheet; [`lang`] finds the words.
//!
//! [`pipeline`] has a file for each command that does all this, [`export`] the way out. [`job`] and [`stored`] hold their
//! nouns, [`model`] those of everybody; [`cli`] is everything that is typed or printed, `face` what it shares with other faces, and [`sandbox`] a CRM to try it all on.
//! `DESIGN.md` says why it is so.

pub mod check;
pub mod cli;
pub mod crm;
pub mod export;
mod face;
pub mod job;
pub mod journal;
pub mod lang;
pub mod lookup;
pub mod mapping;
pub mod model;
mod page;
pub mod pipeline;
pub mod plan;
pub mod reconcile;
pub mod results;
pub mod sandbox;
pub mod send;
pub mod source;
pub mod stored;
pub mod table;
