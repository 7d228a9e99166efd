//! A setting that cannot be used; it is refused before any call is made.

use std::fmt;

use crate::model::Fact;

/// The name of a bad setting, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSetting {
    /// The name as in `ferry.toml`, such as `sign.string`.
    pub name: String,
    /// What is wrong with the setting.
    pub reason: Fact,
}

impl BadSetting {
    /// Makes the error from the setting's name and what is wrong with it.
    pub fn new(name: impl Into<String>, reason: impl Into<Fact>) -> Self {
        Self {
            name: name.into(),
            reason: reason.into(),
        }
    }
}

impl fmt::Display for BadSetting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, self.reason)
    }
}

impl std::error::Error for BadSetting {}
