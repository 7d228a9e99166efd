//! Rows of a spreadsheet: texts, with what is known about each cell.
//!
//! Rows are sparse: a blank cell is not in the list at all. A sheet with 16 384 columns and one filled
//! cell costs one cell, whatever its claimed dimension.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::number_text::number_text;

/// The number of a source row as a person sees it: the sheet (0 for the first that is read, and for CSV) and the
/// 1-based row number that the spreadsheet program shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowNumber {
    /// Position of the sheet among the sheets that are read, from 0.
    pub sheet: u16,
    /// Row number from 1, header and blank rows counted.
    pub row: u32,
}

impl RowNumber {
    /// Makes the number of a row of the first (or only) sheet.
    pub fn new(row: u32) -> Self {
        Self { sheet: 0, row }
    }

    /// Returns one integer in source order, for use as a database key.
    pub fn to_key(self) -> i64 {
        (i64::from(self.sheet) << 32) | i64::from(self.row)
    }

    /// Reads a database key; the inverse of [`RowNumber::to_key`].
    pub fn from_key(key: i64) -> Self {
        Self {
            sheet: (key >> 32) as u16,
            row: (key & 0xFFFF_FFFF) as u32,
        }
    }
}

/// A number as a spreadsheet stores it, behind the text that its number format shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredNumber(u64);

impl StoredNumber {
    /// Keeps a number of at most 15 significant digits.
    pub fn new(value: f64) -> Self {
        // 0 and -0 are one number.
        Self((value + 0.0).to_bits())
    }

    /// Returns the number.
    pub fn value(self) -> f64 {
        f64::from_bits(self.0)
    }

    /// Returns the number as text, as it would be shown without a format.
    pub fn text(self) -> String {
        number_text(self.value())
    }
}

/// What the spreadsheet says about a cell beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text, or any cell of a CSV file.
    Text,
    /// A number whose text is exact: at most 15 significant digits, no `.0`.
    Number,
    /// A number whose format shows something else: words, or letters around the digits. The text is what a person sees.
    Shown(StoredNumber),
    /// A number, a date or a text whose format shows something else, and it is not sure what, or nothing. The text is
    /// what is stored.
    Obscured,
    /// A numeric cell of more than 15 digits: the spreadsheet has lost its last digits.
    Imprecise,
    /// A date or a date with time; the text is `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss`.
    Date,
    /// A time of day or a duration without a date; the text is `HH:mm:ss`.
    Time,
    /// A boolean; the text is `TRUE` or `FALSE`.
    Bool,
    /// An error value such as `#N/A`; the text is that value.
    Error,
    /// A formula whose value nobody has calculated; the text is [`UNCALCULATED`](super::UNCALCULATED).
    Uncalculated,
}

impl CellKind {
    /// Returns whether the spreadsheet had lost the value before ferry saw the cell.
    pub fn is_damaged(self) -> bool {
        matches!(self, Self::Imprecise | Self::Error | Self::Uncalculated)
    }
}

/// A cell. Those of a row are not blank; a hidden zero, and a blank cell that a person has corrected, have no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// 0-based column.
    pub column: u32,
    /// The text that a person sees, trimmed (see `table::cell`).
    pub text: String,
    /// What the spreadsheet says about the cell.
    pub kind: CellKind,
    /// The position of the cell's number format in its workbook (`SheetFormats` in `table`). Only numbers, dates and
    /// obscured cells of an XLSX file name theirs, unless it shows numbers as they are.
    pub format: Option<u16>,
}

impl Cell {
    /// Makes a cell of text.
    pub fn of_text(column: u32, text: String) -> Self {
        Self {
            column,
            text,
            kind: CellKind::Text,
            format: None,
        }
    }

    /// Returns the same cell as one that shows a number as it is.
    fn of_number(&self, number: StoredNumber) -> Self {
        Self {
            text: number.text(),
            kind: CellKind::Number,
            ..*self
        }
    }
}

/// One row that holds at least one cell, or held one before it was corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row's number.
    pub number: RowNumber,
    /// Its cells that are not blank, in ascending column order.
    pub cells: Vec<Cell>,
    /// The number of cells of a CSV record that has more or fewer than the header.
    pub ragged: Option<u32>,
    /// The cells of a CSV record that span several lines of the file.
    pub spans: Vec<LineSpan>,
    /// The cells that hold 0 and whose number format shows nothing for it: blank to a person, and 0 where a number is
    /// asked for. They have no text.
    pub hidden_zeros: Vec<Cell>,
    /// The cells that a person has corrected, as the file has them, in column order: a blank one has no text. What
    /// stands in their place is among the cells.
    pub corrected: Vec<Cell>,
}

