//! The nouns of `images.rs`: a customer as it was, or as it became.

/// Which image of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Image {
    /// As it was when the row was decided.
    Planned = 0,
    /// As it was just before the write, where it was read then.
    Sent = 1,
    /// As the reply has it.
    Answered = 2,
    /// No image, but a mark: the row's call may have been made twice, so what was read before the second may be what the
    /// first has written.
    Repeated = 3,
}

/// What the journal has of a row's customer, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Images {
    /// Before the row.
    pub before: Option<String>,
    /// After it.
    pub after: Option<String>,
    /// Whether its call may have been made twice.
    pub is_repeated: bool,
}
