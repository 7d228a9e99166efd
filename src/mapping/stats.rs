//! Counts of what the cells of a column look like, made in one pass and in bounded memory.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::model::{Cell, CellKind, WrittenNumbers, is_scientific, number_signs};

/// The number of distinct words of a column that are counted. Further words are counted together.
const MOST_WORDS: usize = 1000;

/// The length of the longest word, in characters. Longer texts are counted together.
const LONGEST_WORD: usize = 64;

/// How many cells of a column are kept as samples.
const SAMPLES: usize = 3;

/// The counts of one column.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ColumnStats {
    /// Cells that are not blank.
    pub filled: u64,
    /// Cells that begin with a mobile number.
    pub mobiles: u64,
    /// Cells that begin with another phone number.
    pub landlines: u64,
    /// E-mail addresses.
    pub emails: u64,
    /// Cells that hold a date of one possible meaning.
    pub dates: u64,
    /// Cells that hold a date of several possible meanings.
    pub ambiguous_dates: u64,
    /// The first of the ambiguous dates.
    pub ambiguous_date: Option<String>,
    /// Decimal numbers.
    pub numbers: u64,
    /// What the numbers that are written as text say about their signs.
    pub written: WrittenNumbers,
    /// Cells of digits alone, as ids of owners are.
    pub ids: u64,
    /// Cells that the spreadsheet has damaged: numbers of too many digits, errors.
    pub damaged: u64,
    /// Cells that hold a phone number and other text.
    pub mixed_phones: u64,
    /// The first few distinct texts, in the order of the rows.
    pub samples: Vec<String>,
    /// Cells that hold the same as the cell above, in a row that is not the same as the row above.
    pub repeats: u64,
    /// How many cells hold each distinct word.
    pub words: HashMap<String, u64>,
    /// Cells whose words are counted together, and not by word.
    pub uncounted: u64,
}

impl ColumnStats {
    /// Counts a cell. `is_blank_word` says whether the cell holds a word such as 无; such a cell is not counted.
    pub fn count(&mut self, cell: &Cell, is_blank_word: bool) {
        if is_blank_word {
            return;
        }
        self.filled += 1;
        let text = cell.text.trim();
        match cell.kind {
            kind if kind.is_damaged() => self.damaged += 1,
            CellKind::Text if is_scientific(text) => self.damaged += 1,
            CellKind::Date => self.dates += 1,
            kind => self.count_text(text, kind),
        }
        if self.samples.len() < SAMPLES && !self.samples.iter().any(|sample| sample == text) {
            self.samples.push(text.to_owned());
        }
        if text.chars().count() > LONGEST_WORD {
            self.uncounted += 1;
        } else if let Some(count) = self.words.get_mut(text) {
            *count += 1;
        } else if self.words.len() < MOST_WORDS {
            self.words.insert(text.to_owned(), 1);
        } else {
            self.uncounted += 1;
        }
    }

    fn count_text(&mut self, text: &str, kind: CellKind) {
        let plain = plain(text);
        let first = plain
            .split(['/', '、', '，', ',', ';', '\n', '|'])
            .map(str::trim)
            .find(|piece| !piece.is_empty())
            .unwrap_or_default();
        if is_mobile(first) || is_mobile(first.split(' ').next().unwrap_or_default()) {
            self.mobiles += 1;
        } else if is_landline(first) {
            self.landlines += 1;
        } else if digits(&plain).len() >= 7 && plain.chars().any(char::is_alphabetic) {
            self.mixed_phones += 1;
        }
        if is_email(first) {
            self.emails += 1;
        }
        match date_shape(&plain) {
            Some(true) => self.dates += 1,
            Some(false) => {
                self.ambiguous_dates += 1;
                self.ambiguous_date.get_or_insert_with(|| text.to_owned());
            }
            None => {}
        }
        if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            self.ids += 1;
        }
        if number_signs(&plain).is_some() || plain.parse::<f64>().is_ok() {
            self.numbers += 1;
        }
        if kind == CellKind::Text {
            self.written.add(&plain);
        }
    }

    /// Returns `count` as a share of the filled cells, 0 to 1; 1 where no cell is filled.
    pub fn share(&self, count: u64) -> f64 {
        if self.filled == 0 {
            1.0
        } else {
            count as f64 / self.filled as f64
        }
    }

    /// Returns the words, those in most cells first.
    pub fn sorted_words(&self) -> Vec<(&str, u64)> {
        let words = self.words.iter();
        let mut sorted: Vec<(&str, u64)> =
            words.map(|(word, count)| (word.as_str(), *count)).collect();
        sorted.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        sorted
    }
}

fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfkc().collect::<String>().trim().to_owned()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_mobile(text: &str) -> bool {
    let shaped = text
        .chars()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, '+' | '-' | ' ' | '(' | ')'));
    let digits = digits(text);
    let national = digits.strip_prefix("86").filter(|rest| rest.len() == 11);
    let number = national.unwrap_or(&digits);
    let second = number.as_bytes().get(1).copied().unwrap_or_default();
    shaped && number.len() == 11 && number.starts_with('1') && (b'3'..=b'9').contains(&second)
}

/// Returns whether a text is a landline: an area code and a number, a service number such as 400-…, an extension.
fn is_landline(text: &str) -> bool {
    let main = text.split(['转', '#', 'x']).next().unwrap_or_default();
    let shaped = main
        .chars()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, '-' | ' ' | '(' | ')' | '+'));
    let digits = digits(main);
    shaped
        && ((digits.starts_with('0') && (10..=12).contains(&digits.len()))
            || (digits.starts_with("400") && digits.len() == 10)
            || ((7..=8).contains(&digits.len()) && !main.contains(' ')))
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace)
    })
}

/// Returns whether a date can be read in only one way; `None` when the text is no date.
fn date_shape(text: &str) -> Option<bool> {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = date
        .trim_end_matches('日')
        .split(['-', '/', '.', '年', '月'])
        .collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let number = |text: &&str| {
        let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (one, two, three) = (number(first)?, number(second)?, number(third)?);
    match (first.len(), third.len()) {
        (4, 1..=2) => ((1..=12).contains(&two) && (1..=31).contains(&three)).then_some(true),
        (1..=2, 4) if one <= 12 && two <= 12 && one != two => Some(false),
        (1..=2, 4) => (one <= 31 && two <= 31).then_some(true),
        (1..=2, 1..=2) => (one <= 99 && two <= 31).then_some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(texts: &[&str]) -> ColumnStats {
        let mut stats = ColumnStats::default();
        for text in texts {
            stats.count(&Cell::of_text(0, (*text).to_owned()), false);
        }
        stats
    }

    #[test]
    fn shapes() {
        let phones = stats(&[
            "13800138000",
            "+86 138 0013 8000",
            "138-0013-8000/13900139000",
            "１３８００１３８０００",
            "0571-88888888转801",
            "57188888888",
            "400-820-8820",
            "张三 13800138000",
            "88888888",
        ]);
        assert_eq!(
            (phones.mobiles, phones.landlines, phones.mixed_phones),
            (4, 3, 1)
        );
        let dates = stats(&[
            "2024-11-14",
            "2024年1月5日",
            "24-11-14",
            "03/04/2024",
            "25/12/2024",
            "x",
        ]);
        assert_eq!((dates.dates, dates.ambiguous_dates), (3, 2));
        assert_eq!(dates.ambiguous_date.as_deref(), Some("24-11-14"));
        assert_eq!(stats(&["a@b.cn", "a＠b.cn", "a@b", "1.38E+10"]).emails, 2);
        assert_eq!(stats(&["1.38E+10", "12"]).damaged, 1);
    }

    #[test]
    fn memory_does_not_grow_with_distinct_words() {
        let texts: Vec<String> = (0..5000).map(|number| format!("word {number}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let stats = stats(&texts);
        assert_eq!(stats.words.len(), MOST_WORDS);
        assert_eq!(stats.uncounted, 5000 - MOST_WORDS as u64);
    }
}