/// A quoted cell of a CSV record that spans several lines: text with line breaks, or rows that a stray quote has
/// hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineSpan {
    /// 0-based column.
    pub column: u32,
    /// The line of the file, from 1, in which the cell's quote opens.
    pub line: u64,
    /// Whether the cell's text contains the delimiter of the file.
    pub holds_delimiter: bool,
    /// Whether the lines of the cell look like whole rows of the file.
    pub holds_rows: bool,
}

impl Row {
    /// Returns the cell in a 0-based column, if it is not blank.
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        let position = self
            .cells
            .binary_search_by_key(&column, |cell| cell.column)
            .ok()?;
        self.cells.get(position)
    }

    /// Returns the cell that the file has in a column, if a person has corrected it.
    pub fn was(&self, column: u32) -> Option<&Cell> {
        self.corrected.iter().find(|cell| cell.column == column)
    }

    /// Returns the cells with what they store in the columns of numbers, and with what they show in all others.
    pub fn with_numbers(&self, is_number: impl Fn(u32) -> bool) -> Cow<'_, [Cell]> {
        let stored = |cell: &Cell| match cell.kind {
            CellKind::Shown(number) if is_number(cell.column) => Some(number),
            _ => None,
        };
        let zeros = self.hidden_zeros.iter();
        let mut zeros = zeros.filter(|zero| is_number(zero.column)).peekable();
        if zeros.peek().is_none() && !self.cells.iter().any(|cell| stored(cell).is_some()) {
            return Cow::Borrowed(&self.cells);
        }
        let cells = self.cells.iter().map(|cell| match stored(cell) {
            Some(number) => cell.of_number(number),
            None => cell.clone(),
        });
        let zeros = zeros.map(|zero| zero.of_number(StoredNumber::new(0.0)));
        let mut cells: Vec<Cell> = cells.chain(zeros).collect();
        cells.sort_by_key(|cell| cell.column);
        Cow::Owned(cells)
    }
}

#[cfg(test)]
impl Row {
    /// Makes a row of text cells from the first column on; an empty text is a blank cell.
    pub fn of_texts<'a>(number: u32, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let cells = texts.into_iter().zip(0..);
        Self {
            number: RowNumber::new(number),
            cells: cells
                .filter(|(text, _)| !text.is_empty())
                .map(|(text, column)| Cell::of_text(column, text.to_owned()))
                .collect(),
            ragged: None,
            spans: Vec::new(),
            hidden_zeros: Vec::new(),
            corrected: Vec::new(),
        }
    }
}

/// Returns the letters of a 0-based column, as spreadsheets name it: 0 is `A`, 26 is `AA`.
pub fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_follow_the_spreadsheet() {
        for (column, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (701, "ZZ"),
            (702, "AAA"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_letters(column), letters);
        }
    }

    #[test]
    fn columns_of_numbers_have_what_their_cells_store() {
        let mut row = Row::of_texts(2, ["甲", "男", "x"]);
        row.cells[1].kind = CellKind::Shown(StoredNumber::new(1.0));
        row.hidden_zeros = vec![
            Cell::of_text(0, String::new()),
            Cell::of_text(3, String::new()),
        ];
        let texts = |columns: &[u32]| -> Vec<String> {
            let cells = row.with_numbers(|column| columns.contains(&column));
            cells
                .iter()
                .map(|cell| format!("{}{}", cell.column, cell.text))
                .collect()
        };
        assert_eq!(texts(&[]), ["0甲", "1男", "2x"]);
        assert_eq!(texts(&[2]), ["0甲", "1男", "2x"]);
        assert_eq!(texts(&[1]), ["0甲", "11", "2x"]);
        assert_eq!(texts(&[1, 3]), ["0甲", "11", "2x", "30"]);
    }

    #[test]
    fn row_numbers_keep_their_order_as_keys() {
        let rows = [
            RowNumber::new(1),
            RowNumber::new(u32::MAX),
            RowNumber { sheet: 1, row: 1 },
        ];
        assert!(
            rows.windows(2)
                .all(|pair| pair[0].to_key() < pair[1].to_key())
        );
        assert!(
            rows.iter()
                .all(|row| RowNumber::from_key(row.to_key()) == *row)
        );
    }
}
