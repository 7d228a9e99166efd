//! The words for everything a person reads, in English and Chinese.
//!
//! A problem travels as a number and facts; here it becomes a sentence and a tip. Every text exists in both
//! languages or does not compile; tests see that both name the same facts. Nothing here is global: the
//! language is found once, in `cli`, and handed on.

#[macro_use]
mod exports;
#[macro_use]
mod changes;
#[macro_use]
mod doubts;

mod en;
mod examples;
mod fill;
pub mod help;
mod meanings;
mod phrases;
pub mod say;
pub mod sheets;
mod text;
mod titles;
mod zh;

use std::fmt;
use std::str::FromStr;

pub use examples::example;
pub use fill::said;
pub use meanings::meaning;
pub use sheets::outcome;
pub use text::Text;
pub use titles::title;

use crate::model::{Code, Problem};

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
    /// Both.
    pub const ALL: &'static [Self] = &[Self::En, Self::Zh];

    /// The one of two texts that is in this language.
    pub fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            Self::En => english,
            Self::Zh => chinese,
        }
    }

    /// The language of a locale's name, such as `zh_CN.UTF-8` or `zh-Hans-CN`: Chinese if it says so, else English.
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

/// The text names no language that ferry speaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is neither zh nor en")]
pub struct UnknownLang(pub String);

impl FromStr for Lang {
    type Err = UnknownLang;

    /// Takes `zh`, `en` and names of locales that begin so.
    fn from_str(text: &str) -> Result<Self, UnknownLang> {
        let language = text.trim().split(['_', '-', '.', '@']).next();
        match language.unwrap_or_default().to_lowercase().as_str() {
            "zh" => Ok(Self::Zh),
            "en" => Ok(Self::En),
            _ => Err(UnknownLang(text.to_owned())),
        }
    }
}

/// A message and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Lowercase fragment without a period: where, what.
    pub message: String,
    /// The remedy.
    pub tip: String,
}

/// The words of a problem.
pub fn words(problem: &Problem, lang: Lang) -> Words {
    let (message, tip) = templates(problem.code, lang);
    Words {
        message: fill::fill(message, &problem.facts, lang),
        tip: fill::fill(tip, &problem.facts, lang),
    }
}

fn templates(code: Code, lang: Lang) -> (&'static str, &'static str) {
    match lang {
        Lang::En => en::templates(code),
        Lang::Zh => zh::templates(code),
    }
}

#[cfg(test)]
mod tests;
