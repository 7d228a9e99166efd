//! Builds the hidden sheet behind the drop-downs of a template, and the formulas that refer to it.
//!
//! A choice has one column of words. A cascade has one list of entries, in which the children of one parent stand
//! together, and before it a table: the path of each parent, how far below row 1 its children begin, and how many they
//! are. A level's drop-down joins the levels above it to a path and looks the path up in that table; so 其他 below 浙江 and
//! 其他 below 江苏 are two parents. Named ranges could not do this, because a name holds no space, `（`, `/` or leading
//! digit. The path is compared by `EXACT`, because `MATCH` and `COUNTIF` read `*`, `?` and `~` as patterns and ignore
//! case.
//!
//! A path that is no parent leads to row 1, which is empty: the drop-down is then empty too, and no error.

use std::collections::{HashSet, VecDeque};

use crate::model::{CascadeOption, Field, column_letters, folded};
use crate::source::sheets::LISTS_SHEET;

/// The most UTF-16 units that Excel takes of a formula, or of a list, in a validation rule.
const RULE_UNITS: usize = 255;

/// The content of a cell of the hidden sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ListCell {
    /// A word.
    Word(String),
    /// A number of rows.
    Count(u64),
}

/// A column of the hidden sheet: the cell of row 1, and those from row 2 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListColumn {
    /// Row 1; empty above the entries of a cascade.
    pub title: String,
    /// The cells from row 2 on.
    pub cells: Vec<ListCell>,
}

/// The hidden sheet while it grows.
#[derive(Debug)]
pub(crate) struct HiddenLists {
    /// Its columns from A on.
    pub columns: Vec<ListColumn>,
}

/// A parent of a cascade with its children. The root has an empty path.
struct CascadeFamily {
    path: String,
    children: Vec<String>,
}

impl HiddenLists {
    /// Starts a sheet whose first column says that it belongs to a template.
    pub(crate) fn new() -> Self {
        Self {
            columns: vec![ListColumn {
                title: "_kind".to_owned(),
                cells: vec![ListCell::Word("template".to_owned())],
            }],
        }
    }

    /// Adds a list of words. Returns the formula of its range.
    pub(crate) fn add_words(&mut self, title: &str, words: Vec<String>) -> String {
        let range = self.range(self.columns.len(), 0, words.len());
        self.columns.push(ListColumn {
            title: title.to_owned(),
            cells: words.into_iter().map(ListCell::Word).collect(),
        });
        range
    }

    /// Adds a cascade whose levels are entered into the columns of these letters. Returns a formula for each level,
    /// `None` where it would be longer than Excel allows.
    pub(crate) fn add_cascade(&mut self, field: &Field, levels: &[String]) -> Vec<Option<String>> {
        let separator = separator(&field.cascade);
        let families = families(&field.cascade, separator);
        let first = self.columns.len();
        let (mut paths, mut starts, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        let mut entries = Vec::new();
        let mut roots = 0;
        for family in families {
            if family.path.is_empty() {
                roots = family.children.len();
            } else {
                paths.push(ListCell::Word(family.path));
                // Offsets count from row 1, and entries begin in row 2.
                starts.push(ListCell::Count(entries.len() as u64 + 1));
                counts.push(ListCell::Count(family.children.len() as u64));
            }
            entries.extend(family.children.into_iter().map(ListCell::Word));
        }
        let parents = paths.len();
        let key = field.key.as_str();
        for (title, cells) in [
            (format!("{key}.path"), paths),
            (format!("{key}.start"), starts),
            (format!("{key}.count"), counts),
            (String::new(), entries),
        ] {
            self.columns.push(ListColumn { title, cells });
        }
        let table = |offset: usize| self.range(first + offset, 0, parents);
        let (paths, starts, counts) = (table(0), table(1), table(2));
        let above_entries = format!("{LISTS_SHEET}!${}$1", letters(first + 3));
        let formula = |level: usize| {
            if level == 0 {
                return Some(self.range(first + 3, 0, roots));
            }
            let path: Vec<String> = levels
                .iter()
                .take(level)
                .map(|letters| format!("\"{separator}\"&${letters}2"))
                .collect();
            let path = path.join("&");
            let of = |numbers: &str| format!("SUMPRODUCT(EXACT({paths},{path})*{numbers})");
            let formula = format!(
                "OFFSET({above_entries},{},0,MAX(1,{}))",
                of(&starts),
                of(&counts)
            );
            (formula.encode_utf16().count() <= RULE_UNITS).then_some(formula)
        };
        (0..levels.len()).map(formula).collect()
    }

    /// Returns the formula of a column's cells, counted from row 2; at least one cell.
    #[expect(
        clippy::unused_self,
        reason = "a range of this sheet, whatever is in it yet"
    )]
    fn range(&self, column: usize, first: usize, count: usize) -> String {
        let column = letters(column);
        let (first, last) = (first + 2, first + 1 + count.max(1));
        format!("{LISTS_SHEET}!${column}${first}:${column}${last}")
    }
}

/// Returns the words of a list as a person chooses them: trimmed, without blank words, and without words that an import
/// could not tell from an earlier one.
pub(crate) fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = HashSet::new();
    texts
        .map(str::trim)
        .filter(|text| !text.is_empty() && seen.insert(folded(text)))
        .map(str::to_owned)
        .collect()
}

/// Whether words can stand in the validation rule itself: they fit, and none could be read as anything but a word.
pub(crate) fn fit_inline(words: &[String]) -> bool {
    let units: usize = words
        .iter()
        .map(|word| word.encode_utf16().count() + 1)
        .sum();
    let is_plain = |word: &String| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_alphabetic)
            && letters.all(|letter| letter.is_alphanumeric() || " ()（）、/_-".contains(letter))
            && !["true", "false"].contains(&folded(word).as_str())
    };
    !words.is_empty() && units <= RULE_UNITS + 1 && words.iter().all(is_plain)
}

/// Returns how many levels a cascade has.
pub(crate) fn depth(options: &[CascadeOption]) -> usize {
    let below = options.iter().map(|option| depth(&option.children) + 1);
    below.max().unwrap_or(0)
}

fn letters(column: usize) -> String {
    column_letters(u32::try_from(column).unwrap_or(u32::MAX))
}

fn families(cascade: &[CascadeOption], separator: char) -> Vec<CascadeFamily> {
    let mut families = Vec::new();
    let mut open = VecDeque::from([(String::new(), cascade)]);
    while let Some((path, options)) = open.pop_front() {
        let children = distinct(options.iter().map(|option| option.value.as_str()));
        for child in &children {
            let option = options.iter().find(|option| option.value.trim() == child);
            if let Some(option) = option.filter(|option| !option.children.is_empty()) {
                open.push_back((format!("{path}{separator}{child}"), &option.children));
            }
        }
        families.push(CascadeFamily { path, children });
    }
    families
}

/// Returns a character that no entry of the cascade holds, so that no two paths look alike.
fn separator(cascade: &[CascadeOption]) -> char {
    fn has(options: &[CascadeOption], letter: char) -> bool {
        options
            .iter()
            .any(|option| option.value.contains(letter) || has(&option.children, letter))
    }
    "/|>¦␟"
        .chars()
        .chain('\u{e000}'..='\u{f8ff}')
        .find(|letter| !has(cascade, *letter))
        .unwrap_or('/')
}

#[cfg(test)]
#[path = "lists_tests.rs"]
mod tests;
