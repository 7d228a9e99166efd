//! What every report has around its own content: title, conclusion, facts, and by whom it was made.

use super::moments::Moments;
use crate::lang::Lang;
use crate::model::visible;

/// The most letters of a text of others, such as a cell.
const MOST_LETTERS: usize = 300;

/// How a conclusion is coloured. Its words say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VerdictTone {
    Good,
    /// Somebody has to look at something.
    Mixed,
    Bad,
    /// It is not over.
    Open,
}

/// What has come of it, in a sentence or two.
#[derive(Debug, Clone)]
pub(super) struct ReportVerdict {
    pub tone: VerdictTone,
    pub sentences: Vec<String>,
}

impl ReportVerdict {
    /// Returns the class that colours it.
    pub fn class(&self) -> &'static str {
        match self.tone {
            VerdictTone::Good => "good",
            VerdictTone::Mixed => "mixed",
            VerdictTone::Bad => "bad",
            VerdictTone::Open => "open",
        }
    }
}

/// A fact with its label.
#[derive(Debug, Clone)]
pub(super) struct ReportFact {
    pub label: &'static str,
    pub text: String,
}

/// What a report has around its own content.
#[derive(Debug, Clone)]
pub(super) struct ReportFrame {
    pub lang: Lang,
    pub title: String,
    pub verdict: ReportVerdict,
    pub facts: Vec<ReportFact>,
    pub made: String,
}

impl ReportFrame {
    /// Makes a frame without facts.
    pub fn new(title: String, verdict: ReportVerdict, moments: &Moments, lang: Lang) -> Self {
        Self {
            lang,
            title,
            verdict,
            facts: Vec::new(),
            made: moments.made_now(lang),
        }
    }

    /// Adds a fact, unless its text is blank.
    pub fn add(&mut self, label: &'static str, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.facts.push(ReportFact { label, text });
        }
    }

    /// Returns the tag of the language, for `<html lang>`.
    pub fn tag(&self) -> &'static str {
        self.lang.pick("en", "zh-CN")
    }
}

/// Returns a text of others as a reader sees it: unseen letters visible, and not longer than a report bears.
pub(super) fn shown(text: &str) -> String {
    let text = visible(text);
    if text.chars().nth(MOST_LETTERS).is_none() {
        return text.into_owned();
    }
    text.chars().take(MOST_LETTERS - 1).chain(['…']).collect()
}

/// Returns a text that begins with a capital letter, as a title does.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_cell_is_cut_and_an_unseen_letter_shown() {
        assert_eq!(shown("甲\u{202e}乙"), "甲\\u{202e}乙");
        let long = shown(&"客".repeat(32_767));
        assert_eq!(long.chars().count(), MOST_LETTERS);
        assert!(long.ends_with("客…"));
    }
}
