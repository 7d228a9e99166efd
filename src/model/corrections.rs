//! Cells of a source that a person has corrected, kept beside the untouched file.
//!
//! Where the file is read, a corrected cell stands in place of its own (`table/corrected.rs`). So whoever reads the file
//! with its corrections sees the same cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Cell, Code, LONGEST_TEXT, Problem, Row, column_letters, trimmed};

/// The corrected cells of a file: by position of the sheet in the workbook, row number from 1, and 0-based column.
///
/// A corrected cell is text as a person types it; an empty text makes the cell blank. As JSON they are
/// `{"0": {"B7": "text"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "CorrectionsForm", into = "CorrectionsForm")]
pub struct Corrections {
    cells: Arc<BTreeMap<CellPlace, String>>,
}

/// A cell: sheet, row, column.
type CellPlace = (usize, u32, u32);

/// Corrections as JSON has them: by sheet, the texts by address.
type CorrectionsForm = BTreeMap<usize, BTreeMap<String, String>>;

impl Corrections {
    /// The most cells of a file that can be corrected.
    pub const MOST: usize = 100_000;

    /// Corrects a cell, in place of an earlier correction. Outer spaces are left out. Fails when too many cells are
    /// corrected, and for a text that no cell can hold.
    pub fn correct(
        &mut self,
        sheet: usize,
        row: u32,
        column: u32,
        text: &str,
    ) -> Result<(), Problem> {
        let place = (sheet, row, column);
        let text = trimmed(text).replace("\r\n", "\n").replace('\r', "\n");
        let is_full = self.cells.len() >= Self::MOST && !self.cells.contains_key(&place);
        if is_full || text.encode_utf16().count() > LONGEST_TEXT {
            let problem = Problem::new(Code::TooManyCorrections)
                .with("cell", address(row, column))
                .with("limit", Self::MOST.to_string());
            return Err(problem);
        }
        Arc::make_mut(&mut self.cells).insert(place, text);
        Ok(())
    }

    /// Takes a correction back. Returns whether there was one.
    pub fn take_back(&mut self, sheet: usize, row: u32, column: u32) -> bool {
        let place = (sheet, row, column);
        self.cells.contains_key(&place) && Arc::make_mut(&mut self.cells).remove(&place).is_some()
    }

    /// Returns the text of a corrected cell; `None` where the cell is not corrected.
    pub fn get(&self, sheet: usize, row: u32, column: u32) -> Option<&str> {
        self.cells.get(&(sheet, row, column)).map(String::as_str)
    }

    /// Returns how many cells are corrected.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Returns whether no cell is corrected.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Returns the corrected cells as sheet, row, column and text, in that order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, u32, u32, &str)> {
        let cells = self.cells.iter();
        cells.map(|((sheet, row, column), text)| (*sheet, *row, *column, text.as_str()))
    }

    /// Returns the first corrected row of a sheet behind a row; 0 stands before the first.
    pub fn next_row(&self, sheet: usize, after: u32) -> Option<u32> {
        let first = (sheet, after.checked_add(1)?, 0);
        let mut behind = self.cells.range(first..=(sheet, u32::MAX, u32::MAX));
        behind.next().map(|((_, row, _), _)| *row)
    }

    /// Puts the corrections of a sheet into a row that was read. The row keeps its own cells beside them.
    pub fn apply(&self, sheet: usize, row: &mut Row) {
        let number = row.number.row;
        let own = (sheet, number, 0)..=(sheet, number, u32::MAX);
        for ((_, _, column), text) in self.cells.range(own) {
            row.hidden_zeros.retain(|zero| zero.column != *column);
            let place = row.cells.binary_search_by_key(column, |cell| cell.column);
            let before = match place {
                Ok(at) => row.cells.remove(at),
                Err(_) => Cell::of_text(*column, String::new()),
            };
            row.corrected.push(before);
            if !text.is_empty() {
                let (Ok(at) | Err(at)) = place;
                // A number format is that of the file's own value.
                row.cells.insert(at, Cell::of_text(*column, text.clone()));
            }
        }
    }
}

fn address(row: u32, column: u32) -> String {
    format!("{}{row}", column_letters(column))
}

