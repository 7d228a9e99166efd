//! Writes sheets for people, from the journal of a job and the copy of its source.

pub(crate) mod ahead;
pub(crate) mod answers;
pub(crate) mod changes;
pub(crate) mod checked;
pub(crate) mod layout;
pub(crate) mod locate;
pub(crate) mod place;
pub(crate) mod places;
pub(crate) mod preview;
pub(crate) mod result;
pub(crate) mod side;
pub(crate) mod verified;

pub use changes::ShownChange;
pub use result::{ResultOptions, write_result};
