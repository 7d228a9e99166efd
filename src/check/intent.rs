//! What a checked row is for.

/// What is to happen with a row, as far as checking cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// A new customer: required fields must be there.
    Add,
    /// A change: blank cells leave the stored value alone.
    Update,
}
