//! The places of a mapping file's keys, so that every error can show where its cause stands.

use std::collections::BTreeMap;

use super::words;
use crate::model::{Code, Phrase, Problem, Saying};

/// A place in a mapping file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A place in a text file.
    Line {
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in characters.
        column: usize,
        /// The line itself.
        text: String,
    },
    /// A place in a workbook.
    Cell {
        /// The sheet's name.
        sheet: String,
        /// The cell's address, such as `B5`.
        address: String,
    },
}

/// The places of a mapping file's keys, by path: `columns`, the header, `field`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPlaces {
    /// The file's name as messages show it.
    file: String,
    /// Whether a person makes the mapping on the page, sees no file, and is told the column.
    is_named: bool,
    by_path: BTreeMap<Vec<String>, Place>,
}

impl KeyPlaces {
    /// Makes an empty set of places of a file with this name.
    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }

    /// Makes the places of a mapping that a person makes on the page: messages name the column or the word.
    pub fn named() -> Self {
        Self {
            is_named: true,
            ..Self::default()
        }
    }

    /// Returns the file's name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Remembers the place of a path.
    pub fn set(&mut self, path: &[&str], place: Place) {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        self.by_path.insert(path, place);
    }

    /// Returns the place of a path, or of the nearest path around it.
    pub fn find(&self, path: &[&str]) -> Option<&Place> {
        let mut path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        loop {
            if let Some(place) = self.by_path.get(&path) {
                return Some(place);
            }
            path.pop()?;
        }
    }

    /// Makes a problem at a path.
    pub fn problem_of(&self, code: Code, path: &[&str]) -> Problem {
        if self.is_named {
            return Problem::new(code).with("place", named(path));
        }
        self.problem_at(code, self.find(path))
    }

    /// Makes a problem at a place; `None` names the file alone.
    pub fn problem_at(&self, code: Code, place: Option<&Place>) -> Problem {
        let problem = Problem::new(code);
        match place {
            None => problem.with("place", &self.file),
            Some(Place::Line { line, column, text }) => problem
                .with("place", format!("{}:{line}:{column}", self.file))
                .with("line", text),
            Some(Place::Cell { sheet, address }) => {
                problem.with("place", format!("{} {sheet}!{address}", self.file))
            }
        }
    }

    /// Returns the name of a setting of the whole file as its place has it: in a workbook by its language, else the key.
    pub fn setting(&self, key: &'static str) -> &'static str {
        match self.find(&[key]) {
            Some(Place::Cell { sheet, .. }) => words::setting_in(sheet, key),
            _ => key,
        }
    }

    /// Returns a sort key that follows the order in which a person reads the file.
    pub fn order(&self, path: &[&str]) -> (usize, usize, String) {
        match self.find(path) {
            None => (0, 0, String::new()),
            Some(Place::Line { line, column, .. }) => (*line, *column, String::new()),
            Some(Place::Cell { sheet, address }) => {
                let row = address
                    .trim_start_matches(|letter: char| !letter.is_ascii_digit())
                    .parse()
                    .unwrap_or(0);
                let mut sheets = words::SHEETS.iter();
                let sheet_at = sheets.position(|(zh, en, _)| zh == sheet || en == sheet);
                (
                    sheet_at.unwrap_or(words::SHEETS.len()),
                    row,
                    address.clone(),
                )
            }
        }
    }
}

/// Names the place of a path as a person knows it who sees no file.
fn named(path: &[&str]) -> Phrase {
    match path {
        ["columns", header, "choices", word] => Phrase::new(Saying::PlaceOfWord)
            .with("header", *header)
            .with("word", *word),
        ["columns", header, ..] => Phrase::new(Saying::PlaceOfColumn).with("header", *header),
        ["owner_ids", word] => Phrase::new(Saying::PlaceOfOwner).with("word", *word),
        ["constants", word] => Phrase::new(Saying::PlaceOfConstant).with("word", *word),
        ["merge_rows", ..] => Phrase::new(Saying::PlaceOfMerging),
        _ => Phrase::new(Saying::PlaceOfMapping),
    }
}

/// Returns the line and column of a byte of a text.
pub fn place_in(text: &str, byte: usize) -> Place {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |position| position + 1);
    let line_text = text.get(start..).and_then(|rest| rest.lines().next());
    let line_text = line_text.unwrap_or_default().trim();
    let shown: String = if line_text.chars().count() > 100 {
        line_text.chars().take(99).chain(['…']).collect()
    } else {
        line_text.to_owned()
    };
    Place::Line {
        line: before.matches('\n').count() + 1,
        column: before.get(start..).map_or(0, |part| part.chars().count()) + 1,
        text: shown,
    }
}

/// Returns the words that resemble a text most, best first, at most three.
pub fn nearest<'a>(text: &str, words: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = super::header::normalise(text);
    let mut scored: Vec<(f64, &str)> = words
        .into_iter()
        .map(|word| {
            let name = super::header::normalise(word);
            let inside = !name.is_empty()
                && !wanted.is_empty()
                && (name.contains(&wanted) || wanted.contains(&name));
            let likeness = strsim::normalized_damerau_levenshtein(&wanted, &name);
            (if inside { 1.0 + likeness } else { likeness }, word)
        })
        .filter(|(score, _)| *score >= 0.34)
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored.into_iter().take(3).map(|(_, word)| word).collect()
}
