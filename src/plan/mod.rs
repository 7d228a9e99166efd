//! Decides what is to be done with each row, before anything is sent.

pub(crate) mod asking;
pub(crate) mod decide;
pub(crate) mod duplicates;
pub(crate) mod earlier;
pub(crate) mod edited;
pub(crate) mod emptied;
pub(crate) mod foreseen;
pub(crate) mod import;
pub(crate) mod judge;
pub(crate) mod judged;
pub(crate) mod keepers;
pub(crate) mod matching;
pub(crate) mod preview;
pub(crate) mod removal;
pub(crate) mod rows;
pub(crate) mod taken_away;

pub use import::ImportRequest;
pub use preview::Preview;
pub use removal::DeleteRequest;