/// Reads an address such as `B7`: row and 0-based column.
fn place_of(address: &str) -> Option<(u32, u32)> {
    let digits = address.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = address.split_at(digits);
    let column = letters.bytes().try_fold(0_u32, |column, letter| {
        let place = letter.is_ascii_uppercase().then(|| letter - b'A' + 1)?;
        column.checked_mul(26)?.checked_add(u32::from(place))
    })?;
    Some((row.parse().ok()?, column.checked_sub(1)?))
}

impl From<Corrections> for CorrectionsForm {
    fn from(corrections: Corrections) -> Self {
        let mut form = Self::new();
        for (sheet, row, column, text) in corrections.iter() {
            let cells = form.entry(sheet).or_default();
            cells.insert(address(row, column), text.to_owned());
        }
        form
    }
}

impl TryFrom<CorrectionsForm> for Corrections {
    type Error = String;

    fn try_from(form: CorrectionsForm) -> Result<Self, String> {
        let mut cells = BTreeMap::new();
        for (sheet, texts) in form {
            for (address, text) in texts {
                let (row, column) = place_of(&address).ok_or(address)?;
                cells.insert((sheet, row, column), text);
            }
        }
        Ok(Self {
            cells: Arc::new(cells),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_corrected_cells_and_keeps_its_own() {
        let mut corrections = Corrections::default();
        for (row, column, text) in [
            (7, 1, " 官网\r\n x "),
            (7, 0, ""),
            (7, 4, "新"),
            (9, 0, "甲"),
        ] {
            corrections
                .correct(2, row, column, text)
                .expect("corrected");
        }
        let mut row = Row::of_texts(7, ["张三", "官往", "138"]);
        row.hidden_zeros = [3, 4]
            .map(|column| Cell::of_text(column, String::new()))
            .into();
        let mut other = row.clone();
        corrections.apply(2, &mut row);
        let texts = |cells: &[Cell]| -> Vec<(u32, String)> {
            let cells = cells.iter();
            cells.map(|cell| (cell.column, cell.text.clone())).collect()
        };
        let expected = [(1, "官网\n x"), (2, "138"), (4, "新")];
        assert_eq!(
            texts(&row.cells),
            expected.map(|(at, text)| (at, text.into()))
        );
        let own = [(0, "张三"), (1, "官往"), (4, "")];
        assert_eq!(
            texts(&row.corrected),
            own.map(|(at, text)| (at, text.into()))
        );
        assert_eq!(row.hidden_zeros, [Cell::of_text(3, String::new())]);
        let before = other.clone();
        corrections.apply(1, &mut other);
        assert_eq!(other, before);
        let next = [0, 7, 9].map(|after| corrections.next_row(2, after));
        assert_eq!(next, [Some(7), Some(9), None]);
    }

    #[test]
    fn corrections_keep_their_form_and_are_bounded() {
        let mut corrections = Corrections::default();
        corrections.correct(0, 7, 27, "a").expect("corrected");
        let json = serde_json::to_string(&corrections).expect("json");
        assert_eq!(json, r#"{"0":{"AB7":"a"}}"#);
        assert_eq!(
            serde_json::from_str::<Corrections>(&json).ok(),
            Some(corrections.clone())
        );
        for wrong in [
            r#"{"0":{"7":"a"}}"#,
            r#"{"0":{"AB":"a"}}"#,
            r#"{"0":{"a7":"a"}}"#,
        ] {
            assert!(
                serde_json::from_str::<Corrections>(wrong).is_err(),
                "{wrong}"
            );
        }
        assert!(
            corrections
                .correct(0, 8, 0, &"长".repeat(LONGEST_TEXT + 1))
                .is_err()
        );
        for row in 1..Corrections::MOST as u32 {
            corrections.correct(1, row, 0, "b").expect("corrected");
        }
        assert!(corrections.correct(2, 1, 0, "c").is_err());
        corrections
            .correct(0, 7, 27, "again")
            .expect("in place of an earlier one");
        assert!(corrections.take_back(0, 7, 27) && !corrections.take_back(0, 7, 27));
        corrections
            .correct(2, 1, 0, "c")
            .expect("there is room again");
    }
}
