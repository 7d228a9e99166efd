//! Rows on their way into a worksheet: for each cell the value and the format that the library is to write.
//!
//! What can be decided without the worksheet is decided here, ahead of the thread that holds it (`xlsx_pen.rs`). The
//! texts of a batch share one string, so that a cell costs no allocation on its way.
//!
//! A text is always a string, whatever it looks like. A number that a source held is written in its column's format.

use std::ops::Range;

use rust_xlsxwriter::{Format, Formula, Note, Worksheet, XlsxError};

use super::limits::NOTE_UNITS;
use super::styles::{FormatKind, Formats, with_code};
use super::write::{
    CellFormat, CellStyle, Column, KeptNumber, NumberCode, NumberLook, OutCell, StyledCell,
};
use super::{cell, fit};
use crate::model::{LONGEST_TEXT, is_error_value, visible};

/// The longest text inside a formula, in UTF-16 units; Excel's limit.
const FORMULA_TEXT_UNITS: usize = 255;
/// How many rows and bytes of text a batch has when it is full.
const BATCH_ROWS: usize = 128;
const BATCH_BYTES: usize = 128 << 10;

/// A text of a batch.
type Span = Range<usize>;

/// Rows that are to be written, in order.
#[derive(Default)]
pub(super) struct RowBatch {
    texts: String,
    cells: Vec<ReadyCell>,
    rows: Vec<ReadyRow>,
}

/// The cells of a row are those from the end of the row before.
struct ReadyRow {
    number: u32,
    shape: RowShape,
    cells_end: usize,
}

/// What a row has beside its cells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RowShape {
    /// The height in points; `None` for that of every row.
    pub(super) height: Option<f64>,
    pub(super) is_hidden: bool,
}

struct ReadyCell {
    column: u16,
    value: Value,
    look: Look,
}

enum Value {
    Blank,
    Text(Span),
    Number(f64),
    Bool(bool),
    Formula { formula: Span, result: Span },
    Note(Span),
}

/// The format of a cell.
enum Look {
    /// That of the column; looking another one up for every cell would cost as much as writing the cell.
    OfColumn,
    Of(CellStyle, FormatKind),
    Code(CellStyle, NumberCode),
    Link,
}

