//! The words of a problem: its message and tip, its title, its meaning.

use super::catalogue;
use super::fill;
use super::language::Lang;
use crate::model::{Code, Problem};

/// The message of a problem, and its remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// A lowercase fragment without a period: where, what.
    pub message: String,
    /// The remedy.
    pub tip: String,
}

/// Returns the words of a problem.
pub fn words(problem: &Problem, lang: Lang) -> Words {
    let block = catalogue::block_of(problem.code);
    Words {
        message: fill::fill(block.message.pick(lang), &problem.facts, lang),
        tip: fill::fill(block.tip.pick(lang), &problem.facts, lang),
    }
}

/// Returns the title of a number: two or three words without facts, for lists of counts and over the explanation.
pub fn title(code: Code, lang: Lang) -> &'static str {
    catalogue::block_of(code).title.pick(lang)
}

/// Returns the meaning of a number in one or two sentences: why ferry says this, and what has become of the row or the
/// run.
pub fn meaning(code: Code, lang: Lang) -> &'static str {
    catalogue::block_of(code).meaning.pick(lang)
}

/// Returns a problem with sample facts, as `ferry explain` shows it.
pub fn example(code: Code) -> Problem {
    Problem {
        facts: catalogue::block_of(code).example.clone(),
        ..Problem::new(code)
    }
}
