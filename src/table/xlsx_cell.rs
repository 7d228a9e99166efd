//! One cell of a worksheet: its value, in the format of its style or of its column.
//!
//! A text is always a string, whatever it looks like. A number that a source held is written in its column's format.

use rust_xlsxwriter::{Format, Formula, Note, Worksheet, XlsxError};

use super::limits::NOTE_UNITS;
use super::styles::{Formats, with_code};
use super::write::{CellFormat, CellStyle, Column, KeptNumber, NumberLook, OutCell, StyledCell};
use super::{cell, fit};
use crate::model::{LONGEST_TEXT, is_error_value, visible};

/// The longest text inside a formula, in UTF-16 units; Excel's limit.
const FORMULA_TEXT_UNITS: usize = 255;
/// One cell on its way into a worksheet.
pub(super) struct CellWriter<'a> {
    pub(super) worksheet: &'a mut Worksheet,
    pub(super) row: u32,
    pub(super) column: u16,
    pub(super) of_column: Option<&'a Column>,
    /// The format of the column's numbers, if a source gave it one.
    pub(super) kept: Option<&'a Format>,
    pub(super) formats: &'a Formats,
    pub(super) cut_cells: &'a mut u64,
}

impl CellWriter<'_> {
    /// Writes the cell in its style. A text that is too long is cut, and counted.
    pub(super) fn write(&mut self, styled: &StyledCell<'_>) -> Result<(), XlsxError> {
        let formats = self.formats.of(styled.style);
        let (row, column) = (self.row, self.column);
        let to = &mut *self.worksheet;
        // A plain cell whose format is that of its column is written without a format.
        let own = (self.of_column).filter(|_| styled.style == CellStyle::Plain);
        let is_like = |cells| own.is_some_and(|column| column.cells == cells);
        match styled.cell {
            OutCell::Blank if styled.style == CellStyle::Plain => {}
            OutCell::Blank => {
                to.write_blank(row, column, &formats.text)?;
            }
            OutCell::Error(text) if is_error_value(text) => {
                // The library writes no cell that holds an error value alone.
                let formula = match text {
                    "#N/A" => "=NA()".to_owned(),
                    _ => format!("={text}"),
                };
                let formula = Formula::new(formula).set_result(text);
                to.write_formula_with_format(row, column, formula, &formats.number)?;
            }
            OutCell::Text(text) | OutCell::Error(text) => {
                let text = fit::fitting(text, LONGEST_TEXT, self.cut_cells);
                // An empty string without a format is not written at all; in Excel such a cell is blank too.
                if own.is_some() && self.kept.is_none() {
                    to.write_string(row, column, text)?;
                } else {
                    to.write_string_with_format(row, column, text, &formats.text)?;
                }
            }
            OutCell::Count(count) if is_like(CellFormat::Count) => {
                to.write_number(row, column, count as f64)?;
            }
            OutCell::Count(count) => {
                to.write_number_with_format(row, column, count as f64, &formats.count)?;
            }
            OutCell::Number(number) if number.is_finite() && is_like(CellFormat::Number) => {
                to.write_number(row, column, number)?;
            }
            OutCell::Number(number) if number.is_finite() => {
                to.write_number_with_format(row, column, number, &formats.number)?;
            }
            OutCell::Number(number) => {
                to.write_string_with_format(row, column, cell::number(number).0, &formats.text)?;
            }
            OutCell::Bool(value) => {
                to.write_boolean_with_format(row, column, value, &formats.number)?;
            }
            OutCell::Kept(kept) => self.write_kept(&kept, styled.style)?,
            OutCell::DateTime(text) => {
                if let Some(date) = fit::date(text) {
                    let (cells, format) = if date.has_time {
                        (CellFormat::DateTime, &formats.date_time)
                    } else {
                        (CellFormat::Date, &formats.date)
                    };
                    if is_like(cells) {
                        to.write_number(row, column, date.serial)?;
                    } else {
                        to.write_number_with_format(row, column, date.serial, format)?;
                    }
                } else {
                    let text = fit::fitting(text, LONGEST_TEXT, self.cut_cells);
                    to.write_string_with_format(row, column, text, &formats.text)?;
                }
            }
            OutCell::Link { text, sheet, cell } => {
                write_link(
                    to,
                    row,
                    column,
                    text,
                    &format!("#'{}'!{cell}", sheet.replace('\'', "''")),
                    &self.formats.link,
                )?;
            }
        }
        Ok(())
    }

    fn write_kept(&mut self, kept: &KeptNumber<'_>, style: CellStyle) -> Result<(), XlsxError> {
        let formats = self.formats.of(style);
        let (row, column, number) = (self.row, self.column, kept.number);
        let to = &mut *self.worksheet;
        let column_code = self
            .of_column
            .and_then(|column| column.number_format.as_ref());
        let format = match (kept.look, kept.code) {
            // A plain cell takes the format of its column.
            (NumberLook::OfSource, Some(code))
                if style == CellStyle::Plain && column_code == Some(code) =>
            {
                to.write_number(row, column, number)?;
                return Ok(());
            }
            (NumberLook::OfSource, Some(code)) => {
                let format = with_code(&formats.number, code);
                to.write_number_with_format(row, column, number, &format)?;
                return Ok(());
            }
            (NumberLook::OfSource | NumberLook::General, _) => &formats.number,
            (NumberLook::Digits, _) => &formats.digits,
            (NumberLook::Date, _) => &formats.date,
            (NumberLook::DateTime, _) => &formats.date_time,
            (NumberLook::Clock, _) => &formats.clock,
        };
        to.write_number_with_format(row, column, number, format)?;
        Ok(())
    }
}

/// Puts a note on a cell, in a size that shows it whole.
pub(super) fn insert_note(
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

/// Writes a link as a `HYPERLINK()` formula. Excel takes any number of these; of real links it takes 65 530, and the
/// library keeps them in memory. Text that no formula can hold is written without a link.
fn write_link(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    location: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let text = fit::fitting(text, LONGEST_TEXT, &mut 0);
    // The library writes a result that looks like a number as a number, which would spoil an id.
    let is_unfit = text.is_empty() || text.parse::<f64>().is_ok();
    if is_unfit
        || [text.as_ref(), location]
            .iter()
            .any(|part| fit::utf16_units(part) > FORMULA_TEXT_UNITS)
    {
        worksheet.write_string(row, column, text)?;
        return Ok(());
    }
    let quoted = |part: &str| part.replace('"', "\"\"");
    let formula = format!("=HYPERLINK(\"{}\",\"{}\")", quoted(location), quoted(&text));
    worksheet.write_formula_with_format(
        row,
        column,
        Formula::new(formula).set_result(text),
        format,
    )?;
    Ok(())
}
