//! Rows on their way into a worksheet: for each cell the value and the format that the library is to write.
//!
//! What can be decided without the worksheet is decided here, ahead of the thread that holds it (`xlsx_pen.rs`). The
//! texts of a batch share one string, so that most cells cost no allocation.
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
/// How many rows, cells or bytes of text fill a batch.
const BATCH_ROWS: usize = 128;
const BATCH_CELLS: usize = 8192;
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
    value: ReadyValue,
}

/// A value with its format. A text or a number without one has that of its column: looking another one up for every
/// cell would cost as much as writing the cell.
enum ReadyValue {
    Blank(CellLook),
    Text(Span, Option<CellLook>),
    Number(f64, Option<CellLook>),
    Bool(bool, CellLook),
    Formula {
        formula: Span,
        result: Span,
        look: CellLook,
    },
    Note(Span),
}

/// The format of a cell.
enum CellLook {
    Of(CellStyle, FormatKind),
    Code(CellStyle, NumberCode),
    Link,
}

impl RowBatch {
    /// Returns an empty batch with room for what this one holds.
    pub(super) fn next(&self) -> Self {
        Self {
            texts: String::with_capacity(self.texts.len()),
            cells: Vec::with_capacity(self.cells.len()),
            rows: Vec::with_capacity(self.rows.len()),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_ROWS
            || self.cells.len() >= BATCH_CELLS
            || self.texts.len() >= BATCH_BYTES
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
        let value = ReadyValue::Note(self.keep(note));
        self.cells.push(ReadyCell { column, value });
    }

    /// Pushes a cell of the row, which stands in `of_column`. A text that is too long is cut, and counted.
    pub(super) fn push(
        &mut self,
        column: u16,
        of_column: Option<&Column>,
        styled: &StyledCell<'_>,
        cut_cells: &mut u64,
    ) {
        let style = styled.style;
        let own = of_column.filter(|column| style == column.usual);
        let look = |cells: CellFormat| {
            let is_own = own.is_some_and(|column| column.cells == cells);
            (!is_own).then(|| CellLook::Of(style, cells.into()))
        };
        let as_text = CellLook::Of(style, FormatKind::Text);
        let as_number = CellLook::Of(style, FormatKind::Number);
        let value = match styled.cell {
            OutCell::Blank if style == CellStyle::Plain || own.is_some() => return,
            OutCell::Blank => ReadyValue::Blank(as_text),
            OutCell::Error(text) if is_error_value(text) => {
                // The library writes no cell that holds an error value alone.
                let formula = match text {
                    "#N/A" => "=NA()".to_owned(),
                    _ => format!("={text}"),
                };
                ReadyValue::Formula {
                    formula: self.keep(&formula),
                    result: self.keep(text),
                    look: as_number,
                }
            }
            OutCell::Text(text) | OutCell::Error(text) => {
                let text = self.keep(&fit::fitting(text, LONGEST_TEXT, cut_cells));
                // An empty string without a format is not written at all; in Excel such a cell is blank too.
                let is_own = own.is_some_and(|column| column.number_format.is_none());
                ReadyValue::Text(text, (!is_own).then_some(as_text))
            }
            OutCell::Count(count) => ReadyValue::Number(count as f64, look(CellFormat::Count)),
            OutCell::Number(number) if number.is_finite() => {
                ReadyValue::Number(number, look(CellFormat::Number))
            }
            OutCell::Number(number) => {
                ReadyValue::Text(self.keep(&cell::number(number).0), Some(as_text))
            }
            OutCell::Bool(value) => ReadyValue::Bool(value, as_number),
            OutCell::Kept(kept) => ReadyValue::Number(kept.number, look_of_kept(&kept, style, own)),
            OutCell::DateTime(text) => match fit::date(text) {
                Some(date) if date.has_time => {
                    ReadyValue::Number(date.serial, look(CellFormat::DateTime))
                }
                Some(date) => ReadyValue::Number(date.serial, look(CellFormat::Date)),
                None => {
                    let text = self.keep(&fit::fitting(text, LONGEST_TEXT, cut_cells));
                    ReadyValue::Text(text, Some(as_text))
                }
            },
            OutCell::Link { text, sheet, cell } => {
                self.link(text, &format!("#'{}'!{cell}", sheet.replace('\'', "''")))
            }
        };
        self.cells.push(ReadyCell { column, value });
    }

    fn keep(&mut self, text: &str) -> Span {
        let from = self.texts.len();
        self.texts.push_str(text);
        from..self.texts.len()
    }

    /// Returns a link as a `HYPERLINK()` formula. Excel takes any number of these; of real links it takes 65 530, and
    /// the library keeps them in memory. Text that no formula can hold is written without a link.
    fn link(&mut self, text: &str, location: &str) -> ReadyValue {
        let text = fit::fitting(text, LONGEST_TEXT, &mut 0);
        // The library writes a result that looks like a number as a number, which would spoil an id.
        let is_unfit = text.is_empty() || text.parse::<f64>().is_ok();
        let is_long = |part: &str| fit::utf16_units(part) > FORMULA_TEXT_UNITS;
        if is_unfit || is_long(&text) || is_long(location) {
            return ReadyValue::Text(self.keep(&text), None);
        }
        let quoted = |part: &str| part.replace('"', "\"\"");
        let formula = format!("=HYPERLINK(\"{}\",\"{}\")", quoted(location), quoted(&text));
        ReadyValue::Formula {
            formula: self.keep(&formula),
            result: self.keep(&text),
            look: CellLook::Link,
        }
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
                self.write_cell(to, row.number, cell, formats)?;
            }
            done = row.cells_end;
        }
        Ok(())
    }

    fn write_cell(
        &self,
        to: &mut Worksheet,
        row: u32,
        cell: &ReadyCell,
        formats: &Formats,
    ) -> Result<(), XlsxError> {
        let column = cell.column;
        let text = |span: &Span| self.texts.get(span.clone()).unwrap_or_default();
        match &cell.value {
            ReadyValue::Text(span, None) => {
                to.write_string(row, column, text(span))?;
            }
            ReadyValue::Text(span, Some(look)) => look.with(formats, |format| {
                to.write_string_with_format(row, column, text(span), format)
            })?,
            ReadyValue::Number(number, None) => {
                to.write_number(row, column, *number)?;
            }
            ReadyValue::Number(number, Some(look)) => look.with(formats, |format| {
                to.write_number_with_format(row, column, *number, format)
            })?,
            ReadyValue::Blank(look) => {
                look.with(formats, |format| to.write_blank(row, column, format))?;
            }
            ReadyValue::Bool(value, look) => look.with(formats, |format| {
                to.write_boolean_with_format(row, column, *value, format)
            })?,
            ReadyValue::Formula {
                formula,
                result,
                look,
            } => look.with(formats, |format| {
                let formula = Formula::new(text(formula)).set_result(text(result));
                to.write_formula_with_format(row, column, formula, format)
            })?,
            ReadyValue::Note(span) => insert_note(to, row, column, text(span))?,
        }
        Ok(())
    }
}

