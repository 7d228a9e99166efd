//! Names of jobs, and the statuses and actions of their rows.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::RowNumber;

/// The name of a job: `20261123-173015-customers`. Letters and digits of any script, `-` and `_`, at most 200 bytes; a
/// safe folder name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId(String);

/// The error of [`JobId::parse`]: the text cannot be a job's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a job")]
pub struct NotAJobId(pub String);

impl JobId {
    /// Reads a name such as [`JobId::from_parts`] makes.
    pub fn parse(text: &str) -> Result<Self, NotAJobId> {
        let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
        if !text.is_empty() && text.len() <= 200 && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAJobId(text.to_owned()))
        }
    }

    /// Joins a time (`20261123-173015`) and the first 40 characters of the source's file stem, unsafe ones replaced by
    /// `-`.
    pub fn from_parts(time: &str, stem: &str) -> Self {
        let plain = |letter: char| {
            if letter.is_alphanumeric() || letter == '_' {
                letter
            } else {
                '-'
            }
        };
        let name: String = stem.chars().map(plain).take(40).collect();
        let name = name.trim_matches('-');
        Self(if name.is_empty() {
            time.to_owned()
        } else {
            format!("{time}-{name}")
        })
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for JobId {
    type Error = NotAJobId;

    fn try_from(text: String) -> Result<Self, NotAJobId> {
        Self::parse(&text)
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The job and row under which a row of a result sheet was first imported.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowOrigin {
    /// The job.
    pub job: JobId,
    /// The row in that job's source.
    pub row: RowNumber,
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $number:literal $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant = $number),+ }

        impl $name {
            /// Every variant in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the name in files and in `--json`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads a name; the inverse of `as_str`.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
            }

            /// Returns the number kept in a journal.
            pub const fn number(self) -> i64 {
                self as i64
            }

            /// Reads a number; the inverse of `number`.
            pub fn from_number(number: i64) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.number() == number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

named! {
    /// What became of a row: the `_status` column of product.md.
    Status {
        /// Decided, not sent yet.
        Pending = 0 "pending",
        /// Done, or adopted.
        Ok = 1 "ok",
        /// Not sent: the customer is already stored as the sheet says.
        Unchanged = 2 "unchanged",
        /// Not sent: the row has problems.
        Invalid = 3 "invalid",
        /// Refused by the CRM, and not stored.
        Failed = 4 "failed",
        /// Perhaps stored: neither proven nor disproven.
        Unknown = 5 "unknown",
        /// Left alone on purpose.
        Skipped = 6 "skipped",
    }
}

named! {
    /// What is done with a row: the `_action` column of product.md.
    Action {
        /// Nothing.
        None = 0 "none",
        /// A new customer.
        Add = 1 "add",
        /// A change of a stored customer.
        Update = 2 "update",
        /// A customer is deleted.
        Delete = 3 "delete",
        /// A customer gets back the values that it had before.
        Restore = 4 "restore",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn job_ids_are_folder_names() {
        let id = JobId::from_parts("20261123-173015", "客户 名单 (终稿)/..");
        assert_eq!(id.as_str(), "20261123-173015-客户-名单--终稿");
        assert_eq!(JobId::parse(id.as_str()), Ok(id));
        for bad in ["", "../x", "a b", "a/b", "C:x"] {
            assert!(JobId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn statuses_survive_both_forms() {
        for status in Status::ALL.iter().copied() {
            assert_eq!(Status::parse(status.as_str()), Some(status));
            assert_eq!(Status::from_number(status.number()), Some(status));
        }
    }
}
