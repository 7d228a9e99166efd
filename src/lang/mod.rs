//! The words for everything a person reads, in English and Chinese.
//!
//! A problem travels as a number and facts; here it becomes a sentence and a tip. The words of problems and of the
//! sayings inside them are data (`problems/*.toml`, `sayings.toml`), one block for each with both languages in it;
//! sentences of the command line are functions (`say`). Tests see that no text is missing, that both languages name
//! the same facts, and that the code which raises a problem gives them. No language is global: it is found once, in
//! `cli`, and handed on.

mod catalogue;
mod fill;
pub mod help;
pub mod say;
pub mod sheets;
mod text;

use std::fmt;
use std::str::FromStr;

pub use fill::said;
pub use sheets::outcome;
pub use text::Text;

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
    let block = catalogue::problem(problem.code);
    Words {
        message: fill::fill(block.message.pick(lang), &problem.facts, lang),
        tip: fill::fill(block.tip.pick(lang), &problem.facts, lang),
    }
}

/// What a number is called, in two or three words without facts: for lists of counts, and over its explanation.
pub fn title(code: Code, lang: Lang) -> &'static str {
    catalogue::problem(code).title.pick(lang)
}

/// One or two whole sentences: why ferry says this, and what has become of the row or the run.
pub fn meaning(code: Code, lang: Lang) -> &'static str {
    catalogue::problem(code).meaning.pick(lang)
}

/// A problem with facts as they could be, as `ferry explain` shows it.
pub fn example(code: Code) -> Problem {
    Problem {
        facts: catalogue::problem(code).example.clone(),
        ..Problem::new(code)
    }
}

#[cfg(test)]
mod tests;
