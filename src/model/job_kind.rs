//! What a job is for: the command that made it decides how it is gone on with, named and shown.

use serde::{Deserialize, Serialize};

use super::JobId;

/// What a job is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Rows of a file become customers: `ferry import`, `plan`, `apply`.
    Import,
    /// Customers of a file go: `ferry delete`.
    Delete,
    /// What another job wrote is taken back: `ferry undo`.
    Undo {
        /// That job.
        of: JobId,
    },
    /// The list becomes a file: `ferry export`.
    Export,
}

impl JobKind {
    /// The command, as `--json` names it.
    pub fn command(&self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Delete => "delete",
            Self::Undo { .. } => "undo",
            Self::Export => "export",
        }
    }

    /// The job that it takes back.
    pub fn undoes(&self) -> Option<&JobId> {
        match self {
            Self::Undo { of } => Some(of),
            Self::Import | Self::Delete | Self::Export => None,
        }
    }

    /// Whether it takes another job back.
    pub fn is_undo(&self) -> bool {
        self.undoes().is_some()
    }

    /// Whether customers may go by it: nothing of it is sent that nobody has confirmed by its name.
    pub fn takes_away(&self) -> bool {
        matches!(self, Self::Delete | Self::Undo { .. })
    }
}
