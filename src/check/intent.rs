//! What a row is checked for.

/// What is to happen with a row, as far as its check is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// A customer is added: required fields must be there.
    Add,
    /// A customer is changed: blank cells leave the stored value alone.
    Update,
}
