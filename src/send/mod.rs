//! Decisions become calls, and calls outcomes.

pub(crate) mod guard;
pub(crate) mod run;
pub(crate) mod sender;
