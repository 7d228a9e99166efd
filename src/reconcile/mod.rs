//! Outcomes in doubt become proof, or stay unknown.

pub(crate) mod doubts;
pub(crate) mod error;
pub(crate) mod features;
pub(crate) mod look;
pub(crate) mod search;
pub(crate) mod touch;
pub(crate) mod verdict;
pub(crate) mod witness;
