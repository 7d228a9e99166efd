//! Corrections that reach no row that is read. They are an error, so that none is lost unsaid.

use crate::job::error::JobError;
use crate::model::{Code, Fact, Problem, column_letters};
use crate::table::Workbook;

/// How many cells are named.
const NAMED: usize = 5;

/// Fails if a correction of the workbook is lost. `is_lost` tells that of a row, by the sheet's position in the workbook
/// and the row's number.
pub(crate) fn refuse_lost(
    workbook: &Workbook,
    is_lost: impl Fn(usize, u32) -> bool,
) -> Result<(), JobError> {
    let sheets = workbook.sheets();
    let corrections = workbook.corrections().iter();
    let lost = corrections.filter(|(sheet, row, ..)| is_lost(*sheet, *row));
    let lost: Vec<String> = lost
        .map(|(sheet, row, column, _)| {
            let cell = format!("{}{row}", column_letters(column));
            match sheets.get(sheet) {
                Some(sheet) if sheets.len() > 1 => format!("{}!{cell}", sheet.name),
                _ => cell,
            }
        })
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    let named = lost.iter().take(NAMED).map(String::as_str);
    let problem = Problem::new(Code::CorrectionWithoutRow).with("cells", Fact::list(named));
    Err(JobError::Input(vec![match lost.len() {
        0..=NAMED => problem,
        many => problem.with("more", (many - NAMED).to_string()),
    }]))
}
