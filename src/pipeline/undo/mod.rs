//! `ferry undo`: takes a job back.

pub(crate) mod judge;
pub(crate) mod original;
pub(crate) mod request;
pub(crate) mod sheet;
pub(crate) mod successor;
pub(crate) mod take_back;

pub use original::can_be_undone;
pub use request::UndoRequest;
pub use sheet::{RowsOfSheet, rows_of_result};
pub use take_back::undo;
