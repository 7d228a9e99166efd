//! A finished text in both languages, for what is made before anyone knows who reads it.

use super::Lang;

/// The same in English and Chinese.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    english: String,
    chinese: String,
}

impl Text {
    /// Both texts.
    pub fn new(english: impl Into<String>, chinese: impl Into<String>) -> Self {
        Self {
            english: english.into(),
            chinese: chinese.into(),
        }
    }

    /// A text that needs no translation: what the system or a server said.
    pub fn verbatim(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            english: text.clone(),
            chinese: text,
        }
    }

    /// The text in one language.
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
