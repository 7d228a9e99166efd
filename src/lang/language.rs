//! The languages that ferry speaks.

use std::fmt;
use std::str::FromStr;

/// A language that ferry speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese, in simplified characters.
    Zh,
}

impl Lang {
    /// Both languages.
    pub const ALL: &'static [Self] = &[Self::En, Self::Zh];

    /// Returns the one of two values that belongs to this language.
    pub fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// Returns the language of a locale's name, such as `zh_CN.UTF-8` or `zh-Hans-CN`: Chinese if the name says so,
    /// else English.
    pub fn of_locale(locale: &str) -> Self {
        let language = locale
            .split(['_', '-', '.', '@'])
            .next()
            .unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.pick("en", "zh"))
    }
}

/// The error of [`Lang::from_str`]: the text names no language that ferry speaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is neither zh nor en")]
pub struct UnknownLang(pub String);

impl FromStr for Lang {
    type Err = UnknownLang;

    /// Reads `zh`, `en`, and names of locales that begin with one of them.
    fn from_str(text: &str) -> Result<Self, UnknownLang> {
        let language = text.trim().split(['_', '-', '.', '@']).next();
        match language.unwrap_or_default().to_lowercase().as_str() {
            "zh" => Ok(Self::Zh),
            "en" => Ok(Self::En),
            _ => Err(UnknownLang(text.to_owned())),
        }
    }
}
