//! Counts the customers of an export by source, level and owner, for the charts of the summary.
//!
//! The counts are of the words that the file shows. A cell of several choices counts for each of them.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::export::columns::{ColumnContent, ExportLayout};
use crate::lang::{Lang, sheets};
use crate::model::{Field, Kind, Slot};
use crate::stored::cell::{BETWEEN, Shown, text};

/// The key of the customer's source, and of the owner.
const SOURCE: &str = "customerSource";
pub(crate) const OWNER: &str = "owner";
/// What the labels of fields for levels contain.
const LEVELS: [&str; 4] = ["级别", "等级", "level", "grade"];
/// The most words of a column that are counted apart, and that are shown.
const MOST_WORDS: usize = 10_000;
const SHOWN_WORDS: usize = 15;

/// The counts of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The column's header.
    pub header: String,
    at: usize,
    /// The column whose words stand in for blank ones: the id of an owner without a name.
    instead: Option<usize>,
    counts: HashMap<String, u64>,
    others: u64,
}

impl Tally {
    /// Returns the words of most customers, most first, each with its count, and the sum of all others.
    pub(crate) fn words(&self) -> CountedWords {
        let mut words: Vec<(String, u64)> = self
            .counts
            .iter()
            .map(|(word, count)| (word.clone(), *count))
            .collect();
        words.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        let rest = words.split_off(words.len().min(SHOWN_WORDS));
        CountedWords {
            header: self.header.clone(),
            others: self.others + rest.iter().map(|(_, count)| count).sum::<u64>(),
            words,
        }
    }

    fn add(&mut self, word: &str) {
        if let Some(count) = self.counts.get_mut(word) {
            *count += 1;
        } else if self.counts.len() < MOST_WORDS {
            self.counts.insert(word.to_owned(), 1);
        } else {
            self.others += 1;
        }
    }
}

/// The words of a column, in no language yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CountedWords {
    /// The column's header.
    pub header: String,
    /// The words of most customers, most first. A blank one stands for customers without a word.
    words: Vec<(String, u64)>,
    /// The customers with another word.
    #[serde(default)]
    others: u64,
}

impl CountedWords {
    /// Returns the words with their counts as a reader sees them.
    pub(crate) fn read_in(&self, lang: Lang) -> Vec<(String, u64)> {
        let words = self.words.iter().map(|(word, count)| {
            let blank = || sheets::no_word(lang).to_owned();
            let said = Some(word).filter(|word| !word.is_empty());
            (said.cloned().unwrap_or_else(blank), *count)
        });
        let others = (sheets::other_words(lang).to_owned(), self.others);
        words.chain((self.others > 0).then_some(others)).collect()
    }
}

/// The counts of an export's columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tallies(pub Vec<Tally>);

impl Tallies {
    /// Begins to count the columns of a layout that hold source, level and owner, as far as there are any.
    pub(crate) fn of(layout: &ExportLayout<'_>) -> Self {
        let columns = || layout.columns.iter().enumerate();
        let by_key = |wanted: &str| {
            columns().find(|(_, column)| match &column.content {
                ColumnContent::Place { key, slot, .. } => {
                    key.as_str() == wanted && *slot == Slot::Whole
                }
                _ => false,
            })
        };
        let level = columns().find(|(_, column)| match &column.content {
            ColumnContent::Place {
                field: Some(field),
                key,
                ..
            } => key.as_str() != SOURCE && layout.field(*field).is_some_and(is_level),
            _ => false,
        });
        let name = columns().find(|(_, column)| match &column.content {
            ColumnContent::OwnerName(key) => key.as_str() == OWNER,
            _ => false,
        });
        let owner = by_key(OWNER).map(|(at, _)| at);
        let found = [by_key(SOURCE), level, name.or_else(|| by_key(OWNER))];
        let tallies = found.into_iter().flatten().map(|(at, column)| Tally {
            header: column.header.trim_start_matches('_').to_owned(),
            at,
            instead: owner.filter(|_| matches!(column.content, ColumnContent::OwnerName(_))),
            counts: HashMap::new(),
            others: 0,
        });
        Self(tallies.collect())
    }

    /// Counts a customer.
    pub(crate) fn add(&mut self, row: &[Shown<'_>]) {
        for tally in &mut self.0 {
            let instead = tally.instead.and_then(|at| row.get(at));
            let cell = row.get(tally.at).filter(|cell| **cell != Shown::Blank);
            match cell.or(instead) {
                None | Some(Shown::Blank) => tally.add(""),
                Some(Shown::Text(words)) => words.split(BETWEEN).for_each(|word| tally.add(word)),
                Some(shown) => tally.add(&text(shown)),
            }
        }
    }
}

fn is_level(field: &Field) -> bool {
    let label = field.label.to_lowercase();
    field.kind == Kind::Choice && LEVELS.iter().any(|word| label.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_the_language_of_who_reads_them() {
        let read = |kept: &str, lang| -> Vec<String> {
            let words: CountedWords = serde_json::from_str(kept).expect(kept);
            let words = words.read_in(lang).into_iter();
            words
                .map(|(word, count)| format!("{word} {count}"))
                .collect()
        };
        let kept = r#"{"header": "来源", "words": [["", 9], ["百度", 2]], "others": 3}"#;
        assert_eq!(read(kept, Lang::En), ["(blank) 9", "百度 2", "others 3"]);
        assert_eq!(read(kept, Lang::Zh), ["（空） 9", "百度 2", "其他 3"]);
        // As ferry kept them before: in the language of the run.
        let kept = r#"["来源", [["(blank)", 9], ["百度", 2]]]"#;
        assert_eq!(read(kept, Lang::Zh), ["(blank) 9", "百度 2"]);
    }
}
