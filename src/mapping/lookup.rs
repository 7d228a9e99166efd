//! A look-up file: the sheet's words, and the value that the CRM takes for each.
//!
//! A file is held in memory as one table, however many columns use it. A word with several meanings is no error of the
//! file, because two people may have one name. A row that uses such a word is an error.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::places::nearest;
use crate::model::{Row, column_letters, folded};

/// The name of the table of owners that exports have shown.
pub const SEEN_OWNERS: &str = "seen owners";

/// The size of the largest table that is searched for the nearest word.
const NEAREST_WORDS: usize = 5000;

/// A look-up table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LookupTable {
    /// The file's name as messages show it.
    pub name: String,
    /// The word as written and its meanings, by folded word.
    #[serde(skip)]
    words: HashMap<String, (String, Vec<String>)>,
    /// The words, folded, that only exports have shown.
    #[serde(skip)]
    seen: HashSet<String>,
}

/// The result of looking a word up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedUp<'a> {
    /// The word has one meaning.
    Meaning(&'a str),
    /// The word has several meanings.
    Several(&'a [String]),
    /// The word is not in the table; holds the nearest words.
    Nothing(Vec<&'a str>),
}

impl LookupTable {
    /// Makes an empty table.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            words: HashMap::new(),
            seen: HashSet::new(),
        }
    }

    /// Adds a word and a meaning.
    pub fn add(&mut self, word: &str, meaning: &str) {
        let entry = self
            .words
            .entry(folded(word))
            .or_insert_with(|| (word.trim().to_owned(), Vec::new()));
        let meaning = meaning.trim();
        if !entry.1.iter().any(|known| known == meaning) {
            entry.1.push(meaning.to_owned());
        }
    }

    /// Adds the first two cells of a row: a word and its meaning. An error holds the address of a cell, and what is
    /// wrong with it.
    pub fn add_row(&mut self, row: &Row) -> Result<(), (String, String)> {
        let [word, meaning] = two_cells(row)?;
        if !word.is_empty() && !meaning.is_empty() {
            self.add(word, meaning);
        }
        Ok(())
    }

    /// Adds the name and the id of an owner, in either order. A row without an id is a header or a remark, and is
    /// passed over.
    pub fn add_owner_row(&mut self, row: &Row) -> Result<(), (String, String)> {
        let [one, other] = two_cells(row)?;
        match (is_owner_id(one), is_owner_id(other)) {
            (true, _) if !other.is_empty() => self.add(other, one),
            (false, true) if !one.is_empty() => self.add(one, other),
            _ => {}
        }
        Ok(())
    }

    /// Adds what exports have shown: words that the table does not have, with meanings that none of its words has. An
    /// owner whose name the table knows has no second name.
    pub(super) fn fill_from(&mut self, seen: &Self) {
        let known: HashSet<&String> = self
            .words
            .values()
            .flat_map(|(_, meanings)| meanings)
            .collect();
        let mut added = Vec::new();
        for (folded, (word, meanings)) in &seen.words {
            let mut new = meanings.clone();
            new.retain(|meaning| !known.contains(meaning));
            if !new.is_empty() && !self.words.contains_key(folded) {
                added.push((folded.clone(), (word.clone(), new)));
            }
        }
        self.seen.extend(added.iter().map(|(word, _)| word.clone()));
        self.words.extend(added);
    }

    /// Returns whether only exports have shown what a word means.
    pub(super) fn is_seen(&self, word: &str) -> bool {
        self.name == SEEN_OWNERS || self.seen.contains(&folded(word))
    }

    /// Looks a word up.
    pub fn find(&self, word: &str) -> LookedUp<'_> {
        match self.words.get(&folded(word)) {
            Some((_, meanings)) => match meanings.as_slice() {
                [meaning] => LookedUp::Meaning(meaning),
                several => LookedUp::Several(several),
            },
            None if self.words.len() <= NEAREST_WORDS => {
                let mut words: Vec<&str> =
                    self.words.values().map(|(word, _)| word.as_str()).collect();
                words.sort_unstable();
                LookedUp::Nothing(nearest(word, words))
            }
            None => LookedUp::Nothing(Vec::new()),
        }
    }

    /// Returns whether a word is in the table.
    pub fn has(&self, word: &str) -> bool {
        self.words.contains_key(&folded(word))
    }

    /// Returns the number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns whether the table has no words.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns words and meanings, sorted, as they are kept with a job.
    pub fn entries(&self) -> Vec<(&str, &[String])> {
        let mut entries: Vec<(&str, &[String])> = self
            .words
            .values()
            .map(|(word, meanings)| (word.as_str(), meanings.as_slice()))
            .collect();
        entries.sort_unstable();
        entries
    }
}

