//! Carries out what was decided: decisions become calls, and calls become outcomes in the journal.

pub(crate) mod guard;
pub(crate) mod run;
pub(crate) mod sender;
