//! Tests of whole jobs, run in this process against the sandbox or against a model of a server. Their clock does not
//! wait: a sleep moves it forwards.

mod bench;
mod corrections;
mod freeze;
mod freeze_undo;
mod model;
mod open_doors;
mod properties;
mod regressions;
mod servers;
mod sheets;
mod unreadable;
