//! Looks up adds whose outcome is in doubt: each is proven stored, proven absent, or stays unknown.

pub(crate) mod doubts;
pub(crate) mod error;
pub(crate) mod features;
pub(crate) mod look;
pub(crate) mod search;
pub(crate) mod touch;
pub(crate) mod verdict;
pub(crate) mod witness;
