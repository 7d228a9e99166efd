//! The changes between two exports.

pub(crate) mod changes;
pub(crate) mod compare;
pub(crate) mod file;

pub use compare::diff;
