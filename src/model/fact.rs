//! The parts from which a problem's message is completed: plain texts, and phrases that are said in a language.
//!
//! A phrase travels as a name and its own facts, like a problem, and `lang` finds the words. A reason that was written
//! into a journal can therefore be read in either language.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Saying;

/// A fact of a problem or of a phrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// Shown as it is: a value, a name, a number, or what another program said.
    Text(String),
    /// Several texts, each shown as it is; `lang` decides what stands between them. Read before a phrase, which a list of
    /// one phrase's name would be taken for.
    List(Vec<String>),
    /// Said in the language of the reader.
    Phrase(Phrase),
}

/// A part of a sentence, without words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// The phrase's name.
    pub saying: Saying,
    /// The facts by name, as the templates of the phrase want them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
}

impl Phrase {
    /// Makes a phrase that needs no facts.
    pub fn new(saying: Saying) -> Self {
        Self {
            saying,
            facts: BTreeMap::new(),
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Fact>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }
}

impl Fact {
    /// Joins several texts to one fact; a single text becomes [`Fact::Text`].
    pub fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
        match texts.len() {
            0 | 1 => Self::Text(texts.pop().unwrap_or_default()),
            _ => Self::List(texts),
        }
    }

    /// Returns the texts of a text or a list; none for a phrase and for an empty text.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => vec![text],
            Self::Text(_) | Self::Phrase(_) => Vec::new(),
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
        }
    }

    /// Returns the text; empty for phrases and lists.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Phrase(_) | Self::List(_) => "",
        }
    }

    /// Returns whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(texts) => texts.is_empty(),
            Self::Phrase(_) => false,
        }
    }
}

/// Writes the text, or the phrase's name and facts. For logs; people read the words of `lang`.
impl fmt::Display for Fact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Phrase(phrase) => phrase.fmt(formatter),
            Self::List(texts) => formatter.write_str(&texts.join(", ")),
        }
    }
}

/// Writes the phrase's name and facts. For logs.
impl fmt::Display for Phrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.saying.as_str())?;
        for (name, fact) in &self.facts {
            write!(formatter, " {name}={fact}")?;
        }
        Ok(())
    }
}

impl From<Phrase> for Fact {
    fn from(phrase: Phrase) -> Self {
        Self::Phrase(phrase)
    }
}

impl From<Saying> for Fact {
    fn from(saying: Saying) -> Self {
        Self::Phrase(Phrase::new(saying))
    }
}

impl From<Saying> for Phrase {
    fn from(saying: Saying) -> Self {
        Self::new(saying)
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Fact {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&Fact> for Fact {
    fn from(fact: &Fact) -> Self {
        fact.clone()
    }
}

impl From<std::borrow::Cow<'_, str>> for Fact {
    fn from(text: std::borrow::Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_keep_their_form_in_a_journal() {
        let phrase = Phrase::new(Saying::CannotConnect).with("cause", "refused");
        for (fact, json) in [
            (Fact::from("百度"), r#""百度""#),
            (Fact::list(["甲", "乙"]), r#"["甲","乙"]"#),
            (
                Fact::List(vec!["cannot-connect".to_owned()]),
                r#"["cannot-connect"]"#,
            ),
            (
                Fact::from(phrase),
                r#"{"saying":"cannot-connect","facts":{"cause":"refused"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&fact).expect("json"), json);
            assert_eq!(serde_json::from_str::<Fact>(json).expect("a fact"), fact);
        }
    }
}
