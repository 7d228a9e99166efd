//! The types of `images.rs`: a customer before and after a row.

/// The kinds of images, by the number in the column `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Image {
    /// The customer when the row was decided.
    Planned = 0,
    /// The customer just before the write, where it was read then.
    Sent = 1,
    /// The customer as the reply to the write has it.
    Answered = 2,
    /// No image, but a mark: the row's call may have been made twice. So what was read before the second call may be
    /// what the first has written.
    Repeated = 3,
}

/// What the journal knows about a row's customer, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Images {
    /// The customer before the row.
    pub before: Option<String>,
    /// The customer after the row.
    pub after: Option<String>,
    /// Whether the row's call may have been made twice.
    pub is_repeated: bool,
}
