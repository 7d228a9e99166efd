//! A setting that cannot be used, before any call is made.

use std::fmt;

use crate::model::Fact;

/// Which setting, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSetting {
    /// Its name as in `ferry.toml`, such as `sign.string`.
    pub name: String,
    /// What is wrong with it.
    pub reason: Fact,
}

impl BadSetting {
    /// A setting by its name, and what is wrong with it.
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
