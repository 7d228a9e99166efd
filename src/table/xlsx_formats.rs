//! The number formats of an XLSX workbook's cells, so that a sheet which is written after it looks like it.
//!
//! The invariant: no number is said to have a format that it has not, or `100` in dollars would be shown in yuan. So
//! each number brings the number of its style along ([`Cell::style`]). What a column has is only a look for cells that a
//! person fills later: the format of most of its first numbers.

use std::collections::{BTreeMap, HashMap};

use super::RowReader;
use super::kept::ColumnFormat;
use super::number_format::NumberFormat;
use super::write::NumberCode;
use crate::model::{Cell, CellKind};

/// How many rows decide on the formats of their columns.
const DECIDING_ROWS: usize = 1000;
/// Format numbers that show numbers and texts as they are.
const GENERAL: u32 = 0;
const TEXT: u32 = 49;

/// The number formats of a workbook, by the positions of its cell styles.
#[derive(Default)]
pub(super) struct BookFormats {
    /// The codes that the workbook defines, by their numbers.
    codes: HashMap<u32, (String, NumberFormat)>,
    /// The number of each style's format, and what it shows.
    styles: Vec<(u32, NumberFormat)>,
}

impl BookFormats {
    /// Takes a format that the workbook defines. Those come before the styles.
    pub(super) fn define(&mut self, number: u32, code: String) {
        let format = NumberFormat::of(&code);
        self.codes.insert(number, (code, format));
    }

    /// Takes the next style, with the number of its format.
    pub(super) fn push(&mut self, number: u32) {
        let own = self.codes.get(&number).map(|(_, format)| format.clone());
        let format = own.or_else(|| NumberFormat::built_in(number));
        self.styles.push((number, format.unwrap_or_default()));
    }

    /// Returns how many styles there are.
    pub(super) fn len(&self) -> usize {
        self.styles.len()
    }

    /// Returns what a style shows.
    pub(super) fn get(&self, style: usize) -> Option<&NumberFormat> {
        self.styles.get(style).map(|(_, format)| format)
    }

    /// Returns a style as [`Cell::style`] names it; `None` for one that shows numbers as they are.
    pub(super) fn named(&self, style: usize) -> Option<u16> {
        let (number, _) = self.styles.get(style)?;
        if matches!(*number, GENERAL | TEXT) {
            return None;
        }
        u16::try_from(style).ok()
    }

    fn column_format(&self, number: u32, reads_as: &NumberFormat) -> Option<ColumnFormat> {
        let code = match self.codes.get(&number) {
            Some((code, _)) if code == "General" || code == "@" => return None,
            Some((code, _)) => NumberCode::Code(code.clone()),
            None if matches!(number, GENERAL | TEXT) => return None,
            None => {
                NumberFormat::built_in(number)?;
                NumberCode::BuiltIn(u8::try_from(number).ok()?)
            }
        };
        Some(ColumnFormat::new(code, reads_as.clone()))
    }
}

/// The number formats of a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SheetFormats {
    formats: Vec<ColumnFormat>,
    /// The position of the format of each cell style; `None` for one that shows numbers as they are. Styles that differ
    /// in colour alone have one format.
    of_style: Vec<Option<usize>>,
    /// The format of a column, as far as it has one.
    columns: BTreeMap<u32, usize>,
}

impl SheetFormats {
    /// Returns the formats of a workbook, before any of its sheets is looked at.
    pub(super) fn of_book(book: &BookFormats) -> Self {
        let mut formats: Vec<ColumnFormat> = Vec::new();
        let mut known: BTreeMap<NumberCode, usize> = BTreeMap::new();
        let styles = book.styles.iter().take(1 << u16::BITS);
        let of_style = styles.map(|(number, reads_as)| {
            let format = book.column_format(*number, reads_as)?;
            let position = known.entry(format.code()).or_insert_with(|| {
                formats.push(format);
                formats.len() - 1
            });
            Some(*position)
        });
        Self {
            of_style: of_style.collect(),
            formats,
            columns: BTreeMap::new(),
        }
    }

    /// Returns whether no number of the workbook has a format.
    pub(super) fn is_empty(&self) -> bool {
        self.formats.is_empty()
    }

    /// Gives each column the format of most of its first numbers below the header. Rows that cannot be read cost nothing
    /// but the look.
    pub(super) fn decide_columns(&mut self, rows: &mut dyn RowReader, header_row: u32) {
        let mut seen: BTreeMap<u32, BTreeMap<Option<usize>, u32>> = BTreeMap::new();
        let rows = std::iter::from_fn(|| rows.read_row().ok().flatten());
        let rows = rows.filter(|row| row.number.row > header_row);
        for row in rows.take(DECIDING_ROWS) {
            for cell in row.cells.iter().chain(&row.hidden_zeros) {
                let is_plain = matches!(cell.kind, CellKind::Number | CellKind::Imprecise);
                if is_plain || cell.style.is_some() {
                    let formats = seen.entry(cell.column).or_default();
                    *formats.entry(self.position(cell)).or_default() += 1;
                }
            }
        }
        let most = |formats: BTreeMap<Option<usize>, u32>| {
            let most = formats.into_iter().max_by_key(|(_, count)| *count);
            most.and_then(|(format, _)| format)
        };
        let columns = seen.into_iter();
        self.columns = columns
            .filter_map(|(column, formats)| Some((column, most(formats)?)))
            .collect();
    }

    /// Returns the formats of columns that have one, by the 0-based column.
    pub fn of_columns(&self) -> impl Iterator<Item = (u32, &ColumnFormat)> {
        let columns = self.columns.iter();
        columns.filter_map(|(column, format)| Some((*column, self.formats.get(*format)?)))
    }

    /// Returns the format of a number.
    pub fn of(&self, cell: &Cell) -> Option<&ColumnFormat> {
        self.formats.get(self.position(cell)?)
    }

    fn position(&self, cell: &Cell) -> Option<usize> {
        *self.of_style.get(usize::from(cell.style?))?
    }
}
