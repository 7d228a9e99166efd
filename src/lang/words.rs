//! A problem in words: its message and tip, what it is called, what it means.

use super::catalogue;
use super::fill;
use super::language::Lang;
use crate::model::{Code, Problem};

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
