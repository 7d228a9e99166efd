//! The kind of a job: import, delete, undo or export. The kind decides how a job is resumed, named and shown.

use serde::{Deserialize, Serialize};

use super::JobId;

/// The purpose of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Rows of a file become customers: `ferry import`, `plan`, `apply`.
    Import,
    /// Customers that a file names are deleted: `ferry delete`.
    Delete,
    /// The writes of another job are taken back: `ferry undo`.
    Undo {
        /// The job that is taken back.
        of: JobId,
    },
    /// The list becomes a file: `ferry export`.
    Export,
}

impl JobKind {
    /// Returns the command, as `--json` names it.
    pub fn command(&self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Delete => "delete",
            Self::Undo { .. } => "undo",
            Self::Export => "export",
        }
    }

    /// Returns the job that an undo takes back.
    pub fn undoes(&self) -> Option<&JobId> {
        match self {
            Self::Undo { of } => Some(of),
            Self::Import | Self::Delete | Self::Export => None,
        }
    }

    /// Returns whether the job takes another job back.
    pub fn is_undo(&self) -> bool {
        self.undoes().is_some()
    }

    /// Returns whether the job may delete customers. Such a job sends nothing until somebody has confirmed it by name.
    pub fn takes_away(&self) -> bool {
        matches!(self, Self::Delete | Self::Undo { .. })
    }
}
