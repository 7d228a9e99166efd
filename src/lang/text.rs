//! A text in both languages: a template of the catalogue, or a message that is made before its reader's language is
//! known.

use serde::Deserialize;

use super::Lang;

/// A text in English and Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    #[serde(rename = "en")]
    english: String,
    #[serde(rename = "zh")]
    chinese: String,
}

impl Text {
    /// Makes a text of its two versions.
    pub fn new(english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Self {
            english: english.into(),
            chinese: chinese.into(),
        }
    }

    /// Makes a text that is not translated, such as what the system or a server says.
    pub fn verbatim(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            english: text.clone(),
            chinese: text,
        }
    }

    /// Returns the text in one language.
    pub fn pick(&self, lang: Lang) -> &str {
        lang.pick(&self.english, &self.chinese)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::verbatim(text)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::verbatim(text)
    }
}
