//! Problems: numbered facts about a row, a file or a call, without words.
//!
//! `lang` finds the words when somebody reads a problem, so that a journal written in one language can be shown in
//! another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Code, Fact};

/// One numbered problem with the facts its message needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The problem's number in the catalogue.
    pub code: Code,
    /// The 0-based column of the cell; `None` where the problem is of no cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The facts by name, as the catalogue's templates want them (`value`, `field`, `nearest` …).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
}

impl Problem {
    /// Makes a problem that stands in no column.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            column: None,
            facts: BTreeMap::new(),
        }
    }

    /// Places the problem in a 0-based column.
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

    /// Returns the text of a fact by name; empty when the fact is absent or no plain text.
    pub fn fact(&self, name: &str) -> &str {
        self.facts.get(name).map_or("", Fact::text)
    }
}