impl RowBatch {
    /// Returns an empty batch with the room that this one needed.
    pub(super) fn with_its_room(&self) -> Self {
        Self {
            texts: String::with_capacity(self.texts.len()),
            cells: Vec::with_capacity(self.cells.len()),
            rows: Vec::with_capacity(self.rows.len()),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS || self.texts.len() >= BATCH_BYTES
    }

    /// Ends a row, whose cells were pushed.
    pub(super) fn end_row(&mut self, number: u32, shape: RowShape) {
        let cells_end = self.cells.len();
        self.rows.push(ReadyRow {
            number,
            shape,
            cells_end,
        });
    }

    /// Pushes a note on a cell of the row.
    pub(super) fn push_note(&mut self, column: u16, note: &str) {
        let value = Value::Note(self.keep(note));
        self.push_value(column, value, Look::OfColumn);
    }

    /// Pushes a cell of the row. A text that is too long is cut, and counted.
    pub(super) fn push(
        &mut self,
        (column, of_column): (u16, Option<&Column>),
        styled: &StyledCell<'_>,
        cut_cells: &mut u64,
    ) {
        let style = styled.style;
        // A cell whose format is that of its column is written without a format.
        let own = of_column.filter(|column| style == column.usual);
        let look = |cells: CellFormat| {
            if own.is_some_and(|column| column.cells == cells) {
                Look::OfColumn
            } else {
                Look::Of(style, cells.into())
            }
        };
        // An empty string without a format is not written at all; in Excel such a cell is blank too.
        let look_of_text = match own {
            Some(column) if column.number_format.is_none() => Look::OfColumn,
            _ => Look::Of(style, FormatKind::Text),
        };
        let (value, look) = match styled.cell {
            OutCell::Blank if style == CellStyle::Plain || own.is_some() => return,
            OutCell::Blank => (Value::Blank, Look::Of(style, FormatKind::Text)),
            OutCell::Error(text) if is_error_value(text) => {
                // The library writes no cell that holds an error value alone.
                let formula = match text {
                    "#N/A" => "=NA()".to_owned(),
                    _ => format!("={text}"),
                };
                let (formula, result) = (self.keep(&formula), self.keep(text));
                let value = Value::Formula { formula, result };
                (value, Look::Of(style, FormatKind::Number))
            }
            OutCell::Text(text) | OutCell::Error(text) => {
                (self.fitting(text, cut_cells), look_of_text)
            }
            OutCell::Count(count) => (Value::Number(count as f64), look(CellFormat::Count)),
            OutCell::Number(number) if number.is_finite() => {
                (Value::Number(number), look(CellFormat::Number))
            }
            OutCell::Number(number) => {
                let text = self.keep(&cell::number(number).0);
                (Value::Text(text), Look::Of(style, FormatKind::Text))
            }
            OutCell::Bool(value) => (Value::Bool(value), Look::Of(style, FormatKind::Number)),
            OutCell::Kept(kept) => (Value::Number(kept.number), look_of_kept(&kept, style, own)),
            OutCell::DateTime(text) => match fit::date(text) {
                Some(date) if date.has_time => {
                    (Value::Number(date.serial), look(CellFormat::DateTime))
                }
                Some(date) => (Value::Number(date.serial), look(CellFormat::Date)),
                None => {
                    let look = Look::Of(style, FormatKind::Text);
                    (self.fitting(text, cut_cells), look)
                }
            },
            OutCell::Link { text, sheet, cell } => {
                self.link(text, &format!("#'{}'!{cell}", sheet.replace('\'', "''")))
            }
        };
        self.push_value(column, value, look);
    }

    fn push_value(&mut self, column: u16, value: Value, look: Look) {
        self.cells.push(ReadyCell {
            column,
            value,
            look,
        });
    }

    fn keep(&mut self, text: &str) -> Span {
        let from = self.texts.len();
        self.texts.push_str(text);
        from..self.texts.len()
    }

    fn fitting(&mut self, text: &str, cut_cells: &mut u64) -> Value {
        Value::Text(self.keep(&fit::fitting(text, LONGEST_TEXT, cut_cells)))
    }

    /// Returns a link as a `HYPERLINK()` formula. Excel takes any number of these; of real links it takes 65 530, and
    /// the library keeps them in memory. Text that no formula can hold is written without a link.
    fn link(&mut self, text: &str, location: &str) -> (Value, Look) {
        let text = fit::fitting(text, LONGEST_TEXT, &mut 0);
        // The library writes a result that looks like a number as a number, which would spoil an id.
        let is_unfit = text.is_empty() || text.parse::<f64>().is_ok();
        let is_long = |part: &str| fit::utf16_units(part) > FORMULA_TEXT_UNITS;
        if is_unfit || is_long(&text) || is_long(location) {
            return (Value::Text(self.keep(&text)), Look::OfColumn);
        }
        let quoted = |part: &str| part.replace('"', "\"\"");
        let formula = format!("=HYPERLINK(\"{}\",\"{}\")", quoted(location), quoted(&text));
        let (formula, result) = (self.keep(&formula), self.keep(&text));
        (Value::Formula { formula, result }, Look::Link)
    }

    /// Writes the rows into a worksheet.
    pub(super) fn write(&self, to: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
        let mut cells = self.cells.iter();
        let mut done = 0;
        for row in &self.rows {
            if row.shape.is_hidden {
                to.set_row_hidden(row.number)?;
            }
            if let Some(height) = row.shape.height {
                to.set_row_height(row.number, height)?;
            }
            for cell in cells.by_ref().take(row.cells_end - done) {
                self.write_cell(to, (row.number, cell.column), cell, formats)?;
            }
            done = row.cells_end;
        }
        Ok(())
    }

    fn write_cell(
        &self,
        to: &mut Worksheet,
        (row, column): (u32, u16),
        cell: &ReadyCell,
        formats: &Formats,
    ) -> Result<(), XlsxError> {
        let text = |span: &Span| self.texts.get(span.clone()).unwrap_or_default();
        let of_code;
        let format: Option<&Format> = match &cell.look {
            Look::OfColumn => None,
            Look::Of(style, kind) => Some(formats.of(*style, *kind)),
            Look::Code(style, code) => {
                of_code = with_code(formats.of(*style, FormatKind::Number), code);
                Some(&of_code)
            }
            Look::Link => Some(&formats.link),
        };
        match (&cell.value, format) {
            (Value::Note(span), _) => insert_note(to, row, column, text(span))?,
            (Value::Text(span), None) => drop(to.write_string(row, column, text(span))?),
            (Value::Text(span), Some(format)) => {
                to.write_string_with_format(row, column, text(span), format)?;
            }
            (Value::Number(number), None) => drop(to.write_number(row, column, *number)?),
            (Value::Number(number), Some(format)) => {
                to.write_number_with_format(row, column, *number, format)?;
            }
            (_, None) => {}
            (Value::Blank, Some(format)) => drop(to.write_blank(row, column, format)?),
            (Value::Bool(value), Some(format)) => {
                to.write_boolean_with_format(row, column, *value, format)?;
            }
            (Value::Formula { formula, result }, Some(format)) => {
                let formula = Formula::new(text(formula)).set_result(text(result));
                to.write_formula_with_format(row, column, formula, format)?;
            }
        }
        Ok(())
    }
}

fn look_of_kept(kept: &KeptNumber<'_>, style: CellStyle, own: Option<&Column>) -> Look {
    let kind = match (kept.look, kept.code) {
        (NumberLook::OfSource, Some(code)) => {
            // A cell of the usual style takes the format of its column.
            let of_column = own.and_then(|column| column.number_format.as_ref());
            return if of_column == Some(code) {
                Look::OfColumn
            } else {
                Look::Code(style, code.clone())
            };
        }
        (NumberLook::OfSource | NumberLook::General, _) => FormatKind::Number,
        (NumberLook::Digits, _) => FormatKind::Digits,
        (NumberLook::Date, _) => FormatKind::Date,
        (NumberLook::DateTime, _) => FormatKind::DateTime,
        (NumberLook::Clock, _) => FormatKind::Clock,
    };
    Look::Of(style, kind)
}

/// Puts a note on a cell, in a size that shows it whole.
fn insert_note(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
) -> Result<(), XlsxError> {
    let text = visible(text);
    let text = fit::fitting(&text, NOTE_UNITS, &mut 0);
    let (width, height) = fit::note_size(&text);
    let note = Note::new(text)
        .add_author_prefix(false)
        .set_width(width)
        .set_height(height);
    worksheet.insert_note(row, column, &note)?;
    Ok(())
}
