//! The form parts of an XLSX sheet: drop-downs, checks of dates and numbers, notes and texts that can be read whole.
//!
//! A rule reaches from the first row below the heading to the last row of the sheet. A title beyond Excel's 32 units,
//! or a message or list beyond 255, is an error of the library, never a workbook that Excel has to repair.

use rust_xlsxwriter::{
    ConditionalFormatFormula, DataValidation, DataValidationErrorStyle, DataValidationRule,
    ExcelDateTime, Formula, Note, Worksheet, XlsxError,
};

use super::fit;
use super::limits::{LAST_ROW, NOTE_UNITS};
use super::styles;
use super::write::{Allowed, CellStyle, Column, EntryRule, OutCell, StyledCell};
use crate::model::visible;

/// The largest number of 15 digits: the 16th would be lost.
const LARGEST_NUMBER: f64 = 999_999_999_999_999.0;
const NOTE_WIDTH: u32 = 300;
const NOTE_LINE_HEIGHT: u32 = 20;
/// How many units of text a line of a note holds; a Chinese character takes two.
const NOTE_LINE_UNITS: usize = 42;
const CELL_LINE_HEIGHT: f64 = 16.0;
/// Excel's limit for the height of a row.
const LARGEST_HEIGHT: f64 = 409.0;

/// Adds a rule to a column: the program refuses other entries, or warns of them.
pub(super) fn add_rule(
    worksheet: &mut Worksheet,
    column: u16,
    rule: &EntryRule,
) -> Result<(), XlsxError> {
    let any = DataValidation::new();
    let validation = match &rule.allowed {
        Allowed::Words(words) => any.allow_list_strings(words)?,
        Allowed::WordsOf(formula) => any.allow_list_formula(Formula::new(formula.as_str())),
        Allowed::Date => {
            let first = ExcelDateTime::from_ymd(1900, 1, 1)?;
            let end = ExcelDateTime::from_ymd(9999, 12, 31)?;
            any.allow_date(DataValidationRule::Between(first, end))
        }
        Allowed::Number => {
            any.allow_decimal_number(DataValidationRule::Between(-LARGEST_NUMBER, LARGEST_NUMBER))
        }
    };
    let style = if rule.only_warns {
        DataValidationErrorStyle::Warning
    } else {
        DataValidationErrorStyle::Stop
    };
    let validation = validation
        .set_error_style(style)
        .set_error_title(rule.title.as_str())?
        .set_error_message(rule.message.as_str())?;
    worksheet.add_data_validation(1, column, LAST_ROW - 1, column, &validation)?;
    Ok(())
}

/// Makes the cells of a column amber as long as a formula is true.
pub(super) fn add_amber(
    worksheet: &mut Worksheet,
    column: u16,
    formula: &str,
) -> Result<(), XlsxError> {
    let rule = ConditionalFormatFormula::new()
        .set_rule(Formula::new(formula))
        .set_format(styles::amber());
    worksheet.add_conditional_format(1, column, LAST_ROW - 1, column, &rule)?;
    Ok(())
}

/// Folds the columns away that are grouped; each run of them is one group.
pub(super) fn fold_columns(worksheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    let mut number = 0_u16;
    for run in columns.chunk_by(|one, other| one.folded == other.folded) {
        let next = number + run.len() as u16;
        if run.first().is_some_and(|column| column.folded) {
            worksheet.group_columns_collapsed(number, next - 1)?;
        }
        number = next;
    }
    Ok(())
}

/// Puts a note on a heading, large enough for its text.
pub(super) fn insert_note(
    worksheet: &mut Worksheet,
    column: u16,
    text: &str,
) -> Result<(), XlsxError> {
    let text = visible(text);
    let text = fit::fitting(&text, NOTE_UNITS, &mut 0);
    let height = lines(&text, NOTE_LINE_UNITS).min(30) * NOTE_LINE_HEIGHT + 14;
    let note = Note::new(text)
        .add_author_prefix(false)
        .set_width(NOTE_WIDTH)
        .set_height(height);
    worksheet.insert_note(0, column, &note)?;
    Ok(())
}

/// Returns the height, in points, of a row with running text, so that its wrapped text is shown whole; `None` for a row
/// without. Some programs show a row without a height as one line.
pub(super) fn prose_height(cells: &[StyledCell<'_>], columns: &[Column]) -> Option<f64> {
    let prose = cells.iter().zip(columns).filter_map(|(styled, column)| {
        let OutCell::Text(text) = styled.cell else {
            return None;
        };
        let is_prose = styled.style == CellStyle::Prose;
        is_prose.then(|| lines(text, column.width as usize))
    });
    let height = f64::from(prose.max()?) * CELL_LINE_HEIGHT;
    Some(height.min(LARGEST_HEIGHT))
}

/// Returns how many lines of `width` units a text takes; a Chinese character takes two units.
fn lines(text: &str, width: usize) -> u32 {
    let units = |line: &str| -> usize {
        let letters = line.chars();
        letters
            .map(|letter| 1 + usize::from(!letter.is_ascii()))
            .sum()
    };
    let lines = text
        .lines()
        .map(|line| units(line).div_ceil(width.max(1)).max(1));
    u32::try_from(lines.sum::<usize>()).unwrap_or(u32::MAX)
}