impl CellLook {
    /// Writes a cell in the format.
    fn with<T>(
        &self,
        formats: &Formats,
        write: impl FnOnce(&Format) -> Result<T, XlsxError>,
    ) -> Result<(), XlsxError> {
        let written = match self {
            Self::Of(style, kind) => write(formats.of(*style, *kind)),
            Self::Code(style, code) => {
                write(&with_code(formats.of(*style, FormatKind::Number), code))
            }
            Self::Link => write(&formats.link),
        };
        written.map(drop)
    }
}

/// Returns the format of a number that a source held; `None` for that of its column.
fn look_of_kept(kept: &KeptNumber<'_>, style: CellStyle, own: Option<&Column>) -> Option<CellLook> {
    let kind = match (kept.look, kept.code) {
        (NumberLook::OfSource, Some(code)) => {
            let of_column = own.and_then(|column| column.number_format.as_ref());
            return (of_column != Some(code)).then(|| CellLook::Code(style, code.clone()));
        }
        (NumberLook::OfSource | NumberLook::General, _) => FormatKind::Number,
        (NumberLook::Digits, _) => FormatKind::Digits,
        (NumberLook::Date, _) => FormatKind::Date,
        (NumberLook::DateTime, _) => FormatKind::DateTime,
        (NumberLook::Clock, _) => FormatKind::Clock,
    };
    Some(CellLook::Of(style, kind))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_bounded_by_rows_cells_and_bytes() {
        let many = |cells: u16, text: &str| {
            let mut batch = RowBatch::default();
            let mut rows = 0;
            while !batch.is_full() {
                for column in 0..cells {
                    let cell = match text {
                        "" => OutCell::Number(0.5),
                        text => OutCell::Text(text),
                    };
                    batch.push(column, None, &StyledCell::plain(cell), &mut 0);
                }
                batch.end_row(rows, RowShape::default());
                rows += 1;
            }
            rows as usize
        };
        assert_eq!(many(10, "a"), BATCH_ROWS);
        assert_eq!(many(4096, ""), BATCH_CELLS / 4096);
        assert_eq!(many(1, &"长".repeat(10_000)), BATCH_BYTES.div_ceil(30_000));
    }
}
