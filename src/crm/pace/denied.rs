//! Why the pace lets no call leave.

use super::rate::Rate;
use crate::model::{Phrase, Saying};

/// Why the pace lets no call leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Somebody asked to stop.
    #[error("stopped before the call was made")]
    Stopped,
    /// A window of hours or days is spent, and the caller does not wait.
    #[error("the quota of {rate} is spent until {until}")]
    Spent {
        /// The rate whose window is spent.
        rate: Rate,
        /// When the window has room again, for people.
        until: String,
    },
    /// The file that counts hours and days cannot be used.
    #[error("cannot count calls: {0}")]
    CannotCount(String),
}

impl Denied {
    /// Returns the same reason as a phrase for people.
    pub fn reason(&self) -> Phrase {
        match self {
            Self::Stopped => Saying::StoppedBeforeCall.into(),
            Self::Spent { rate, until } => Phrase::new(Saying::QuotaSpentUntil)
                .with("rate", rate.to_string())
                .with("until", until),
            Self::CannotCount(cause) => Phrase::new(Saying::CannotCount).with("cause", cause),
        }
    }
}