/// Returns whether a text can be the id of an agent or of an open sea: 1 to 20 digits (contract.md).
pub fn is_owner_id(text: &str) -> bool {
    let text = text.trim();
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn two_cells(row: &Row) -> Result<[&str; 2], (String, String)> {
    for cell in row.cells.iter().filter(|cell| cell.column < 2) {
        if cell.kind.is_damaged() {
            let address = format!("{}{}", column_letters(cell.column), row.number.row);
            return Err((address, format!("“{}” is not whole", cell.text)));
        }
    }
    let text = |column| row.cell(column).map_or("", |cell| cell.text.as_str());
    Ok([text(0), text(1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: [&str; 2]) -> Row {
        Row::of_texts(1, cells)
    }

    #[test]
    fn owners_stand_in_either_order_and_may_share_a_name() {
        let mut owners = LookupTable::new("owners.csv");
        for cells in [
            ["姓名", "ID"],
            ["张三", "8310"],
            ["8311", "李四"],
            ["王五", "1"],
            ["王五", "2"],
        ] {
            owners.add_owner_row(&row(cells)).expect("whole cells");
        }
        assert_eq!(owners.len(), 3);
        assert_eq!(owners.find(" 张三 "), LookedUp::Meaning("8310"));
        assert_eq!(owners.find("李四"), LookedUp::Meaning("8311"));
        assert!(matches!(owners.find("王五"), LookedUp::Several(ids) if ids.len() == 2));
        assert_eq!(owners.find("张三(离职)"), LookedUp::Nothing(vec!["张三"]));
    }

    #[test]
    fn an_id_that_a_spreadsheet_cut_is_refused() {
        let mut damaged = row(["张三", "685775343058800000"]);
        damaged.cells[1].kind = crate::model::CellKind::Imprecise;
        let refused = LookupTable::new("x").add_owner_row(&damaged);
        assert_eq!(
            refused.map_err(|(address, _)| address),
            Err("B1".to_owned())
        );
    }

    #[test]
    fn what_exports_have_shown_fills_gaps_alone() {
        let mut owners = LookupTable::new("owners.csv");
        owners.add("张三丰", "8310");
        owners.add("王五", "8312");
        let mut seen = LookupTable::new(SEEN_OWNERS);
        for (name, id) in [
            ("张三", "8310"),
            ("王五", "8319"),
            ("李四", "8311"),
            ("赵六", "8313"),
            ("赵六", "8314"),
        ] {
            seen.add(name, id);
        }
        owners.fill_from(&seen);
        // The same id under an older name, and a name that the file gives to somebody else.
        assert!(matches!(owners.find("张三"), LookedUp::Nothing(_)));
        assert_eq!(owners.find("王五"), LookedUp::Meaning("8312"));
        assert_eq!(owners.find("李四"), LookedUp::Meaning("8311"));
        assert!(matches!(owners.find("赵六"), LookedUp::Several(ids) if ids.len() == 2));
        assert!(owners.is_seen("李四") && !owners.is_seen("王五") && seen.is_seen("王五"));
    }
}
