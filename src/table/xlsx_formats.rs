//! The number formats of an XLSX workbook's cells, so that a sheet which is written after it looks like it.
//!
//! The invariant: no number is said to have a format that it has not, or `100` in dollars would be shown in yuan. So
//! each number brings its own format along ([`Cell::format`]). What a column has is only a look for cells that a person
//! fills later: the format of most of its first numbers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

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

/// The number formats of a workbook.
#[derive(Default)]
pub(super) struct BookFormats {
    /// The codes that the workbook defines, by their numbers, and what they show.
    codes: HashMap<u32, (String, NumberFormat)>,
    /// What each cell style shows, and its format. Styles that differ in colour alone have one format.
    styles: Vec<(NumberFormat, Option<u16>)>,
    /// The formats that do not show numbers as they are, each once.
    formats: Vec<ColumnFormat>,
    known: BTreeMap<NumberCode, u16>,
}

impl BookFormats {
    /// Takes a format that the workbook defines.
    pub(super) fn define(&mut self, number: u32, code: String) {
        let shown = NumberFormat::of(&code);
        self.codes.insert(number, (code, shown));
    }

    /// Takes the next cell style, with the number of its format. A format that is defined later is another one: those of
    /// conditions and tables stand behind the styles, under numbers of their own.
    pub(super) fn push(&mut self, number: u32) {
        let (shown, code) = format_of(number, self.codes.get(&number));
        let format = code.and_then(|code| self.noted(code, &shown));
        self.styles.push((shown, format));
    }

    /// Returns the position of a format; `None` where there are more of them than a cell can name.
    fn noted(&mut self, code: NumberCode, shown: &NumberFormat) -> Option<u16> {
        if let Some(position) = self.known.get(&code) {
            return Some(*position);
        }
        let position = u16::try_from(self.formats.len()).ok()?;
        self.formats
            .push(ColumnFormat::new(code.clone(), shown.clone()));
        self.known.insert(code, position);
        Some(position)
    }

    /// Returns how many cell styles there are.
    pub(super) fn len(&self) -> usize {
        self.styles.len()
    }

    /// Returns what a cell style shows, and its format as [`Cell::format`] names it.
    pub(super) fn get(&self, style: usize) -> (Option<&NumberFormat>, Option<u16>) {
        let style = self.styles.get(style);
        style.map_or((None, None), |(shown, format)| (Some(shown), *format))
    }

    /// Returns the formats for those who write cells.
    pub(super) fn shared(&self) -> Arc<[ColumnFormat]> {
        self.formats.as_slice().into()
    }
}

/// Returns what a format shows, and its name; `None` for one that shows numbers as they are. `own` is what the workbook
/// defines under the number.
fn format_of(
    number: u32,
    own: Option<&(String, NumberFormat)>,
) -> (NumberFormat, Option<NumberCode>) {
    if let Some((code, shown)) = own {
        let is_plain = code == "General" || code == "@";
        let named = (!is_plain).then(|| NumberCode::Code(code.clone()));
        return (shown.clone(), named);
    }
    let Some(shown) = NumberFormat::built_in(number) else {
        return (NumberFormat::default(), None);
    };
    let is_plain = matches!(number, GENERAL | TEXT);
    let named = u8::try_from(number).ok().filter(|_| !is_plain);
    (shown, named.map(NumberCode::BuiltIn))
}

/// The number formats of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct SheetFormats {
    /// The formats of the workbook.
    formats: Arc<[ColumnFormat]>,
    /// The format of a column, as far as it has one.
    columns: BTreeMap<u32, u16>,
}

impl Default for SheetFormats {
    fn default() -> Self {
        Self::of_book(Arc::new([]))
    }
}

impl SheetFormats {
    /// Takes the formats of a workbook, before any of its sheets is looked at.
    pub(super) fn of_book(formats: Arc<[ColumnFormat]>) -> Self {
        Self {
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
        let mut seen: BTreeMap<u32, BTreeMap<Option<u16>, u32>> = BTreeMap::new();
        let rows = std::iter::from_fn(|| rows.read_row().ok().flatten());
        let rows = rows.filter(|row| row.number.row > header_row);
        for row in rows.take(DECIDING_ROWS) {
            for cell in row.cells.iter().chain(&row.hidden_zeros) {
                let is_plain = matches!(cell.kind, CellKind::Number | CellKind::Imprecise);
                if is_plain || cell.format.is_some() {
                    let formats = seen.entry(cell.column).or_default();
                    *formats.entry(cell.format).or_default() += 1;
                }
            }
        }
        let most = |formats: BTreeMap<Option<u16>, u32>| {
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
        columns.filter_map(|(column, format)| Some((*column, self.at(*format)?)))
    }

    /// Returns the format of a cell.
    pub fn of(&self, cell: &Cell) -> Option<&ColumnFormat> {
        self.at(cell.format?)
    }

    fn at(&self, position: u16) -> Option<&ColumnFormat> {
        self.formats.get(usize::from(position))
    }
}
