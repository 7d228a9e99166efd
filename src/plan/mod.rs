//! Rows become decisions: what is to be done with each, before anything is.

pub(crate) mod asking;
pub(crate) mod decide;
pub(crate) mod duplicates;
pub(crate) mod earlier;
pub(crate) mod import;
pub(crate) mod judge;
pub(crate) mod judged;
pub(crate) mod matching;
pub(crate) mod preview;
pub(crate) mod removal;
pub(crate) mod rows;

pub use import::ImportRequest;
pub use preview::Preview;
pub use removal::DeleteRequest;
