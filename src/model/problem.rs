//! A problem: a numbered fact about a row, a file or a call, without words.
//!
//! The words are looked up in `lang` when somebody reads it, so that a journal written in one language
//! can be shown in another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Code, Fact};

/// One numbered problem with the facts its message needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Its number in the catalogue.
    pub code: Code,
    /// The 0-based column it stands in, if it stands in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The facts by name, as the catalogue's templates want them (`value`, `field`, `nearest` …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
}

impl Problem {
    /// A problem that stands in no column.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            column: None,
            facts: BTreeMap::new(),
        }
    }

    /// Places it in a 0-based column.
    #[must_use]
    pub fn at(mut self, column: u32) -> Self {
        self.column = Some(column);
        self
    }

    /// Adds a fact: a text as it is, or a phrase that `lang` finds words for.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Fact>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    /// The text of a fact by name, empty when it is absent or a phrase.
    pub fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", Fact::text)
    }
}
